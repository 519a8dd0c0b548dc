#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "client/state_file.h"
#include "loop/loop.h"
#include "model/json.h"
#include "place.h"
#include "plug/env.h"

#define FILE_NAME "state.json"

static struct place place;
static struct vs_loop *loop;

static int setup(void **state)
{
	(void)state;
	place_init(&place);
	loop = vs_loop_create();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vs_loop_destroy(loop);
	place_fini(&place);
	return 0;
}

static struct vs_state_file *open_state(struct vs_state_backend *backend)
{
	struct vs_state_file *state = vs_state_file_create(loop, place_path(&place, FILE_NAME));

	*backend = vs_state_file_backend(state);
	return state;
}

static void what_was_put_is_there_at_once_and_after_a_restart(void **state)
{
	struct vs_state_backend backend;
	struct vs_state_file *file = open_state(&backend);

	(void)state;
	assert_null(backend.get(backend.arg, "probe/ipinfo", "budget"));
	assert_int_equal(backend.put(backend.arg, "probe/ipinfo", "budget", "12"), 0);
	assert_int_equal(backend.put(backend.arg, "probe/other", "budget", "\xc8\x99"), 0);
	assert_string_equal(backend.get(backend.arg, "probe/ipinfo", "budget"), "12");
	assert_int_equal(backend.put(backend.arg, "probe/ipinfo", "budget", "13"), 0);
	vs_state_file_destroy(file);
	file = open_state(&backend);
	assert_string_equal(backend.get(backend.arg, "probe/ipinfo", "budget"), "13");
	assert_string_equal(backend.get(backend.arg, "probe/other", "budget"), "\xc8\x99");
	assert_null(backend.get(backend.arg, "probe/third", "budget"));
	vs_state_file_destroy(file);
}

static void putting_nothing_forgets(void **state)
{
	struct vs_state_backend backend;
	struct vs_state_file *file = open_state(&backend);

	(void)state;
	assert_int_equal(backend.put(backend.arg, "probe/ipinfo", "k", NULL), 0);
	backend.put(backend.arg, "probe/ipinfo", "k", "v");
	backend.put(backend.arg, "probe/ipinfo", "k", NULL);
	assert_null(backend.get(backend.arg, "probe/ipinfo", "k"));
	vs_state_file_destroy(file);
	file = open_state(&backend);
	assert_null(backend.get(backend.arg, "probe/ipinfo", "k"));
	vs_state_file_destroy(file);
}

static void text_that_is_not_utf8_is_refused_and_the_old_value_stays(void **state)
{
	struct vs_state_backend backend;
	struct vs_state_file *file = open_state(&backend);

	(void)state;
	backend.put(backend.arg, "probe/ipinfo", "k", "v");
	assert_int_equal(backend.put(backend.arg, "probe/ipinfo", "k", "\xff"), VS_ERR_INVALID);
	assert_string_equal(backend.get(backend.arg, "probe/ipinfo", "k"), "v");
	vs_state_file_destroy(file);
}

static void a_change_is_written_within_about_a_second(void **state)
{
	struct vs_state_backend backend;
	struct vs_state_file *file = open_state(&backend);

	(void)state;
	backend.put(backend.arg, "probe/ipinfo", "k", "v");
	assert_int_not_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	vs_loop_run_for(loop, 1300);
	assert_int_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	vs_state_file_destroy(file);
}

static void a_damaged_file_is_set_aside_with_a_warning(void **state)
{
	static const char *const contents[] = {
		"", "{", "[]", "{\"probe/x\":1}", "{\"probe/x\":{\"k\":1}}", "{\"a\":{},\"a\":{}}", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		struct vs_state_backend backend;
		struct vs_state_file *file;

		place_write(&place, FILE_NAME, contents[i]);
		file = open_state(&backend);
		assert_non_null(strstr(place_log(&place), FILE_NAME ".corrupt"));
		assert_null(backend.get(backend.arg, "probe/x", "k"));
		vs_state_file_destroy(file);
		assert_int_equal(unlink(place_path(&place, FILE_NAME ".corrupt")), 0);
		assert_int_not_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	}
}

static void a_file_that_cannot_be_written_is_told_once(void **state)
{
	char path[128];
	struct vs_state_file *file;
	struct vs_state_backend backend;

	(void)state;
	snprintf(path, sizeof(path), "%s/missing/state.json", place.folder);
	file = vs_state_file_create(loop, path);
	backend = vs_state_file_backend(file);
	backend.put(backend.arg, "probe/x", "k", "v");
	vs_loop_run_for(loop, 1200);
	backend.put(backend.arg, "probe/x", "k", "w");
	vs_state_file_destroy(file);
	assert_int_equal(count_of(place_log(&place), "will not survive a restart"), 1);
}

static void without_a_path_values_live_in_memory(void **state)
{
	struct vs_state_file *file = vs_state_file_create(loop, NULL);
	struct vs_state_backend backend = vs_state_file_backend(file);

	(void)state;
	backend.put(backend.arg, "probe/x", "k", "v");
	assert_string_equal(backend.get(backend.arg, "probe/x", "k"), "v");
	vs_state_file_destroy(file);
	assert_string_equal(place_log(&place), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_there_at_once_and_after_a_restart),
		TEST(putting_nothing_forgets),
		TEST(text_that_is_not_utf8_is_refused_and_the_old_value_stays),
		TEST(a_change_is_written_within_about_a_second),
		TEST(a_damaged_file_is_set_aside_with_a_warning),
		TEST(a_file_that_cannot_be_written_is_told_once),
		TEST(without_a_path_values_live_in_memory),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
