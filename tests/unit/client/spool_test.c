#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/view.h"
#include "client/spool.h"
#include "model/json.h"
#include "place.h"

#define FILE_NAME "spool.jsonl"

static struct place place;

static int setup(void **state)
{
	(void)state;
	place_init(&place);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	place_fini(&place);
	return 0;
}

static struct vs_spool *open_spool(size_t limit)
{
	return vs_spool_create(place_path(&place, FILE_NAME), limit);
}

static void push(struct vs_spool *spool, unsigned seq)
{
	char body[64];

	snprintf(body, sizeof(body), "{\"client_id\":\"c\",\"v\":2,\"seq\":%u}", seq);
	vs_spool_push(spool, vs_view_of(body), 0);
}

static void assert_oldest(const struct vs_spool *spool, unsigned seq)
{
	char part[32];

	snprintf(part, sizeof(part), "\"seq\":%u}", seq);
	assert_non_null(vs_spool_oldest(spool));
	assert_non_null(strstr(vs_spool_oldest(spool)->body, part));
}

static void reports_come_back_oldest_first(void **state)
{
	struct vs_spool *spool = vs_spool_create(NULL, VS_SPOOL_LIMIT);

	(void)state;
	assert_null(vs_spool_oldest(spool));
	vs_spool_drop_oldest(spool);
	for (unsigned i = 1; i <= 3; i++)
		push(spool, i);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(vs_spool_count(spool), 4 - i);
		assert_oldest(spool, i);
		vs_spool_drop_oldest(spool);
	}
	assert_null(vs_spool_oldest(spool));
	vs_spool_destroy(spool);
}

static void only_the_newest_hundred_are_kept(void **state)
{
	struct vs_spool *spool = vs_spool_create(NULL, VS_SPOOL_LIMIT);

	(void)state;
	for (unsigned i = 1; i <= 250; i++)
		push(spool, i);
	assert_int_equal(vs_spool_count(spool), 100);
	assert_oldest(spool, 151);
	vs_spool_destroy(spool);
}

static void a_spool_of_nothing_keeps_nothing(void **state)
{
	struct vs_spool *spool = open_spool(0);

	(void)state;
	push(spool, 1);
	assert_int_equal(vs_spool_count(spool), 0);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
}

static void a_restart_keeps_the_reports_and_their_order(void **state)
{
	struct vs_spool *spool = open_spool(3);

	(void)state;
	for (unsigned i = 1; i <= 5; i++)
		push(spool, i);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = open_spool(3);
	assert_int_equal(vs_spool_count(spool), 3);
	assert_oldest(spool, 3);
	vs_spool_drop_oldest(spool);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = open_spool(1);
	assert_int_equal(vs_spool_count(spool), 1);
	assert_oldest(spool, 5);
	vs_spool_destroy(spool);
	assert_string_equal(place_log(&place), "");
}

static void an_empty_spool_leaves_no_file(void **state)
{
	struct vs_spool *spool = open_spool(3);

	(void)state;
	push(spool, 1);
	vs_spool_save(spool);
	assert_int_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	vs_spool_drop_oldest(spool);
	vs_spool_save(spool);
	assert_int_not_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	vs_spool_destroy(spool);
}

