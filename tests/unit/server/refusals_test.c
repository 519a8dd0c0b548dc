/* Refused requests in the log, on a clock that the test turns. */
#include "fake_loop.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "net/http_message.h"
#include "server/refusals.h"

struct scene {
	struct vs_loop *loop;
	struct vs_refusals *refusals;
	struct vs_http_message message;
	int log;
	off_t read; /* of the log */
	char text[65536];
};

static int setup(void **state)
{
	struct scene *scene = vs_zalloc(sizeof(*scene));

	clock_reset();
	scene->log = memfd_create("log", MFD_CLOEXEC);
	assert_true(scene->log >= 0);
	vs_log_setup(VS_LOG_WARN, VS_LOG_HUMAN, scene->log);
	scene->loop = vs_loop_create();
	scene->refusals = vs_refusals_create(scene->loop, fake_mono_ms);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	vs_refusals_destroy(scene->refusals);
	vs_loop_destroy(scene->loop);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	close(scene->log);
	vs_free(scene);
	return 0;
}

static void note(struct scene *scene, const char *from, enum vs_refused why)
{
	scene->message.peer = addr(from);
	vs_refusals_note(scene->refusals, &scene->message.peer, why);
}

/* What was logged since the last look. */
static const char *logged(struct scene *scene)
{
	ssize_t got = pread(scene->log, scene->text, sizeof(scene->text) - 1, scene->read);

	assert_true(got >= 0);
	scene->text[got] = '\0';
	scene->read += got;
	return scene->text;
}

static size_t lines_logged(struct scene *scene)
{
	const char *text = logged(scene);
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

static void the_first_is_told_at_once_and_those_after_it_when_the_minute_is_over(void **state)
{
	struct scene *scene = *state;
	int i;

	note(scene, "198.51.100.7", VS_REFUSED_BAD_CREDENTIALS);
	assert_contains(logged(scene), "1 request from 198.51.100.7 refused: bad credentials\n");
	for (i = 0; i < 3; i++)
		note(scene, "198.51.100.7", VS_REFUSED_BAD_CREDENTIALS);
	advance(scene->loop, MINUTE - 1);
	assert_string_equal(logged(scene), "");
	advance(scene->loop, 1);
	assert_contains(logged(scene), "3 more requests from 198.51.100.7 refused: bad credentials\n");
}

static void several_reasons_are_counted_each(void **state)
{
	struct scene *scene = *state;
	int i;

	note(scene, "2001:db8::1", VS_REFUSED_NO_CREDENTIALS);
	for (i = 0; i < 30; i++)
		note(scene, "2001:db8::1", VS_REFUSED_BAD_CREDENTIALS);
	for (i = 0; i < 4; i++)
		note(scene, "2001:db8::1", VS_REFUSED_LIMITED);
	advance(scene->loop, MINUTE);
	assert_contains(logged(scene),
		"34 more requests from 2001:db8::1 refused: 30 bad credentials, 4 over the rate limit\n");
}

static void an_address_that_goes_on_has_one_line_a_minute_and_a_quiet_one_begins_anew(void **state)
{
	struct scene *scene = *state;
	int minute;
	int i;

	note(scene, "198.51.100.7", VS_REFUSED_FORBIDDEN);
	assert_int_equal(lines_logged(scene), 1);
	for (minute = 0; minute < 5; minute++) {
		for (i = 0; i < 60; i++) {
			note(scene, "198.51.100.7", VS_REFUSED_FORBIDDEN);
			advance(scene->loop, SECOND);
		}
		assert_int_equal(lines_logged(scene), 1);
	}
	advance(scene->loop, 3 * MINUTE);
	assert_int_equal(lines_logged(scene), 0);
	note(scene, "198.51.100.7", VS_REFUSED_FORBIDDEN);
	assert_contains(logged(scene), "1 request from 198.51.100.7 refused: forbidden\n");
}

static void a_flood_from_many_addresses_is_told_as_one(void **state)
{
	struct scene *scene = *state;
	char text[32];
	int i;

	for (i = 0; i < VS_REFUSALS_ADDRESSES + 5000; i++) {
		snprintf(text, sizeof(text), "10.1.%d.%d", i / 256, i % 256);
		note(scene, text, VS_REFUSED_BAD_CREDENTIALS);
	}
	assert_int_equal(lines_logged(scene), VS_REFUSALS_ADDRESSES);
	advance(scene->loop, MINUTE);
	assert_contains(logged(scene), "5000 more requests from other addresses refused: bad credentials\n");
	advance(scene->loop, 2 * MINUTE);
	note(scene, "198.51.100.7", VS_REFUSED_BAD_CREDENTIALS);
	assert_contains(logged(scene), "1 request from 198.51.100.7 refused");
}

static void the_unix_socket_has_no_address(void **state)
{
	struct scene *scene = *state;

	scene->message.is_unix = true;
	vs_refusals_note(scene->refusals, &scene->message.peer, VS_REFUSED_UNAVAILABLE);
	assert_contains(
		logged(scene), "1 request from the unix socket refused: an access check without an answer\n");
}

static void what_is_still_counted_at_the_end_is_told(void **state)
{
	struct scene *scene = *state;

	note(scene, "198.51.100.7", VS_REFUSED_LIMITED);
	note(scene, "198.51.100.7", VS_REFUSED_LIMITED);
	assert_int_equal(lines_logged(scene), 1);
	vs_refusals_destroy(scene->refusals);
	scene->refusals = NULL;
	assert_contains(logged(scene), "1 more request from 198.51.100.7 refused: over the rate limit\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_is_told_at_once_and_those_after_it_when_the_minute_is_over),
		TEST(several_reasons_are_counted_each),
		TEST(an_address_that_goes_on_has_one_line_a_minute_and_a_quiet_one_begins_anew),
		TEST(a_flood_from_many_addresses_is_told_as_one),
		TEST(the_unix_socket_has_no_address),
		TEST(what_is_still_counted_at_the_end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
