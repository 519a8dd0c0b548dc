/* What two configurations differ in. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "server/conf_change.h"

static struct vs_server_conf *conf_of(const char *yaml)
{
	char path[] = "/tmp/vs-conf-XXXXXX";
	static const char *const nothing[] = {NULL};
	const struct vs_env env = {nothing};
	struct vs_problems problems;
	struct vs_server_conf *conf;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	dprintf(fd, "%s", yaml);
	close(fd);
	vs_problems_init(&problems);
	conf = vs_server_conf_read(path, &env, &problems);
	unlink(path);
	assert_non_null(conf);
	assert_int_equal(problems.errors, 0);
	vs_problems_fini(&problems);
	return conf;
}

static void assert_list(const char *before, const char *now, const char *expected)
{
	struct vs_server_conf *a = conf_of(before);
	struct vs_server_conf *b = conf_of(now);
	struct vs_buf text;

	vs_buf_init(&text);
	vs_conf_change_list(a, b, &text);
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
	vs_server_conf_destroy(a);
	vs_server_conf_destroy(b);
}

static void sections_that_differ_are_named_once(void **state)
{
	(void)state;
	assert_list("{ rate_limit: { requests: 5 } }", "{ rate_limit: { requests: 6 } }", "rate_limit");
	assert_list("{ rate_limit: { requests: 5 } }", "{}", "rate_limit");
	assert_list("{}", "{ monitor: { home: { addresses: [192.0.2.1] } }, log: { level: warn } }",
		"monitor; log");
	assert_list("{ monitor: { home: { addresses: [192.0.2.1] } } }",
		"{ monitor: { home: { addresses: [192.0.2.1, 192.0.2.2] } } }", "monitor");
	assert_list("server: { listen: [ { address: '127.0.0.1:1' } ], limits: { body: 2KiB } }",
		"server: { listen: [ { address: '127.0.0.1:2' } ] }", "server.listen; server.limits");
}

static void what_means_the_same_is_no_difference(void **state)
{
	(void)state;
	assert_list("{}", "{}", "");
	assert_list("{ monitor: { interval: 5m, grace: 30s } }", "monitor:\n  grace: 30s\n  interval: '5m'\n",
		"");
	assert_list("{ log: { file: '' } }", "{ log: {} }", "");
	assert_list("{ monitor: { interval: '' } }", "{ monitor: }", "");
	assert_list("{ log: { level: warn } }", "{ log: }", "log");
}

static void instances_are_not_among_them(void **state)
{
	(void)state;
	assert_list("{}",
		"{ auth: [ { plugin: bearer } ], probes: [ { plugin: ipinfo } ], notifiers: [ { plugin: "
		"console } ] "
		"}",
		"");
}

static void assert_refused(const char *before, const char *now, const char *expected)
{
	struct vs_server_conf *a = conf_of(before);
	struct vs_server_conf *b = conf_of(now);
	struct vs_problems problems;

	vs_problems_init(&problems);
	vs_conf_change_check(a, b, &problems);
	assert_int_equal(problems.errors, expected != NULL);
	if (expected != NULL) {
		assert_non_null(strstr(problems.items[0].text, expected));
		assert_non_null(strstr(problems.items[0].text, "restart it"));
		assert_true(problems.items[0].mark.line > 0);
	}
	vs_problems_fini(&problems);
	vs_server_conf_destroy(a);
	vs_server_conf_destroy(b);
}

static void what_needs_a_restart_says_so_with_its_place(void **state)
{
	(void)state;
	assert_refused("{ state_dir: /a }", "{ state_dir: /b }", "'state_dir'");
	assert_refused("{}", "{ server: { api_path: /x } }", "'server.api_path'");
	assert_refused("{ server: { api_path: /x } }", "{ server: { api_path: x/ } }", NULL);
	assert_refused("{ store: { plugin: memory } }", "{ store: { plugin: sqlite } }", "'store'");
	assert_refused("{ store: { plugin: sqlite, options: { path: /a } } }",
		"{ store: { plugin: sqlite, options: { path: /b } } }", "'store'");
	assert_refused("{}", "{ store: { plugin: memory } }", NULL);
}

static void one_use_of_a_plugin_differs_by_what_the_server_goes_by(void **state)
{
	static const char *const others[] = {"timeout: 3s", "route: { severity: critical }",
		"route: { kind: [bypass] }", "route: { client: [a, b] }", "route: { tag: [x] }",
		"locale: { timezone: Europe/Warsaw }", "locale: { language: ro }", "group: { by: kind }",
		"group: { wait: 3s }", "group: { interval: 3m }"};
	struct vs_server_conf *before =
		conf_of("{ notifiers: [ { plugin: console, route: { client: [a] } } ] }");
	struct vs_server_conf *now;
	char yaml[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(yaml, sizeof(yaml), "{ notifiers: [ { plugin: console, %s } ] }", others[i]);
		now = conf_of(yaml);
		assert_true(vs_conf_change_of(&before->notifiers.items[0], &now->notifiers.items[0]));
		vs_server_conf_destroy(now);
	}
	now = conf_of("{ notifiers: [ { plugin: console, route: { client: [a] }, options: { stream: stderr } "
		      "} ] }");
	assert_false(vs_conf_change_of(&before->notifiers.items[0], &now->notifiers.items[0]));
	vs_server_conf_destroy(now);
	vs_server_conf_destroy(before);
}

static void a_source_differs_by_its_budget(void **state)
{
	struct vs_server_conf *before =
		conf_of("{ locate: { sources: [ { plugin: ipinfo, budget: { requests: 10, per: 1d } } ] } }");
	struct vs_server_conf *now =
		conf_of("{ locate: { sources: [ { plugin: ipinfo, budget: { requests: 11, per: 1d } } ] } }");

	(void)state;
	assert_int_equal(before->locate.sources.count, 1);
	assert_true(vs_conf_change_of(&before->locate.sources.items[0], &now->locate.sources.items[0]));
	assert_false(vs_conf_change_of(&before->locate.sources.items[0], &before->locate.sources.items[0]));
	vs_server_conf_destroy(now);
	vs_server_conf_destroy(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_that_differ_are_named_once),
		cmocka_unit_test(what_means_the_same_is_no_difference),
		cmocka_unit_test(instances_are_not_among_them),
		cmocka_unit_test(what_needs_a_restart_says_so_with_its_place),
		cmocka_unit_test(one_use_of_a_plugin_differs_by_what_the_server_goes_by),
		cmocka_unit_test(a_source_differs_by_its_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
