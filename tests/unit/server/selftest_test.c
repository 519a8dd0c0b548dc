/* When channels are asked whether they are well, and what is remembered of it. */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"

#include "base/err.h"
#include "model/names.h"
#include "plug/env.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/selftest.h"
#include "server/stats.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script pager;
	struct vs_outbox *outbox;
	struct vs_state_backend state;
	char kept[64]; /* of the pager; "": nothing */
	unsigned asked;
	bool unwell;
	unsigned broken;
	unsigned mended;
};

static struct fixture *fixture; /* whose port is asked */

static const char *get(void *arg, const char *owner, const char *key)
{
	struct fixture *f = arg;

	assert_string_equal(owner, "server/selftest");
	return strcmp(key, "pager") == 0 && f->kept[0] != '\0' ? f->kept : NULL;
}

static int put(void *arg, const char *owner, const char *key, const char *text)
{
	struct fixture *f = arg;

	(void)owner;
	assert_string_equal(key, "pager");
	snprintf(f->kept, sizeof(f->kept), "%s", text);
	return 0;
}

static uint64_t self_test(void *target, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg, struct vs_err *err)
{
	struct script *script = target;

	(void)timeout_ms;
	(void)err;
	fixture->asked++;
	script->answer = fixture->unwell ? SCRIPT_DROP : SCRIPT_SENT;
	script->done = done;
	script->arg = arg;
	vs_timer_start(script->timer, 0);
	return 1;
}

static void on_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct fixture *f = arg;

	assert_string_equal(channel, "pager");
	if (broken)
		assert_contains(reason, "the self test failed twice: ");
	f->broken += broken;
	f->mended += !broken;
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	fixture = f;
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	script_init(&f->pager, f->loop, "pager");
	f->pager.port.self_test = self_test;
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_watch(f->outbox, on_broken, f);
	vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
	f->state = (struct vs_state_backend){get, put, f};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	script_fini(&f->pager);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void look(struct fixture *f, struct vs_selftest *selftest)
{
	vs_selftest_look(selftest);
	settle(f->loop);
}

/* The wall goes on alone: what is due is looked for by hand. */
static void go_on(int64_t ms)
{
	fake_now.wall += ms;
}

static void each_channel_is_asked_once_a_day_and_no_oftener_after_restarts(void **state)
{
	struct fixture *f = *state;
	struct vs_selftest *selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);

	look(f, selftest);
	assert_true(strtoll(f->kept, NULL, 10) >= fake_now.wall); /* some time of this day */
	snprintf(f->kept, sizeof(f->kept), "%lld 0", (long long)(fake_now.wall + VS_SELFTEST_EVERY_MS));
	go_on(VS_SELFTEST_EVERY_MS);
	look(f, selftest);
	assert_int_equal(f->asked, 1);
	assert_int_equal(f->pager.count, 0); /* no message */
	for (int restart = 0; restart < 5; restart++) {
		vs_selftest_destroy(selftest);
		selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);
		go_on(HOUR);
		look(f, selftest);
		assert_int_equal(f->asked, 1);
	}
	go_on(VS_SELFTEST_EVERY_MS - 5 * HOUR);
	look(f, selftest);
	look(f, selftest);
	assert_int_equal(f->asked, 2);
	vs_selftest_destroy(selftest);
}

static void a_first_failure_is_asked_again_soon_and_the_second_is_told_until_it_is_well(void **state)
{
	struct fixture *f = *state;
	struct vs_selftest *selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);

	look(f, selftest);
	f->unwell = true;
	go_on(VS_SELFTEST_EVERY_MS);
	look(f, selftest);
	assert_int_equal(f->broken, 0);
	/* A restart between the two forgets neither. */
	vs_selftest_destroy(selftest);
	vs_outbox_restore_test_failures(f->outbox, "pager", 0);
	selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);
	assert_int_equal(vs_outbox_test_failures(f->outbox, "pager"), 1);
	go_on(VS_SELFTEST_AGAIN_MS);
	look(f, selftest);
	assert_int_equal(f->asked, 2);
	assert_int_equal(f->broken, 1);
	go_on(VS_SELFTEST_AGAIN_MS);
	look(f, selftest);
	assert_int_equal(f->asked, 2); /* it is told: a day is soon enough */
	f->unwell = false;
	go_on(VS_SELFTEST_EVERY_MS);
	look(f, selftest);
	assert_int_equal(f->broken, 1);
	assert_int_equal(f->mended, 1);
	assert_int_equal(vs_outbox_test_failures(f->outbox, "pager"), 0);
	vs_selftest_destroy(selftest);
}

static void what_another_clock_planned_or_nobody_wrote_is_planned_anew(void **state)
{
	static const char *const strange[] = {"9223372036854775807 0", "x", "1 2 3", "5", "1 -1", " "};
	struct fixture *f = *state;
	struct vs_selftest *selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);

	for (size_t i = 0; i < COUNT(strange); i++) {
		snprintf(f->kept, sizeof(f->kept), "%s", strange[i]);
		look(f, selftest);
		assert_string_not_equal(f->kept, strange[i]);
		assert_true(strtoll(f->kept, NULL, 10) <= fake_now.wall + VS_SELFTEST_EVERY_MS);
	}
	assert_int_equal(f->asked, 0);
	vs_selftest_destroy(selftest);
}

static void a_channel_that_cannot_be_asked_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct vs_selftest *selftest;
	struct vs_instance_conf conf = f->pager.conf;
	struct vs_channel_port port = f->pager.port;

	port.self_test = NULL;
	vs_outbox_keep(f->outbox, &conf, &port, false);
	selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);
	look(f, selftest);
	for (int day = 0; day < 4; day++) {
		go_on(VS_SELFTEST_EVERY_MS);
		look(f, selftest);
	}
	assert_int_equal(f->asked, 0);
	assert_int_equal(f->broken, 0);
	vs_selftest_destroy(selftest);
	vs_outbox_keep(f->outbox, &f->pager.conf, &f->pager.port, false);
}

static void one_that_is_under_way_at_the_end_hurts_nobody(void **state)
{
	struct fixture *f = *state;
	struct vs_selftest *selftest = vs_selftest_create(f->loop, &fake_clock, f->outbox, &f->state);

	look(f, selftest);
	go_on(VS_SELFTEST_EVERY_MS);
	vs_selftest_look(selftest);
	vs_selftest_destroy(selftest);
	vs_selftest_destroy(NULL);
	settle(f->loop);
	assert_int_equal(f->asked, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_channel_is_asked_once_a_day_and_no_oftener_after_restarts),
		TEST(a_first_failure_is_asked_again_soon_and_the_second_is_told_until_it_is_well),
		TEST(what_another_clock_planned_or_nobody_wrote_is_planned_anew),
		TEST(a_channel_that_cannot_be_asked_is_left_alone),
		TEST(one_that_is_under_way_at_the_end_hurts_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
