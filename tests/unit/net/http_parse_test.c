#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/http_message.h"
#include "net/http_parse.h"
#include "net/http_target.h"

static const struct vs_http_sizes sizes = {.head = 4096, .url = 1024, .body = 64};

/* What became of a request that was fed in pieces of step bytes. */
struct result {
	enum vs_http_parsed parsed;
	enum vs_http_problem problem;
	size_t left;
	struct vs_http_message message;
};

static struct result *parse(const char *bytes, size_t len, size_t step)
{
	struct vs_http_parse *parse = vs_http_parse_create(&sizes);
	struct result *result = vs_zalloc(sizeof(*result));
	size_t at = 0;

	vs_http_parse_begin(parse, &result->message);
	result->parsed = VS_HTTP_PARSED_PART;
	while (at < len && result->parsed == VS_HTTP_PARSED_PART) {
		size_t piece = len - at < step ? len - at : step;
		/* A copy of its own: reading past a piece, or into one before, is then a fault. */
		char *copy = vs_alloc(piece);
		struct vs_view input = {copy, piece};

		memcpy(copy, bytes + at, piece);
		do
			result->parsed = vs_http_parse_feed(parse, &input);
		while (result->parsed == VS_HTTP_PARSED_HEAD);
		at += piece - input.len;
		vs_free(copy);
	}
	result->left = len - at;
	result->problem = vs_http_parse_problem(parse);
	vs_http_parse_destroy(parse);
	return result;
}

static void free_result(struct result *result)
{
	vs_buf_fini(&result->message.bytes);
	vs_free(result);
}

static const char *const samples[] = {
	"GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\nA:  b c \r\nEmpty:\r\n\r\n",
	"POST /k HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
	"POST /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n5\r\nhello\r\n6;a=b\r\n "
	"world\r\n0\r\nT: u\r\n\r\n",
	"PUT http://x:80/long/path?and=query HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
	"2\r\n\r\nab",
};

static bool same(struct vs_view a, struct vs_view b)
{
	return vs_view_equal(a, b) && a.ptr[a.len] == '\0' && b.ptr[b.len] == '\0';
}

static void a_request_in_pieces_is_the_same_as_in_one(void **state)
{
	size_t i;
	size_t step;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		size_t len = strlen(samples[i]);
		struct result *whole = parse(samples[i], len, len);

		assert_int_equal(whole->parsed, VS_HTTP_PARSED_ALL);
		assert_int_equal(whole->left, 0);
		for (step = 1; step < len; step++) {
			struct result *pieces = parse(samples[i], len, step);
			size_t k;

			assert_int_equal(pieces->parsed, VS_HTTP_PARSED_ALL);
			assert_true(same(pieces->message.path, whole->message.path));
			assert_true(same(pieces->message.query, whole->message.query));
			assert_true(same(pieces->message.body, whole->message.body));
			assert_int_equal(pieces->message.field_count, whole->message.field_count);
			for (k = 0; k < whole->message.field_count; k++)
				assert_memory_equal(&pieces->message.fields[k], &whole->message.fields[k],
					sizeof(whole->message.fields[k]));
			free_result(pieces);
		}
		free_result(whole);
	}
}

static void bytes_of_the_next_request_are_left(void **state)
{
	const char *two = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n";
	struct result *result = parse(two, strlen(two), strlen(two));

	(void)state;
	assert_int_equal(result->parsed, VS_HTTP_PARSED_ALL);
	assert_int_equal(result->left, strlen("GET /b HTTP/1.1\r\n"));
	free_result(result);
}

static void a_parser_serves_one_request_after_the_other(void **state)
{
	struct vs_http_parse *parse = vs_http_parse_create(&sizes);
	struct vs_http_message message = {0};
	struct vs_view input;
	size_t round;

	(void)state;
	for (round = 0; round < 6; round++) {
		const char *text = samples[round % 3];

		input = vs_view_of(text);
		vs_http_parse_begin(parse, &message);
		assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_HEAD);
		assert_int_equal(message.body.len, 0);
		assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_ALL);
		assert_int_equal(input.len, 0);
		assert_true(vs_view_equal_text(message.body, round % 3 == 0 ? "" : "hello world"));
	}
	vs_buf_fini(&message.bytes);
	vs_http_parse_destroy(parse);
}

