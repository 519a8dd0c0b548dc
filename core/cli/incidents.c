/* `incidents`: what is wrong now; `ack`: somebody looks after it. */
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "model/json.h"

enum { ACK_NOTE = VS_ASK_OPTIONS };
enum { COLUMNS = 8 };

/* --- incidents ------------------------------------------------------------------------- */

static const char *care_of(const json_t *incident)
{
	const char *who = vs_json_get_text(incident, "acknowledged_by");

	if (who[0] != '\0')
		return who;
	return vs_json_get_text(incident, "silenced_by")[0] != '\0' ? "(silenced)" : "nobody";
}

/* When it is told next, as long as nobody looks after it. Both are written alike, so that texts compare. */
static const char *next_of(const json_t *incident)
{
	const char *reminder = vs_json_get_text(incident, "next_reminder");
	const char *step = vs_json_get_text(incident, "escalates_at");

	if (reminder[0] == '\0' && step[0] == '\0')
		return "-";
	if (reminder[0] == '\0')
		return step;
	return step[0] == '\0' || strcmp(reminder, step) < 0 ? reminder : step;
}

static void add_row(struct vs_table_view *table, const json_t *incident)
{
	const char *client = vs_json_get_text(incident, "client");
	const char *cells[COLUMNS] = {
		vs_json_get_text(incident, "id"),
		client[0] != '\0' ? client : "(the server)",
		vs_json_get_text(incident, "kind"),
		vs_json_get_text(incident, "severity"),
		vs_json_get_text(incident, "first_bad_at"),
		care_of(incident),
		next_of(incident),
		vs_json_get_text(incident, "evidence"),
	};

	vs_table_add(table, cells);
}

static int run_list(const struct vs_command *command, const char *const *values, char **operands)
{
	static const char *const titles[COLUMNS] = {
		"ID", "CLIENT", "KIND", "SEVERITY", "SINCE", "LOOKED AFTER BY", "TOLD NEXT", "EVIDENCE"};
	static const struct vs_listing listing = {.path = "/incidents",
		.things = "incidents",
		.none = "no incident is open",
		.titles = titles,
		.columns = COLUMNS,
		.add = add_row};

	(void)operands;
	return vs_listing_run(command, values, &listing);
}

static const struct vs_cli_option list_options[] = {VS_LISTING_ROWS};

const struct vs_command vs_command_incidents = {
	.name = "incidents",
	.operands = "",
	.summary = "Show what is wrong now, and who looks after it",
	.options = list_options,
	.option_count = sizeof(list_options) / sizeof(list_options[0]),
	.run = run_list,
};

/* --- ack ------------------------------------------------------------------------------- */

static int run_ack(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *note = values[ACK_NOTE] != NULL ? values[ACK_NOTE] : "";
	struct vs_fetched fetched;
	struct vs_buf path;
	struct vs_buf json;
	int rc;

	if (!vs_ulid_valid(operands[0]))
		return vs_cli_usage_error(command, "INCIDENT is an id that `vpn-sentinel incidents` shows");
	vs_buf_init(&path);
	vs_buf_init(&json);
	vs_fetched_init(&fetched);
	vs_buf_printf(&path, "/incidents/%s/ack", operands[0]);
	vs_buf_add_char(&json, '{');
	vs_json_member(&json, "note", note);
	vs_buf_add_char(&json, '}');
	rc = vs_ask_to(command, values, "POST", vs_buf_text(&path), vs_buf_text(&json), &fetched);
	if (rc == 0 && fetched.status != 200)
		rc = vs_ask_problem(command, &fetched);
	vs_fetched_fini(&fetched);
	vs_buf_fini(&path);
	vs_buf_fini(&json);
	return rc;
}

static const struct vs_cli_option ack_options[] = {
	VS_ASK_ROWS,
	[ACK_NOTE] = {"note", 'm', "TEXT", "a word to those who are told"},
};

const struct vs_command vs_command_ack = {
	.name = "ack",
	.operands = "INCIDENT",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Acknowledge an incident: you look after it",
	.text = "Everybody who heard of the incident is told. It holds until the incident is over, comes "
		"back or\n"
		"becomes worse.",
	.options = ack_options,
	.option_count = sizeof(ack_options) / sizeof(ack_options[0]),
	.run = run_ack,
};
