#include "config_support.h"

#include "config/listen.h"

static void addresses_are_taken_apart(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		uint16_t port;
		const char *path;
	} rows[] = {
		{"0.0.0.0:5000", "0.0.0.0", 5000, NULL},
		{"127.0.0.1:0", "127.0.0.1", 0, NULL},
		{"[::]:65535", "::", 65535, NULL},
		{"[::1]:80", "::1", 80, NULL},
		{"localhost:5000", "localhost", 5000, NULL},
		{"unix:/run/v.sock", NULL, 0, "/run/v.sock"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_listen_conf listen = {0};
		struct vs_arena arena = {0};
		struct vs_err err = {0};

		assert_int_equal(vs_listen_parse(&listen, vs_view_of(rows[i].text), &arena, &err), 0);
		if (rows[i].host)
			assert_string_equal(listen.host, rows[i].host);
		else
			assert_string_equal(listen.path, rows[i].path);
		assert_int_equal(listen.host == NULL, rows[i].host == NULL);
		assert_int_equal(listen.path == NULL, rows[i].path == NULL);
		assert_int_equal(listen.port, rows[i].port);
		vs_arena_fini(&arena);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {"", ":", ":5000", "5000", "0.0.0.0", "0.0.0.0:", "0.0.0.0:http",
		"0.0.0.0:65536", "0.0.0.0:-1", "0.0.0.0:-0", "::1:80", "[::1]", "[127.0.0.1]:80", "[::1:80",
		"example.com:80", "*:5000", "[localhost]:5000", "unix:", "unix:relative",
		"unix:/"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa"
		"aaaaaaaaaaaaaaaaaaaaaaa"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_listen_conf listen = {0};
		struct vs_arena arena = {0};
		struct vs_err err = {0};

		assert_int_equal(
			vs_listen_parse(&listen, vs_view_of(texts[i]), &arena, &err), VS_ERR_INVALID);
		assert_true(strlen(err.text) > 0);
		vs_arena_fini(&arena);
	}
}

static void what_is_served_is_a_set_of_words(void **state)
{
	const char *const words[] = {"metrics", "api", "api"};
	const char *const wrong[] = {"api", "helth"};
	struct vpns_list list = {words, 3, 0};
	struct vs_listen_conf listen = {0};
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_serve_parse(&listen, &list, &err), 0);
	assert_int_equal(listen.serve, VS_SERVE_API | VS_SERVE_METRICS);
	list = (struct vpns_list){wrong, 2, 0};
	assert_int_equal(vs_serve_parse(&listen, &list, &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "'serve' is a list of api, health and metrics, not 'helth'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(what_is_served_is_a_set_of_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
