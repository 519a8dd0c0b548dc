#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "net/http_deadline.h"

struct log {
	struct vs_http_deadlines deadlines;
	struct vs_http_deadline *order[8];
	enum vs_http_wait waits[8];
	unsigned count;
	unsigned stop_at;
	unsigned again; /* set the first one again so often */
};

static void on_expired(void *arg, struct vs_http_deadline *deadline, enum vs_http_wait wait)
{
	struct log *log = arg;

	assert_int_equal(deadline->wait, VS_HTTP_WAIT_NONE);
	log->order[log->count] = deadline;
	log->waits[log->count++] = wait;
	if (log->again > 0) {
		log->again--;
		vs_http_deadline_set(&log->deadlines, deadline, wait);
	}
	if (log->count == log->stop_at)
		vs_loop_stop(log->deadlines.loop);
}

static void log_open(struct log *log)
{
	*log = (struct log){.deadlines.expired = on_expired};
	log->deadlines.arg = log;
	log->deadlines.duration_ms[VS_HTTP_WAIT_REQUEST] = 30;
	log->deadlines.duration_ms[VS_HTTP_WAIT_IDLE] = 60;
	log->deadlines.duration_ms[VS_HTTP_WAIT_WRITE] = 90;
	vs_http_deadlines_init(&log->deadlines, vs_loop_create());
}

static void log_close(struct log *log)
{
	vs_http_deadlines_fini(&log->deadlines);
	vs_loop_destroy(log->deadlines.loop);
}

static void deadlines_expire_in_order_whatever_the_order_of_setting(void **state)
{
	struct vs_http_deadline a = {0};
	struct vs_http_deadline b = {0};
	struct vs_http_deadline c = {0};
	uint64_t before = vs_mono_ms();
	struct log log;

	(void)state;
	log_open(&log);
	log.stop_at = 3;
	vs_http_deadline_set(&log.deadlines, &c, VS_HTTP_WAIT_WRITE);
	vs_http_deadline_set(&log.deadlines, &a, VS_HTTP_WAIT_REQUEST);
	vs_http_deadline_set(&log.deadlines, &b, VS_HTTP_WAIT_IDLE);
	assert_true(vs_loop_run_for(log.deadlines.loop, 5000));
	assert_ptr_equal(log.order[0], &a);
	assert_ptr_equal(log.order[1], &b);
	assert_ptr_equal(log.order[2], &c);
	assert_int_equal(log.waits[2], VS_HTTP_WAIT_WRITE);
	assert_in_range(vs_mono_ms() - before, 88, 5000);
	log_close(&log);
}

static void a_dropped_or_moved_deadline_does_not_expire_as_it_was(void **state)
{
	struct vs_http_deadline a = {0};
	struct vs_http_deadline b = {0};
	struct log log;

	(void)state;
	log_open(&log);
	vs_http_deadline_set(&log.deadlines, &a, VS_HTTP_WAIT_REQUEST);
	vs_http_deadline_set(&log.deadlines, &b, VS_HTTP_WAIT_REQUEST);
	assert_ptr_equal(vs_http_deadline_first(&log.deadlines, VS_HTTP_WAIT_REQUEST), &a);
	vs_http_deadline_set(&log.deadlines, &a, VS_HTTP_WAIT_IDLE);
	vs_http_deadline_drop(&log.deadlines, &b);
	vs_http_deadline_drop(&log.deadlines, &b);
	assert_null(vs_http_deadline_first(&log.deadlines, VS_HTTP_WAIT_REQUEST));
	assert_false(vs_loop_run_for(log.deadlines.loop, 150));
	assert_int_equal(log.count, 1);
	assert_ptr_equal(log.order[0], &a);
	assert_int_equal(log.waits[0], VS_HTTP_WAIT_IDLE);
	log_close(&log);
}

static void a_deadline_may_be_set_again_when_it_expires(void **state)
{
	struct vs_http_deadline a = {0};
	struct log log;

	(void)state;
	log_open(&log);
	log.again = 2;
	log.stop_at = 3;
	vs_http_deadline_set(&log.deadlines, &a, VS_HTTP_WAIT_REQUEST);
	assert_true(vs_loop_run_for(log.deadlines.loop, 5000));
	assert_false(vs_loop_run_for(log.deadlines.loop, 60));
	assert_int_equal(log.count, 3);
	log_close(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_expire_in_order_whatever_the_order_of_setting),
		cmocka_unit_test(a_dropped_or_moved_deadline_does_not_expire_as_it_was),
		cmocka_unit_test(a_deadline_may_be_set_again_when_it_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
