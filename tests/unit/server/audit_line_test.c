/* One request, one line, whatever it was. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "server/audit_line.h"

#define NOW "2026-11-23T00:15:06.967Z"

static struct vs_audit_line usual(void)
{
	struct vs_audit_line line = {
		.principal = "ops",
		.method = "POST",
		.path = vs_view_of("/api/v1/keepalive"),
		.status = 200,
		.client = "office-vpn",
		.duration_us = 1234,
	};

	assert_int_equal(vs_addr_parse(&line.address, vs_view_of("203.0.113.9")), 0);
	return line;
}

static char *written(const struct vs_audit_line *line)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_audit_line_write(&out, NOW, line);
	return vs_buf_take(&out);
}

static void expect(const struct vs_audit_line *line, const char *expected)
{
	char *text = written(line);

	assert_string_equal(text, expected);
	free(text);
}

static void a_usual_request_is_one_object(void **state)
{
	struct vs_audit_line line = usual();

	(void)state;
	expect(&line, "{\"time\":\"" NOW "\",\"address\":\"203.0.113.9\",\"principal\":\"ops\","
		      "\"method\":\"POST\",\"path\":\"/api/v1/keepalive\",\"status\":200,"
		      "\"client\":\"office-vpn\",\"ms\":1.234}\n");
}

static void what_is_not_known_is_null(void **state)
{
	struct vs_audit_line line = {.status = 400, .principal = "", .client = "", .duration_us = 7};

	(void)state;
	assert_int_equal(vs_addr_parse(&line.address, vs_view_of("2001:db8::1")), 0);
	expect(&line, "{\"time\":\"" NOW "\",\"address\":\"2001:db8::1\",\"principal\":null,\"method\":null,"
		      "\"path\":null,\"status\":400,\"client\":null,\"ms\":0.007}\n");
}

static void a_proxy_and_the_socket_are_named(void **state)
{
	struct vs_audit_line line = usual();

	(void)state;
	assert_int_equal(vs_addr_parse(&line.proxy, vs_view_of("10.0.0.1")), 0);
	line.client = NULL;
	expect(&line,
		"{\"time\":\"" NOW "\",\"address\":\"203.0.113.9\",\"proxy\":\"10.0.0.1\","
		"\"principal\":\"ops\",\"method\":\"POST\",\"path\":\"/api/v1/keepalive\",\"status\":200,"
		"\"client\":null,\"ms\":1.234}\n");
	line = usual();
	line.is_unix = true;
	line.uid = 1000;
	line.client = NULL;
	expect(&line, "{\"time\":\"" NOW "\",\"address\":\"unix\",\"uid\":1000,\"principal\":\"ops\","
		      "\"method\":\"POST\",\"path\":\"/api/v1/keepalive\",\"status\":200,"
		      "\"client\":null,\"ms\":1.234}\n");
}

/* One line, no control character, valid JSON; returns the path as a reader gets it, to be freed. */
static char *path_read_back(struct vs_view path)
{
	struct vs_audit_line line = usual();
	json_t *object;
	char *text;
	char *back;
	size_t i;

	line.path = path;
	text = written(&line);
	for (i = 0; text[i + 1] != '\0'; i++)
		assert_true((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
	assert_int_equal(text[i], '\n');
	object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_int_equal(json_integer_value(json_object_get(object, "status")), 200);
	back = strdup(json_string_value(json_object_get(object, "path")));
	json_decref(object);
	free(text);
	return back;
}

static void a_hostile_path_stays_one_line_with_the_same_members(void **state)
{
	static const char *const paths[] = {
		"/x\n{\"time\":\"" NOW "\",\"address\":\"198.51.100.1\",\"status\":200}",
		"/\r\nforged",
		"/\"},{\"status\":500",
		"/\\\",\"principal\":\"root",
		"/\x1b[2J\x1b]0;title\x07",
		"/\x01\x02\x7f",
		("/\xe2\x80\xae"
		 "exe.txt") /* turns the direction of writing */,
		"/\xe2\x80\xa8line\xe2\x80\xa9paragraph\xc2\x85next",
		"/{{7*191}}<script>alert(1)</script>",
		"/%s%n\xf0\x9f\x98\x80",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *back = path_read_back(vs_view_of(paths[i]));

		assert_string_equal(back, paths[i]);
		free(back);
	}
}

static void marks_that_act_on_text_are_escaped(void **state)
{
	struct vs_audit_line line = usual();
	char *text;

	(void)state;
	line.path = vs_view_of("/\xe2\x80\xae\xc2\x85");
	text = written(&line);
	assert_non_null(strstr(text, "\"path\":\"/\\u202e\\u0085\""));
	free(text);
}

static void what_is_no_utf8_is_replaced(void **state)
{
	char *back = path_read_back(vs_view_of("/\xff\xc0\xaf\xed\xa0\x80z"));

	(void)state;
	assert_non_null(strstr(back, "\xef\xbf\xbd"));
	assert_int_equal(back[strlen(back) - 1], 'z');
	free(back);
}

static void a_long_path_is_cut(void **state)
{
	char long_path[9000];
	char *back;

	(void)state;
	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	back = path_read_back((struct vs_view){long_path, sizeof(long_path)});
	assert_int_equal(strlen(back), VS_AUDIT_PATH_MAX + 3);
	assert_string_equal(back + VS_AUDIT_PATH_MAX, "...");
	free(back);
	memset(long_path + 1, '\x01', sizeof(long_path) - 1); /* six characters each */
	back = path_read_back((struct vs_view){long_path, sizeof(long_path)});
	assert_int_equal(strlen(back), VS_AUDIT_PATH_MAX + 3);
	free(back);
}

static void any_byte_can_stand_anywhere(void **state)
{
	char bytes[700];
	unsigned seed = 1;
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		for (i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(seed >> 16);
			if (bytes[i] == '\0')
				bytes[i] = '\n';
		}
		free(path_read_back((struct vs_view){bytes, 1 + seed % sizeof(bytes)}));
	}
}

static void an_event_has_a_detail_or_none(void **state)
{
	struct vs_buf out;

	(void)state;
	vs_buf_init(&out);
	vs_audit_line_event(&out, NOW, "reload", "2 \"errors\"");
	vs_audit_line_event(&out, NOW, "stopped", NULL);
	assert_string_equal(vs_buf_text(&out),
		"{\"time\":\"" NOW "\",\"event\":\"reload\",\"detail\":\"2 \\\"errors\\\"\"}\n"
		"{\"time\":\"" NOW "\",\"event\":\"stopped\",\"detail\":null}\n");
	vs_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_request_is_one_object),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(a_proxy_and_the_socket_are_named),
		cmocka_unit_test(a_hostile_path_stays_one_line_with_the_same_members),
		cmocka_unit_test(marks_that_act_on_text_are_escaped),
		cmocka_unit_test(what_is_no_utf8_is_replaced),
		cmocka_unit_test(a_long_path_is_cut),
		cmocka_unit_test(any_byte_can_stand_anywhere),
		cmocka_unit_test(an_event_has_a_detail_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
