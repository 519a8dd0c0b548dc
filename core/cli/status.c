/* `status`: what the server knows about its clients. */
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/listing.h"

#define UNKNOWN "unknown" /* as the server writes a fact that nobody told */

enum { COLUMN_VERDICT = 2, COLUMNS = 7 };

static const char *text_of(const json_t *client, const char *member)
{
	const char *text = json_string_value(json_object_get(client, member));

	return text != NULL && text[0] != '\0' ? text : UNKNOWN;
}

/* "Oslo, NO"; what is unknown of it is left out. */
static void add_place(struct vs_buf *out, const json_t *client)
{
	const char *city = text_of(client, "city");
	const char *country = text_of(client, "country");

	if (strcmp(city, UNKNOWN) == 0)
		vs_buf_add_text(out, country);
	else if (strcmp(country, UNKNOWN) == 0)
		vs_buf_add_text(out, city);
	else
		vs_buf_printf(out, "%s, %s", city, country);
}

/* Clocks of two hosts differ: what was seen in the future was seen now. */
static void add_age(struct vs_buf *out, const json_t *client)
{
	char age[32];
	int64_t seen;

	if (vs_time_parse(&seen, vs_view_of(text_of(client, "last_seen"))) < 0) {
		vs_buf_add_text(out, "never");
		return;
	}
	seen = vs_wall_ms() - seen;
	vs_duration_format(age, sizeof(age), seen > 0 ? seen / 1000 * 1000 : 0);
	vs_buf_printf(out, "%s ago", age);
}

static void add_row(struct vs_table_view *table, const json_t *client)
{
	struct vs_buf place;
	struct vs_buf age;
	const char *cells[COLUMNS];

	vs_buf_init(&place);
	vs_buf_init(&age);
	add_place(&place, client);
	add_age(&age, client);
	cells[0] = text_of(client, "client_id");
	cells[1] = text_of(client, "status");
	cells[COLUMN_VERDICT] = text_of(client, "verdict");
	cells[3] = text_of(client, "public_ip");
	cells[4] = vs_buf_text(&place);
	cells[5] = text_of(client, "dns_location");
	cells[6] = vs_buf_text(&age);
	vs_table_add(table, cells);
	vs_buf_fini(&place);
	vs_buf_fini(&age);
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	static const char *const titles[COLUMNS] = {
		"CLIENT", "STATUS", "VERDICT", "EXIT", "LOCATION", "DNS", "SEEN"};
	static const struct vs_listing listing = {.path = "/status",
		.things = "clients",
		.none = "no client has reported yet",
		.titles = titles,
		.columns = COLUMNS,
		.add = add_row,
		.verdicts = COLUMN_VERDICT};

	(void)operands;
	return vs_listing_run(command, values, &listing);
}

static const struct vs_cli_option options[] = {VS_LISTING_ROWS};

const struct vs_command vs_command_status = {
	.name = "status",
	.operands = "",
	.summary = "Show what the server knows about its clients",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