static void the_path_stays_readable_while_a_body_grows_and_when_it_is_refused(void **state)
{
	static const char head[] =
		"POST /long/path?query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
	const struct vs_http_sizes roomy = {.head = 1024, .url = 512, .body = 65536};
	struct vs_http_parse *parse = vs_http_parse_create(&roomy);
	struct vs_http_message message = {0};
	struct vs_view input = vs_view_of(head);
	unsigned i;

	(void)state;
	vs_http_parse_begin(parse, &message);
	assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_HEAD);
	for (i = 0; i < 1000; i++) {
		input = vs_view_of("8\r\n12345678\r\n");
		assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_PART);
		assert_true(vs_view_equal_text(message.path, "/long/path"));
		assert_true(vs_view_equal_text(message.query, "query"));
		assert_int_equal(message.body.len, 0);
	}
	input = vs_view_of("ff\r\n12345678123456781234567812345678x\r\n");
	assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_PART);
	input = vs_view_of("zz");
	while (vs_http_parse_feed(parse, &input) == VS_HTTP_PARSED_PART)
		input = vs_view_of("zz");
	assert_int_equal(vs_http_parse_problem(parse), VS_HTTP_P_BAD_REQUEST);
	assert_true(vs_view_equal_text(message.path, "/long/path"));
	vs_buf_fini(&message.bytes);
	vs_http_parse_destroy(parse);
}

static void after_a_bad_request_nothing_more_is_read(void **state)
{
	struct vs_http_parse *parse = vs_http_parse_create(&sizes);
	struct vs_http_message message = {0};
	struct vs_view input = vs_view_of("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	vs_http_parse_begin(parse, &message);
	assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_BAD);
	assert_int_equal(vs_http_parse_problem(parse), VS_HTTP_P_BAD_HOST);
	assert_int_equal(vs_http_parse_feed(parse, &input), VS_HTTP_PARSED_BAD);
	vs_buf_fini(&message.bytes);
	vs_http_parse_destroy(parse);
}

static void a_blank_line_before_a_request_is_a_whole_one(void **state)
{
	static const struct {
		const char *before;
		enum vs_http_parsed parsed;
	} rows[] = {{"\r\n", VS_HTTP_PARSED_ALL}, {"\r\n\r\n", VS_HTTP_PARSED_ALL},
		{"\r", VS_HTTP_PARSED_BAD}, {"\r\r\n", VS_HTTP_PARSED_BAD}, {"\r\n\r", VS_HTTP_PARSED_BAD},
		{"\n", VS_HTTP_PARSED_BAD}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[100];
		struct result *whole;
		struct result *bytewise;

		snprintf(text, sizeof(text), "%s%s", rows[i].before, samples[0]);
		whole = parse(text, strlen(text), strlen(text));
		bytewise = parse(text, strlen(text), 1);
		assert_int_equal(whole->parsed, rows[i].parsed);
		assert_int_equal(bytewise->parsed, rows[i].parsed);
		free_result(whole);
		free_result(bytewise);
	}
}

static void a_coding_is_seen_or_refused_whatever_blanks_follow_it(void **state)
{
	static const char *const codings[] = {"chunked", "chunked ", "chunked\t", "chunked \t ", "\tchunked"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		char text[200];
		struct result *result;

		snprintf(text, sizeof(text),
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:%s\r\n\r\n1\r\na\r\n0\r\n\r\n",
			codings[i]);
		result = parse(text, strlen(text), strlen(text));
		assert_true(result->parsed == VS_HTTP_PARSED_BAD ||
			    (result->parsed == VS_HTTP_PARSED_ALL &&
				    vs_view_equal_text(result->message.body, "a")));
		assert_true(i > 0 || result->parsed == VS_HTTP_PARSED_ALL);
		free_result(result);
	}
}

static void trailers_have_whole_lines(void **state)
{
	static const struct {
		const char *trailers;
		enum vs_http_parsed parsed;
	} rows[] = {{"\r\n", VS_HTTP_PARSED_ALL}, {"T: u\r\nV: w\r\n\r\n", VS_HTTP_PARSED_ALL},
		{"\n", VS_HTTP_PARSED_BAD}, {"\r\r\n", VS_HTTP_PARSED_BAD},
		{"T: u\n\r\n", VS_HTTP_PARSED_BAD}, {"T: u\r\n\n", VS_HTTP_PARSED_BAD},
		{"T: u\r\n v\r\n\r\n", VS_HTTP_PARSED_BAD}, {"T: u\r\n\tv\r\n\r\n", VS_HTTP_PARSED_BAD},
		{" T: u\r\n\r\n", VS_HTTP_PARSED_BAD}};
	size_t i;
	size_t step;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[200];
		size_t len = (size_t)snprintf(text, sizeof(text),
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n%s",
			rows[i].trailers);

		for (step = 1; step <= len; step++) {
			struct result *result = parse(text, len, step);

			assert_int_equal(result->parsed, rows[i].parsed);
			free_result(result);
		}
	}
}

