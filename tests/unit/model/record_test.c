#include "model_test.h"

#include "model/record.h"

static struct vs_record_reader reader(const char *bytes, size_t len)
{
	struct vs_record_reader in;

	vs_record_open(&in, (struct vs_view){bytes, len});
	return in;
}

#define READER(literal) reader(literal, sizeof(literal) - 1)

static void assert_refused(const struct vs_record_reader *in, const char *problem, size_t position)
{
	assert_false(vs_record_ok(in));
	assert_string_equal(in->problem, problem);
	assert_int_equal(vs_record_position(in), position);
}

static void a_number_takes_as_many_bytes_as_it_needs(void **state)
{
	static const struct {
		uint64_t number;
		size_t len;
	} cases[] = {{0, 1}, {1, 1}, {0x7f, 1}, {0x80, 2}, {0x3fff, 2}, {0x4000, 3}, {UINT32_MAX, 5},
		{UINT64_MAX >> 1, 9}, {UINT64_MAX, 10}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_record_reader in;
		struct vs_buf out;

		vs_buf_init(&out);
		vs_record_put_uint(&out, cases[i].number);
		assert_int_equal(out.len, cases[i].len);
		in = reader(out.ptr, out.len);
		assert_true(vs_record_get_uint(&in, UINT64_MAX) == cases[i].number);
		assert_true(vs_record_ok(&in));
		assert_int_equal(vs_record_position(&in), out.len);
		vs_buf_fini(&out);
	}
}

static void a_small_number_of_either_sign_is_one_byte(void **state)
{
	static const struct {
		int64_t number;
		size_t len;
	} cases[] = {{0, 1}, {-1, 1}, {63, 1}, {-64, 1}, {64, 2}, {-65, 2}, {INT64_MAX, 10}, {INT64_MIN, 10}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_record_reader in;
		struct vs_buf out;

		vs_buf_init(&out);
		vs_record_put_int(&out, cases[i].number);
		assert_int_equal(out.len, cases[i].len);
		in = reader(out.ptr, out.len);
		assert_true(vs_record_get_int(&in) == cases[i].number);
		assert_true(vs_record_ok(&in));
		vs_buf_fini(&out);
	}
}

static void the_low_bits_of_a_number_come_first(void **state)
{
	struct vs_record_reader in = READER("\254\002");

	(void)state;
	assert_int_equal(vs_record_get_uint(&in, 300), 300);
	assert_true(vs_record_ok(&in));
}

static void a_number_of_more_than_64_bits_is_refused(void **state)
{
	struct vs_record_reader most = READER("\377\377\377\377\377\377\377\377\377\001");
	struct vs_record_reader more = READER("\377\377\377\377\377\377\377\377\377\002");
	struct vs_record_reader endless = READER("\200\200\200\200\200\200\200\200\200\200\200\200");

	(void)state;
	assert_true(vs_record_get_uint(&most, UINT64_MAX) == UINT64_MAX);
	assert_true(vs_record_ok(&most));
	assert_int_equal(vs_record_get_uint(&more, UINT64_MAX), 0);
	assert_refused(&more, "a number of more than 64 bits", 0);
	assert_int_equal(vs_record_get_uint(&endless, UINT64_MAX), 0);
	assert_refused(&endless, "a number of more than 64 bits", 0);
}

static void a_number_above_its_limit_is_refused_where_it_begins(void **state)
{
	struct vs_record_reader in = READER("\005\006");

	(void)state;
	assert_int_equal(vs_record_get_uint(&in, 5), 5);
	assert_int_equal(vs_record_get_uint(&in, 5), 0);
	assert_refused(&in, "a number out of its range", 1);
}

static void nothing_is_read_beyond_the_end(void **state)
{
	struct vs_record_reader in = READER("\377\377");
	char bytes[3] = "xx";

	(void)state;
	assert_int_equal(vs_record_get_uint(&in, UINT64_MAX), 0);
	assert_refused(&in, "the record ends too early", 0);
	in = READER("ab");
	vs_record_get_bytes(&in, bytes, 3);
	assert_refused(&in, "the record ends too early", 0);
	assert_memory_equal(bytes, "\0\0\0", 3);
	in = READER("ab");
	assert_string_equal(vs_record_get_text(&in).ptr, "");
	assert_refused(&in, "a text without its end", 0);
	in = reader(NULL, 0);
	assert_int_equal(vs_record_get_text(&in).len, 0);
	assert_refused(&in, "a text without its end", 0);
}