static void the_file_is_for_its_owner_only_and_written_only_after_a_change(void **state)
{
	struct vs_spool *spool = open_spool(3);
	struct stat info;

	(void)state;
	push(spool, 1);
	vs_spool_save(spool);
	assert_int_equal(stat(place_path(&place, FILE_NAME), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	unlink(place_path(&place, FILE_NAME));
	vs_spool_save(spool);
	assert_int_not_equal(access(place_path(&place, FILE_NAME), F_OK), 0);
	vs_spool_destroy(spool);
}

static void non_ascii_text_survives_exactly(void **state)
{
	static const char body[] =
		"{\"client_id\":\"c\",\"v\":2,\"location\":{\"city\":\"Bucure\xc8\x99ti\"}}";
	struct vs_spool *spool = open_spool(3);

	(void)state;
	vs_spool_push(spool, vs_view_of(body), 0);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = open_spool(3);
	assert_string_equal(vs_spool_oldest(spool)->body, body);
	vs_spool_destroy(spool);
}

static void a_damaged_file_is_set_aside_and_its_good_lines_are_kept(void **state)
{
	static const char content[] =
		"{\"client_id\":\"c\",\"v\":2,\"seq\":1}\n{\"client_id\":\"c\",\"v\"\n\n"
		"garbage\n{\"client_id\":\"c\",\"v\":2,\"seq\":2}";
	struct vs_buf text;
	struct vs_spool *spool;
	const char *log;

	(void)state;
	place_write(&place, FILE_NAME, content);
	spool = open_spool(10);
	assert_int_equal(vs_spool_count(spool), 2);
	assert_oldest(spool, 1);
	log = place_log(&place);
	assert_non_null(strstr(log, "is damaged (2 of its lines are not reports)"));
	assert_non_null(strstr(log, FILE_NAME ".corrupt"));
	vs_buf_init(&text);
	assert_true(place_read(&place, FILE_NAME ".corrupt", &text));
	assert_string_equal(vs_buf_text(&text), content);
	vs_buf_fini(&text);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = open_spool(10);
	assert_int_equal(vs_spool_count(spool), 2);
	assert_string_equal(place_log(&place), "");
	vs_spool_destroy(spool);
}

static void a_file_cut_at_any_byte_never_costs_the_lines_before(void **state)
{
	static const char content[] =
		"{\"client_id\":\"c\",\"v\":2,\"seq\":1}\n{\"client_id\":\"c\",\"v\":2,\"seq\":2}\n";
	size_t first = strchr(content, '\n') - content;

	(void)state;
	for (size_t len = 0; len < sizeof(content); len++) {
		char cut[sizeof(content)];
		struct vs_spool *spool;

		memcpy(cut, content, len);
		cut[len] = '\0';
		place_write(&place, FILE_NAME, cut);
		spool = open_spool(10);
		assert_int_equal(vs_spool_count(spool), (len >= first) + (len >= sizeof(content) - 2));
		vs_spool_destroy(spool);
	}
}

static void a_file_that_cannot_be_read_is_warned_about(void **state)
{
	struct vs_spool *spool;

	(void)state;
	assert_int_equal(mkdir(place_path(&place, FILE_NAME), 0700), 0);
	spool = open_spool(10);
	assert_int_equal(vs_spool_count(spool), 0);
	assert_non_null(strstr(place_log(&place), "cannot be read"));
	vs_spool_destroy(spool);
}

static void a_folder_that_cannot_be_written_is_told_once_until_it_can_be(void **state)
{
	char path[128];
	struct vs_spool *spool;

	(void)state;
	snprintf(path, sizeof(path), "%s/later/spool.jsonl", place.folder);
	spool = vs_spool_create(path, 10);
	for (unsigned i = 0; i < 3; i++) {
		push(spool, i);
		vs_spool_save(spool);
	}
	assert_int_equal(count_of(place_log(&place), "live in memory only"), 1);
	assert_int_equal(mkdir(place_path(&place, "later"), 0700), 0);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = vs_spool_create(path, 10);
	assert_int_equal(vs_spool_count(spool), 3);
	vs_spool_destroy(spool);
}

static void another_limit_keeps_the_newest(void **state)
{
	struct vs_spool *spool = open_spool(3);
	unsigned seq;

	(void)state;
	for (seq = 1; seq <= 5; seq++)
		push(spool, seq);
	vs_spool_limit(spool, 5);
	push(spool, 6);
	push(spool, 7);
	assert_int_equal(vs_spool_count(spool), 5);
	assert_oldest(spool, 3);
	vs_spool_limit(spool, 2); /* nothing goes before something comes */
	assert_int_equal(vs_spool_count(spool), 5);
	assert_oldest(spool, 3);
	push(spool, 8);
	assert_int_equal(vs_spool_count(spool), 2);
	assert_oldest(spool, 7);
	vs_spool_limit(spool, 0);
	vs_spool_drop_oldest(spool);
	assert_oldest(spool, 8);
	push(spool, 9);
	assert_int_equal(vs_spool_count(spool), 1);
	vs_spool_destroy(spool);
}

static void one_that_made_room_already_is_not_dropped_again(void **state)
{
	struct vs_spool *spool = vs_spool_create(NULL, 2);
	uint64_t number;

	(void)state;
	push(spool, 1);
	push(spool, 2);
	number = vs_spool_oldest(spool)->number;
	push(spool, 3);
	vs_spool_drop(spool, number);
	assert_int_equal(vs_spool_count(spool), 2);
	assert_oldest(spool, 2);
	vs_spool_drop(spool, vs_spool_oldest(spool)->number);
	assert_oldest(spool, 3);
	number = vs_spool_oldest(spool)->number;
	vs_spool_drop_oldest(spool);
	vs_spool_drop(spool, number);
	push(spool, 4);
	vs_spool_drop(spool, number);
	assert_oldest(spool, 4);
	vs_spool_destroy(spool);
}

static void when_a_report_was_made_is_known_until_the_restart(void **state)
{
	struct vs_spool *spool = open_spool(3);

	(void)state;
	vs_spool_push(spool, vs_view_of("{\"client_id\":\"c\",\"v\":2,\"seq\":1}"), 4711);
	vs_spool_limit(spool, 5);
	assert_int_equal(vs_spool_oldest(spool)->made_ms, 4711);
	vs_spool_save(spool);
	vs_spool_destroy(spool);
	spool = open_spool(3);
	assert_oldest(spool, 1);
	assert_int_equal(vs_spool_oldest(spool)->made_ms, 0);
	vs_spool_destroy(spool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_come_back_oldest_first),
		TEST(only_the_newest_hundred_are_kept),
		TEST(a_spool_of_nothing_keeps_nothing),
		TEST(a_restart_keeps_the_reports_and_their_order),
		TEST(an_empty_spool_leaves_no_file),
		TEST(the_file_is_for_its_owner_only_and_written_only_after_a_change),
		TEST(non_ascii_text_survives_exactly),
		TEST(a_damaged_file_is_set_aside_and_its_good_lines_are_kept),
		TEST(a_file_cut_at_any_byte_never_costs_the_lines_before),
		TEST(a_file_that_cannot_be_read_is_warned_about),
		TEST(a_folder_that_cannot_be_written_is_told_once_until_it_can_be),
		TEST(another_limit_keeps_the_newest),
		TEST(one_that_made_room_already_is_not_dropped_again),
		TEST(when_a_report_was_made_is_known_until_the_restart),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
