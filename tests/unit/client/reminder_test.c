/*
 * The whole role while days pass. What reads a clock here, libuv included, reads ours: the true one, and
 * as far ahead as a test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/alloc.h"
#include "base/err.h"
#include "client/client.h"
#include "config/client_conf.h"
#include "model/json.h"
#include "place.h"

#define KEY "a-key-of-16-chars-or-more"
#define WARNING "THE SERVER'S CERTIFICATE IS NOT VERIFIED"
#define DAY 86400
#define PATIENCE 800 /* looks, 10 ms apart, at what must happen */

static _Atomic int64_t ahead; /* seconds */

/* Visible to libuv, which is a library of its own. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *at)
{
	long rc = syscall(SYS_clock_gettime, id, at);

	if (rc == 0 && id != CLOCK_PROCESS_CPUTIME_ID && id != CLOCK_THREAD_CPUTIME_ID)
		at->tv_sec += ahead;
	return (int)rc;
}

struct fixture {
	struct place place;
	struct vs_client_conf conf;
	struct vs_err err;
	size_t told[4]; /* reminders until the start, the last minute of the first day, its end, the second's
			   end */
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	place_init(&f->place);
	ahead = 0;
	/* Nobody listens there. Its rounds make the role look at the clock every second. */
	f->conf = (struct vs_client_conf){
		.state_dir = f->place.folder,
		.client = {.server = "https://127.0.0.1:1",
			.api_path = "/api/v1",
			.key = KEY,
			.id = "office-vpn",
			.insecure = 1,
			.interval_ms = 1000,
			.interval_given = 1,
			.timeout_ms = 500,
			.spool = 1000},
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ahead = 0;
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

/* The log stays: the role is still writing it. */
static size_t times_logged(const struct fixture *f, const char *part)
{
	static char text[65536];
	ssize_t got = pread(f->place.log_fd, text, sizeof(text) - 1, 0);

	text[got < 0 ? 0 : got] = '\0';
	return count_of(text, part);
}

static void pause_shortly(void)
{
	nanosleep(&(const struct timespec){.tv_nsec = 10000000}, NULL);
}

static void await_logged(const struct fixture *f, const char *part, size_t count)
{
	for (int i = 0; i < PATIENCE && times_logged(f, part) < count; i++)
		pause_shortly();
}

/* Two more rounds: whatever was due has fired. */
static void await_rounds(const struct fixture *f)
{
	await_logged(f, "[uplink] attempt", times_logged(f, "[uplink] attempt") + 2);
}

static void *live_two_days(void *arg)
{
	struct fixture *f = arg;

	await_logged(f, "reports to", 1);
	await_rounds(f);
	f->told[0] = times_logged(f, WARNING);
	ahead += DAY - 60;
	await_rounds(f);
	f->told[1] = times_logged(f, WARNING);
	ahead += 60;
	await_logged(f, WARNING, f->told[1] + 1);
	await_rounds(f);
	f->told[2] = times_logged(f, WARNING);
	ahead += DAY;
	await_logged(f, WARNING, f->told[2] + 1);
	await_rounds(f);
	f->told[3] = times_logged(f, WARNING);
	kill(getpid(), SIGTERM);
	return NULL;
}

static void run(struct fixture *f)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, live_two_days, f), 0);
	assert_int_equal(vs_client_run(&f->conf, &f->err), 0);
	pthread_join(thread, NULL);
	assert_true(times_logged(f, "[uplink] attempt") >= 8);
}

static void a_certificate_that_is_not_verified_is_said_at_the_start_and_once_a_day(void **state)
{
	struct fixture *f = *state;

	run(f);
	assert_int_equal(f->told[0], 1);
	assert_int_equal(f->told[1], 1);
	assert_int_equal(f->told[2], 2);
	assert_int_equal(f->told[3], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_certificate_that_is_not_verified_is_said_at_the_start_and_once_a_day, setup,
			teardown),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