/* Whatever came of it, everything a handler may look at lies inside the message's own bytes. */
static void check_bounds(const struct vs_http_message *message)
{
	struct vs_view name;
	struct vs_view value;
	size_t i;

	for (i = 0; vs_http_message_field(message, i, &name, &value); i++) {
		assert_true(name.ptr + name.len < message->bytes.ptr + message->head_len);
		assert_true(value.ptr + value.len < message->bytes.ptr + message->head_len);
		assert_int_equal(name.ptr[name.len], '\0');
		assert_int_equal(value.ptr[value.len], '\0');
		assert_int_equal(strlen(value.ptr), value.len);
	}
	assert_int_equal(strlen(message->path.ptr), message->path.len);
	assert_int_equal(strlen(message->query.ptr), message->query.len);
	assert_true(message->path.len > 0);
	assert_true(message->body.len <= sizes.body);
	assert_ptr_equal(message->body.ptr + message->body.len, message->bytes.ptr + message->bytes.len);
}

static void damaged_requests_are_refused_or_stay_within_bounds(void **state)
{
	static const char spice[] = "\r\n \t:;%?#/0fF\0\x7f\xff,Hh";
	unsigned taken = 0;
	unsigned round;

	(void)state;
	srand(1);
	for (round = 0; round < 30000; round++) {
		const char *sample = samples[(size_t)rand() % 4];
		size_t len = strlen(sample);
		char *bytes = vs_strdup(sample);
		unsigned hits = 1 + (unsigned)rand() % 3;
		struct result *result;

		while (hits-- > 0)
			bytes[(size_t)rand() % len] = spice[(size_t)rand() % (sizeof(spice) - 1)];
		result = parse(bytes, len, 1 + (size_t)rand() % len);
		if (result->parsed == VS_HTTP_PARSED_ALL) {
			check_bounds(&result->message);
			taken++;
		} else if (result->parsed == VS_HTTP_PARSED_BAD) {
			assert_int_not_equal(result->problem, VS_HTTP_NO_PROBLEM);
		}
		free_result(result);
		vs_free(bytes);
	}
	assert_true(taken > 1000); /* else the damage is too great to prove anything */
}

static void targets_come_apart_or_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *path; /* NULL: refused */
		const char *query;
	} rows[] = {
		{"/", "/", ""},
		{"/a/b", "/a/b", ""},
		{"/a?b?c", "/a", "b?c"},
		{"/?", "/", ""},
		{"/%41%2f%7E", "/A/~", ""},
		{"/a%3Fb?c%20", "/a?b", "c%20"},
		{"http://h", "/", ""},
		{"https://h:1/x?y", "/x", "y"},
		{"http://h?y", "/", "y"},
		{"*", "*", ""},
		{"", NULL, NULL},
		{"a", NULL, NULL},
		{"**", NULL, NULL},
		{"?a", NULL, NULL},
		{"/%", NULL, NULL},
		{"/%0", NULL, NULL},
		{"/%00", NULL, NULL},
		{"/%g0", NULL, NULL},
		{"/a b", NULL, NULL},
		{"/a\t", NULL, NULL},
		{"/#", NULL, NULL},
		{"/\x80", NULL, NULL},
		{"h:80", NULL, NULL},
		{"http://", NULL, NULL},
		{"http://u@h/", NULL, NULL},
		{"ftp://h/", NULL, NULL},
	};
	struct vs_http_target target;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = vs_strdup(rows[i].text); /* its NUL is the byte that may be written */
		bool taken = vs_http_target_parse(&target, text, strlen(text), true);

		if (taken != (rows[i].path != NULL))
			fail_msg("\"%s\" was %s", rows[i].text, taken ? "taken" : "refused");
		if (taken) {
			assert_string_equal(text + target.path, rows[i].path);
			assert_int_equal(target.path_len, strlen(rows[i].path));
			assert_string_equal(text + target.query, rows[i].query);
			assert_int_equal(target.query_len, strlen(rows[i].query));
		}
		vs_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_in_pieces_is_the_same_as_in_one),
		cmocka_unit_test(bytes_of_the_next_request_are_left),
		cmocka_unit_test(a_parser_serves_one_request_after_the_other),
		cmocka_unit_test(the_path_stays_readable_while_a_body_grows_and_when_it_is_refused),
		cmocka_unit_test(after_a_bad_request_nothing_more_is_read),
		cmocka_unit_test(a_coding_is_seen_or_refused_whatever_blanks_follow_it),
		cmocka_unit_test(trailers_have_whole_lines),
		cmocka_unit_test(a_blank_line_before_a_request_is_a_whole_one),
		cmocka_unit_test(damaged_requests_are_refused_or_stay_within_bounds),
		cmocka_unit_test(targets_come_apart_or_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
