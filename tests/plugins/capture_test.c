/*
 * Replies of services, recorded by `vpn-sentinel doctor --record`, played to the plugins again: what was made
 * of them then is made of them now. Without an argument those of fixtures/captures; else those of the folder
 * named.
 */
#include "kit_test.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

static const char *folder = VPNS_TEST_SOURCE "/tests/plugins/fixtures/captures";

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_t *read_capture(const char *name)
{
	char path[1024];
	json_error_t error;
	json_t *capture;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	capture = json_load_file(path, 0, &error);
	if (capture == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	if (strcmp(text_of(capture, "format"), "vpn-sentinel capture 1") != 0)
		fail_msg("%s: not a capture of this format", path);
	return capture;
}

/* What a capture does not hold: with which options it was recorded. They show in what was asked. */
static const char *const *options_of(const json_t *capture)
{
	static const char *const none[] = {NULL}, *const only_4[] = {"family", "4", NULL},
				 *const only_6[] = {"family", "6", NULL};
	const json_t *facts = json_object_get(json_object_get(capture, "result"), "facts");

	if (strcmp(text_of(capture, "plugin"), "ipify") != 0 ||
		json_array_size(json_object_get(capture, "exchanges")) > 1)
		return none;
	return json_object_get(facts, "exit6.ip") != NULL ? only_6 : only_4;
}

static void expect(struct vpnt *kit, const json_t *exchange)
{
	static const char *const names[] = {"Retry-After", "X-Rl"};
	const json_t *headers = json_object_get(exchange, "headers");
	struct vpnt_http http = {
		.error = (int32_t)json_integer_value(json_object_get(exchange, "error")),
		.status = (uint32_t)json_integer_value(json_object_get(exchange, "status")),
		.reply = text_of(exchange, "body"),
	};
	char header[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && http.reply_header == NULL; i++) {
		if (json_object_get(headers, names[i]) == NULL)
			continue;
		snprintf(header, sizeof(header), "%s: %s", names[i], text_of(headers, names[i]));
		http.reply_header = header;
	}
	vpnt_expect(kit, &http);
}

static void check_result(struct vpnt *kit, vpns_op op, const json_t *result)
{
	static const char *const states[] = {"", "pass", "warn", "fail", "unknown"};
	json_t *facts = json_object_get(result, "facts");
	const char *name;
	json_t *value;

	assert_string_equal(states[vpnt_probe_result(kit, op)->status], text_of(result, "status"));
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, json_object_size(facts));
	json_object_foreach(facts, name, value) assert_fact(kit, op, name, json_string_value(value));
}

static void replay(const char *file)
{
	json_t *capture = read_capture(file);
	const json_t *exchanges = json_object_get(capture, "exchanges");
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", text_of(capture, "plugin")));
	vpns_op op;
	size_t i;

	print_message("%s\n", file);
	vpnt_start(kit, options_of(capture));
	for (i = 0; i < json_array_size(exchanges); i++)
		expect(kit, json_array_get(exchanges, i));
	op = strcmp(text_of(capture, "verb"), "locate") == 0
		     ? vpnt_locate(kit, text_of(capture, "about"), 10000)
		     : vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	check_result(kit, op, json_object_get(capture, "result"));
	vpnt_destroy(kit);
	json_decref(capture);
}

static void every_capture_is_understood_as_it_was_recorded(void **state)
{
	DIR *open = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	(void)state;
	assert_non_null(open);
	while ((entry = readdir(open)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
			continue;
		replay(entry->d_name);
		count++;
	}
	closedir(open);
	assert_true(count > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_capture_is_understood_as_it_was_recorded),
	};

	if (argc > 1)
		folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
