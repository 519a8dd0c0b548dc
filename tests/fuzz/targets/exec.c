/* Any text in an alert, on its way to a program of the user's, and whatever that program says. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "notifiers/exec/exec_event.h"

void fuzz_begin(void)
{
}

static struct vpns_alert alert_of(const char *text)
{
	static const struct vpns_alert_field field = {"label", "value"};
	struct vpns_alert alert = {.size = sizeof(alert), .severity = 3, .transition = 2, .attempt = 1};

	alert.fields = &field;
	alert.field_count = 1;
	alert.delivery_id = alert.incident_id = "01JGK0000000000000000DELIV";
	alert.kind = alert.client_id = alert.title = alert.body = text;
	return alert;
}

static void check_input(const struct vpns_alert *alert, const char *text)
{
	char *input = exec_input(alert, "here", text);
	json_t *json;

	VS_REQUIRE(input != NULL && strlen(input) <= EXEC_INPUT_MAX);
	json = json_loads(input, JSON_REJECT_DUPLICATES, NULL);
	VS_REQUIRE(json != NULL);
	if (vs_utf8_valid(vs_view_of(text)) && strlen(text) < 1000)
		VS_REQUIRE(strcmp(json_string_value(json_object_get(json, "title")), text) == 0);
	json_decref(json);
	free(input);
}

static void check_environment(const struct vpns_alert *alert, const char *text)
{
	const char *const items[] = {text};
	const struct vpns_list more = {items, exec_variable_ok(text) ? 1 : 0, 0};
	char **environment = exec_environment(alert, "here", text, &more);
	unsigned paths = 0;
	size_t i;

	VS_REQUIRE(environment != NULL);
	for (i = 0; environment[i] != NULL; i++) {
		VS_REQUIRE(strchr(environment[i], '=') != NULL && environment[i][0] != '=');
		paths += strncmp(environment[i], "PATH=", 5) == 0;
	}
	VS_REQUIRE(paths == 1);
	exec_environment_free(environment);
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);
	const struct vpns_alert alert = alert_of(text);
	char line[64];
	const char *at;

	check_input(&alert, text);
	check_environment(&alert, text);
	exec_first_line(line, sizeof(line), input.ptr, input.len);
	fuzz_require_text(line, sizeof(line));
	for (at = line; *at != '\0'; at++)
		VS_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
	vs_free(text);
}
