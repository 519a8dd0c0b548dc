/* `silence add`, `silence list`, `silence end`: what is not to be told for a while. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/view.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "model/json.h"
#include "model/mute.h"

enum {
	ADD_FOR = VS_ASK_OPTIONS,
	ADD_UNTIL,
	ADD_KIND,
	ADD_SEVERITY,
	ADD_TAG,
	ADD_COMMENT,
	ADD_EVERY,
	ADD_HOURS,
	ADD_ZONE
};

/* --- add ------------------------------------------------------------------------------- */

static void add_text(struct vs_buf *json, const char *name, const char *value)
{
	if (value != NULL)
		vs_json_member(json, name, value);
}

/* "a,b" as a list. */
static void add_list(struct vs_buf *json, const char *name, const char *value)
{
	struct vs_view rest = vs_view_of(value);
	struct vs_view one;
	const char *separator = "";

	if (value == NULL)
		return;
	vs_json_key(json, name);
	vs_buf_add_char(json, '[');
	while (vs_view_split(&rest, ',', &one)) {
		vs_buf_add_text(json, separator);
		vs_json_add_text(json, vs_view_trim(one));
		separator = ",";
	}
	vs_buf_add_char(json, ']');
}

static void add_operands(struct vs_buf *json, char **operands)
{
	const char *separator = "";

	if (operands[0] == NULL)
		return;
	vs_json_key(json, "client");
	vs_buf_add_char(json, '[');
	for (; *operands != NULL; operands++) {
		vs_buf_add_text(json, separator);
		vs_json_add_string(json, *operands);
		separator = ",";
	}
	vs_buf_add_char(json, ']');
}

/* "22:00-06:00" */
static void add_recurring(struct vs_buf *json, const char *const *values)
{
	struct vs_view to = vs_view_of(values[ADD_HOURS]);
	struct vs_view from;

	if (values[ADD_HOURS] == NULL)
		return;
	vs_json_key(json, "recurring");
	vs_buf_add_char(json, '{');
	add_list(json, "weekdays", values[ADD_EVERY]);
	if (vs_view_split(&to, '-', &from)) {
		vs_json_key(json, "from");
		vs_json_add_text(json, vs_view_trim(from));
		vs_json_key(json, "to");
		vs_json_add_text(json, vs_view_trim(to));
	}
	add_text(json, "zone", values[ADD_ZONE]);
	vs_buf_add_char(json, '}');
}

static int say_begun(const struct vs_command *command, const struct vs_fetched *fetched)
{
	struct vs_err err;
	json_t *reply;

	if (fetched->status != 201)
		return vs_ask_problem(command, fetched);
	reply = vs_json_parse(vs_buf_view(&fetched->body), &err);
	if (!vs_ulid_valid(vs_json_get_text(reply, "id"))) {
		fprintf(stderr, "vpn-sentinel %s: the reply names no silence; is this the right server?\n",
			command->name);
		json_decref(reply);
		return VS_EXIT_FAILED;
	}
	puts(vs_json_get_text(reply, "id"));
	if (!vs_json_get_bool(reply, "durable"))
		fputs("vpn-sentinel silence add: the store refuses just now: it will be lost if the server "
		      "ends before that is mended\n",
			stderr);
	json_decref(reply);
	return 0;
}

static int run_add(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetched fetched;
	struct vs_buf json;
	int rc;

	if (values[ADD_HOURS] == NULL && (values[ADD_EVERY] != NULL || values[ADD_ZONE] != NULL))
		return vs_cli_usage_error(command, "--every and --zone go with --hours FROM-TO");
	vs_buf_init(&json);
	vs_fetched_init(&fetched);
	vs_buf_add_char(&json, '{');
	add_operands(&json, operands);
	add_list(&json, "kind", values[ADD_KIND]);
	add_list(&json, "severity", values[ADD_SEVERITY]);
	add_list(&json, "tag", values[ADD_TAG]);
	add_text(&json, "for", values[ADD_FOR]);
	add_text(&json, "until", values[ADD_UNTIL]);
	add_text(&json, "comment", values[ADD_COMMENT]);
	add_recurring(&json, values);
	vs_buf_add_char(&json, '}');
	rc = vs_ask_to(command, values, "POST", "/silences", vs_buf_text(&json), &fetched);
	if (rc == 0)
		rc = say_begun(command, &fetched);
	vs_fetched_fini(&fetched);
	vs_buf_fini(&json);
	return rc;
}

