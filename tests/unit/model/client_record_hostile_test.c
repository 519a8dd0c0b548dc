#include "client_twin.h"
#include "client_golden.h"

/* Whether so much of it is a record: then it is one that was written before something was added. */
static bool cut_is_taken(const struct vs_buf *record, size_t len)
{
	struct vs_names *names = vs_names_create();
	struct vs_client read;
	struct vs_err err = {0};
	bool taken = vs_client_decode(&read, names, (struct vs_view){record->ptr, len}, &err) == 0;

	vs_client_fini(&read, names);
	vs_names_destroy(names);
	return taken;
}

static void assert_cut_is_refused(const struct vs_buf *record, size_t len)
{
	struct vs_names *names = vs_names_create();
	char *exact = vs_alloc(len); /* so that a sanitizer sees a read beyond it */
	struct vs_client read;
	struct vs_err err = {0};

	if (len > 0)
		memcpy(exact, record->ptr, len);
	assert_int_equal(vs_client_decode(&read, names, (struct vs_view){exact, len}, &err), VS_ERR_INVALID);
	assert_null(read.id);
	assert_true(strlen(err.text) > 0);
	assert_int_equal(vs_names_count(names), 0);
	vs_free(exact);
	vs_names_destroy(names);
}

static void a_record_cut_anywhere_but_where_something_was_added_is_refused(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_buf record;
	uint64_t seed = 7;

	(void)state;
	vs_buf_init(&record);
	golden_record(&record);
	for (size_t len = 0; len < record.len; len++)
		assert_cut_is_refused(&record, len);
	for (int round = 0; round < 20; round++) {
		struct vs_client client;
		unsigned taken;

		random_client(&client, names, &seed);
		encode(&client, names, &record);
		taken = 0;
		for (size_t len = 0; len < record.len; len++)
			if (cut_is_taken(&record, len))
				taken++;
			else if (len % (1 + (unsigned)round) == 0)
				assert_cut_is_refused(&record, len);
		assert_int_equal(taken, 2); /* before the rules, and before what was told late */
		vs_client_fini(&client, names);
	}
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

/* Flips a bit, replaces a byte, takes some out, or doubles some. */
static void mutate(struct vs_buf *record, uint64_t *seed)
{
	size_t at = below(seed, record->len), len = 1 + below(seed, record->len - at);
	char *copy;

	switch (below(seed, 4)) {
	case 0:
		record->ptr[at] ^= (char)(1 << below(seed, 8));
		return;
	case 1:
		record->ptr[at] = (char)dice(seed);
		return;
	case 2:
		memmove(record->ptr + at, record->ptr + at + len, record->len - at - len);
		record->len -= len;
		return;
	default:
		copy = vs_alloc(record->len - at);
		memcpy(copy, record->ptr + at, record->len - at);
		record->len = at + len;
		vs_buf_add(record, copy, record->len - at);
		vs_free(copy);
	}
}

/* Whether it was taken. What is taken is a client like any other. */
static bool survives(const struct vs_buf *record, struct vs_buf *again)
{
	struct vs_names *names = vs_names_create();
	char *exact = vs_alloc(record->len);
	struct vs_client client, twin;
	struct vs_err err = {0};
	bool taken;

	if (record->len > 0)
		memcpy(exact, record->ptr, record->len);
	taken = vs_client_decode(&client, names, (struct vs_view){exact, record->len}, &err) == 0;
	vs_free(exact);
	if (taken) {
		encode(&client, names, again);
		assert_decodes(&twin, names, again);
		assert_same_client(&client, names, &twin, names);
		vs_client_fini(&twin, names);
		vs_client_fini(&client, names);
	} else {
		assert_null(client.id);
		assert_true(strlen(err.text) > 0);
	}
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
	return taken;
}

#define MUTATIONS 100000

static void a_damaged_record_is_refused_or_a_client_like_any_other(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_buf record, damaged, again;
	uint64_t seed = 11;
	int taken = 0;

	(void)state;
	vs_buf_init(&record);
	vs_buf_init(&damaged);
	vs_buf_init(&again);
	for (int i = 0; i < MUTATIONS; i++) {
		if (i % 100 == 0) {
			struct vs_client client;

			random_client(&client, names, &seed);
			encode(&client, names, &record);
			vs_client_fini(&client, names);
		}
		vs_buf_clear(&damaged);
		vs_buf_add(&damaged, record.ptr, record.len);
		for (uint64_t blows = 1 + below(&seed, 3); blows > 0 && damaged.len > 0; blows--)
			mutate(&damaged, &seed);
		taken += survives(&damaged, &again);
	}
	print_message("%d damaged records: %d refused\n", MUTATIONS, MUTATIONS - taken);
	assert_in_range(taken, MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
	vs_buf_fini(&record);
	vs_buf_fini(&damaged);
	vs_buf_fini(&again);
	vs_names_destroy(names);
}

/* The parts of the record of a client called a, of whom nothing is known, up to the next one. */
#define TIMES "\1a\0"
#define STATE TIMES "\0\0\0\0\0"
#define FACTS STATE "\2\0\0\0\0\0\0"
#define VERDICTS FACTS "\0"
#define STREAKS VERDICTS "\0"
#define FAILURES STREAKS "\0"
#define INCIDENTS FAILURES "\0"
#define OPEN                                                                                                 \
	"\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"state\":\"open\",\"severity\":\"critical\","                \
	"\"confidence\":\"high\","

static void a_record_that_makes_no_sense_is_refused_with_the_reason(void **state)
{
#define CASE(record, says)                                                                                   \
	{                                                                                                    \
		record, sizeof(record) - 1, says                                                             \
	}
	static const struct {
		const char *record;
		size_t len;
		const char *says;
	} cases[] = {
		CASE("{\"r\":1}", "version: this program reads client records of version 1"),
		CASE("\0a\0", "records of version 1"),
		CASE("\2a\0", "records of version 1"),
		CASE("\1a b\0", "id: not a client's id (byte 5)"),
		CASE("\1\0", "id: not a client's id"),
		CASE(TIMES "\377\377\377\377\377\377\377\377\377\1", "times: a time out of its range"),
		CASE(TIMES "\0\0\0\0\200\200\200\200\020", "times: a number out of its range (byte 7)"),
		CASE(STATE "\4", "state: a number out of its range (byte 8)"),
		CASE(STATE "\2\3", "state: a number out of its range (byte 9)"),
		CASE(STATE "\2\0\5", "state: a number out of its range (byte 10)"),
		CASE(STATE "\2\0\0\303\0", "state: a text that is not UTF-8"),
		CASE(STATE "\2\0\0\0\0\5", "state: an address of no known family"),
		CASE(FACTS "\141", "facts: a number out of its range"),
		CASE(FACTS "\1\60\1x\0", "facts: a fact of no known type"),
		CASE(FACTS "\1\73\1x\0", "facts: a fact of no known type"),
		CASE(FACTS "\1\61\21x\0", "facts: a number out of its range"),
		CASE(FACTS "\1\61\0Bad\0x\0", "facts: not the name of a fact"),
		CASE(FACTS "\1\121\1x\0", "facts: a number out of its range"),
		CASE(VERDICTS "\6", "verdicts: a number out of its range"),
		CASE(VERDICTS "\1\10\0", "verdicts: not a verdict"),
		CASE(VERDICTS "\1\100\0", "verdicts: a number out of its range"),
		CASE(STREAKS "\7", "streaks: a number out of its range"),
		CASE(STREAKS "\1\0\200\2", "streaks: a number out of its range"),
		CASE(STREAKS "\1\0\1\200\200\200\200\200\200\100", "streaks: a time out of its range"),
		CASE(FAILURES "source\0reason\0", "failures: a text without its end"),
		CASE(INCIDENTS "\20", "incidents: a number out of its range"),
		CASE(INCIDENTS "\1{}\0", "incidents: id: not an incident's id"),
		CASE(INCIDENTS "\1{\0", "incidents: not valid JSON"),
		CASE(INCIDENTS "\2{" OPEN "\"kind\":\"bypass\",\"client\":\"a\"}\0", "incidents: a text"),
		CASE(INCIDENTS "\1{" OPEN "\"kind\":\"bypass\",\"client\":\"b\"}\0",
			"incidents: an incident of another client"),
		CASE(INCIDENTS "\1{" OPEN "\"kind\":\"tunnel_lost\",\"client\":\"a\",\"cause\":\"x\"}\0",
			"incidents: cause: not a known one"),
		CASE(INCIDENTS "\1{" OPEN "\"kind\":\"bypass\",\"client\":\"a\",\"exposed_bytes\":-5}\0",
			"incidents: exposed_bytes: a negative number"),
		CASE(INCIDENTS "\0\6", "rules: a number out of its range"),
		CASE(INCIDENTS "\0\1\200\2", "rules: a number out of its range"),
		CASE(INCIDENTS "\0\0\12", "rules: a number out of its range"),
		CASE(INCIDENTS "\0\0\0\2", "rules: a number out of its range"),
		CASE(INCIDENTS "\0\0\0\1\0", "rules: the record ends too early"),
	};
#undef CASE
	struct vs_names *names = vs_names_create();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_client read;
		struct vs_err err = {0};

		assert_int_equal(
			vs_client_decode(&read, names, (struct vs_view){cases[i].record, cases[i].len}, &err),
			VS_ERR_INVALID);
		assert_contains(err.text, cases[i].says);
		assert_null(read.id);
		assert_int_equal(vs_names_count(names), 0);
	}
	vs_names_destroy(names);
}

static void the_shortest_record_that_makes_sense_is_taken(void **state)
{
	static const char bytes[] = INCIDENTS "\0";
	struct vs_names *names = vs_names_create();
	struct vs_client read;
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_client_decode(&read, names, (struct vs_view){bytes, sizeof(bytes) - 1}, &err), 0);
	assert_string_equal(read.id, "a");
	vs_client_fini(&read, names);
	vs_names_destroy(names);
}

static void a_fact_that_is_too_long_is_refused(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client read;
	struct vs_err err = {0};
	struct vs_buf record;

	(void)state;
	vs_buf_init(&record);
	vs_buf_add(&record, FACTS "\1\61\1", sizeof(FACTS "\1\61\1") - 1);
	for (int i = 0; i <= VS_FACT_VALUE_MAX; i++)
		vs_buf_add_char(&record, 'x');
	vs_buf_add_char(&record, '\0');
	assert_int_equal(vs_client_decode(&read, names, vs_buf_view(&record), &err), VS_ERR_INVALID);
	assert_contains(err.text, "facts: a fact that is too long");
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_cut_anywhere_but_where_something_was_added_is_refused),
		cmocka_unit_test(a_damaged_record_is_refused_or_a_client_like_any_other),
		cmocka_unit_test(a_record_that_makes_no_sense_is_refused_with_the_reason),
		cmocka_unit_test(the_shortest_record_that_makes_sense_is_taken),
		cmocka_unit_test(a_fact_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