static void a_text_is_borrowed_with_its_end(void **state)
{
	struct vs_record_reader in;
	struct vs_view text;
	struct vs_buf out;

	(void)state;
	vs_buf_init(&out);
	vs_record_put_text(&out, vs_view_of("Toruń"));
	vs_record_put_text(&out, (struct vs_view){NULL, 0});
	vs_record_put_text(&out, (struct vs_view){"cut\0off", 7});
	vs_record_put_bytes(&out, "\0\1", 2);
	assert_int_equal(out.len, 7 + 1 + 4 + 2);
	in = reader(out.ptr, out.len);
	text = vs_record_get_text(&in);
	assert_ptr_equal(text.ptr, out.ptr);
	assert_string_equal(text.ptr, "Toruń");
	assert_int_equal(text.len, 6);
	assert_int_equal(vs_record_get_text(&in).len, 0);
	assert_string_equal(vs_record_get_text(&in).ptr, "cut");
	assert_int_equal(vs_record_get_uint(&in, 1), 0);
	assert_int_equal(vs_record_get_uint(&in, 1), 1);
	assert_true(vs_record_ok(&in));
	vs_buf_fini(&out);
}

static void a_text_that_is_not_utf8_is_refused_wherever_the_fault_is(void **state)
{
	(void)state;
	for (size_t at = 0; at < 20; at++) {
		char text[21] = "aaaaaaaaaaaaaaaaaaaa";
		struct vs_record_reader in;

		text[at] = '\377';
		in = reader(text, sizeof(text));
		assert_string_equal(vs_record_get_text(&in).ptr, "");
		assert_refused(&in, "a text that is not UTF-8", 0);
	}
}

static void a_time_is_the_step_from_the_one_before(void **state)
{
	static const int64_t times[] = {
		NOON, NOON, NOON - 1, 0, -5, VS_RECORD_TIME_MAX, -VS_RECORD_TIME_MAX, 0};
	struct vs_record_reader in;
	struct vs_buf out;
	int64_t before = 0;

	(void)state;
	vs_buf_init(&out);
	for (size_t i = 0; i < COUNT(times); i++) {
		vs_record_put_time(&out, times[i], before);
		before = times[i];
	}
	in = reader(out.ptr, out.len);
	before = 0;
	for (size_t i = 0; i < COUNT(times); i++) {
		before = vs_record_get_time(&in, before);
		assert_int_equal(before, times[i]);
	}
	assert_true(vs_record_ok(&in));
	vs_buf_fini(&out);
}

static void a_time_too_far_away_to_reckon_with_is_refused(void **state)
{
	static const struct {
		int64_t time, before;
	} cases[] = {{VS_RECORD_TIME_MAX + 1, 0}, {-VS_RECORD_TIME_MAX - 1, 0}, {INT64_MAX, 0},
		{INT64_MIN, 0}, {INT64_MAX, VS_RECORD_TIME_MAX}, {INT64_MIN, -VS_RECORD_TIME_MAX},
		{INT64_MAX, -VS_RECORD_TIME_MAX}, {INT64_MIN, VS_RECORD_TIME_MAX}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_record_reader in;
		struct vs_buf out;

		vs_buf_init(&out);
		vs_record_put_time(&out, cases[i].time, cases[i].before);
		in = reader(out.ptr, out.len);
		assert_int_equal(vs_record_get_time(&in, cases[i].before), 0);
		assert_false(vs_record_ok(&in));
		assert_string_equal(in.problem, "a time out of its range");
		vs_buf_fini(&out);
	}
}

static void after_the_first_problem_everything_is_nothing(void **state)
{
	struct vs_record_reader in = READER("\001\001a\0\001");
	char byte = 'x';

	(void)state;
	assert_int_equal(vs_record_get_uint(&in, 1), 1);
	vs_record_refuse(&in, "the first");
	vs_record_refuse(&in, "the second");
	assert_int_equal(vs_record_get_uint(&in, 1), 0);
	assert_int_equal(vs_record_get_int(&in), 0);
	assert_int_equal(vs_record_get_time(&in, 0), 0);
	assert_string_equal(vs_record_get_text(&in).ptr, "");
	vs_record_get_bytes(&in, &byte, 1);
	assert_int_equal(byte, 0);
	assert_refused(&in, "the first", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_takes_as_many_bytes_as_it_needs),
		cmocka_unit_test(a_small_number_of_either_sign_is_one_byte),
		cmocka_unit_test(the_low_bits_of_a_number_come_first),
		cmocka_unit_test(a_number_of_more_than_64_bits_is_refused),
		cmocka_unit_test(a_number_above_its_limit_is_refused_where_it_begins),
		cmocka_unit_test(nothing_is_read_beyond_the_end),
		cmocka_unit_test(a_text_is_borrowed_with_its_end),
		cmocka_unit_test(a_text_that_is_not_utf8_is_refused_wherever_the_fault_is),
		cmocka_unit_test(a_time_is_the_step_from_the_one_before),
		cmocka_unit_test(a_time_too_far_away_to_reckon_with_is_refused),
		cmocka_unit_test(after_the_first_problem_everything_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