static const struct vs_cli_option add_options[] = {
	VS_ASK_ROWS,
	[ADD_FOR] = {"for", 'f', "LENGTH", "how long, such as 30m, 2h, 7d"},
	[ADD_UNTIL] = {"until", 0, "TIME", "until when, such as 2026-11-23T18:00:00Z"},
	[ADD_KIND] = {"kind", 0, "KINDS", "only these, such as dns_leak,policy"},
	[ADD_SEVERITY] = {"severity", 0, "LIST", "only these of info,warning,critical"},
	[ADD_TAG] = {"tag", 't', "TAGS", "only clients with one of these tags"},
	[ADD_COMMENT] = {"comment", 'm', "TEXT", "why, for others"},
	[ADD_EVERY] = {"every", 0, "DAYS", "it recurs on these days, such as sat,sun; all when not given"},
	[ADD_HOURS] = {"hours", 0, "FROM-TO", "it recurs at these hours, such as 22:00-06:00"},
	[ADD_ZONE] = {"zone", 0, "ZONE", "the hours are those of this zone, such as Europe/Madrid (UTC)"},
};

const struct vs_command vs_command_silence_add = {
	.name = "silence add",
	.operands = "[CLIENT...]",
	.min_operands = 0,
	.max_operands = 32,
	.summary = "Tell nobody of some clients or problems for a while",
	.text = "CLIENT is an id or a pattern; quote it: 'lab-*', '*'. What begins meanwhile and is still "
		"open at "
		"the\nend is told then. Prints the id of the silence.",
	.options = add_options,
	.option_count = sizeof(add_options) / sizeof(add_options[0]),
	.run = run_add,
};

/* --- list ------------------------------------------------------------------------------ */

enum { COLUMNS = 5 };

static void add_row(struct vs_table_view *table, const json_t *item)
{
	char *text = json_dumps(item, JSON_COMPACT);
	struct vs_mute mute;
	struct vs_buf words;
	const char *cells[COLUMNS] = {
		vs_json_get_text(item, "id"),
		vs_json_get_bool(item, "active") ? "now" : "later",
		vs_json_get_text(item, "author"),
		NULL,
		vs_json_get_text(item, "comment"),
	};

	vs_buf_init(&words);
	/* What a newer server silences in a way that is not known here is silenced all the same. */
	if (text != NULL && vs_mute_decode(&mute, vs_view_of(text), NULL) == 0) {
		vs_mute_describe(&mute, &words);
		vs_mute_fini(&mute);
	} else {
		vs_buf_add_text(&words, "this program does not understand it; --json shows it");
	}
	cells[3] = vs_buf_text(&words);
	vs_table_add(table, cells);
	vs_buf_fini(&words);
	vs_free(text);
}

static int run_list(const struct vs_command *command, const char *const *values, char **operands)
{
	static const char *const titles[COLUMNS] = {"ID", "ACTIVE", "BY", "WHAT", "WHY"};
	static const struct vs_listing listing = {.path = "/silences",
		.things = "silences",
		.none = "nothing is silenced",
		.titles = titles,
		.columns = COLUMNS,
		.add = add_row};

	(void)operands;
	return vs_listing_run(command, values, &listing);
}

static const struct vs_cli_option list_options[] = {VS_LISTING_ROWS};

const struct vs_command vs_command_silence_list = {
	.name = "silence list",
	.operands = "",
	.summary = "Show what is silenced, now or later",
	.options = list_options,
	.option_count = sizeof(list_options) / sizeof(list_options[0]),
	.run = run_list,
};

/* --- end ------------------------------------------------------------------------------- */

static int run_end(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetched fetched;
	struct vs_buf path;
	int rc;

	if (!vs_ulid_valid(operands[0]))
		return vs_cli_usage_error(command, "ID is one that `vpn-sentinel silence list` shows");
	vs_buf_init(&path);
	vs_fetched_init(&fetched);
	vs_buf_printf(&path, "/silences/%s", operands[0]);
	rc = vs_ask_to(command, values, "DELETE", vs_buf_text(&path), NULL, &fetched);
	if (rc == 0 && fetched.status != 204)
		rc = vs_ask_problem(command, &fetched);
	vs_fetched_fini(&fetched);
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option end_options[] = {VS_ASK_ROWS};

const struct vs_command vs_command_silence_end = {
	.name = "silence end",
	.operands = "ID",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "End a silence; what it held back is told",
	.options = end_options,
	.option_count = sizeof(end_options) / sizeof(end_options[0]),
	.run = run_end,
};
