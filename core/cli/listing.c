#include "cli/listing.h"

#include <stdio.h>

#include "cli/paint.h"

static void print_table(const struct vs_listing *listing, const json_t *list)
{
	struct vs_table_view *table = vs_table_create(listing->titles, listing->columns);
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		listing->add(table, json_array_get(list, i));
	if (listing->verdicts > 0 && vs_paint_wanted(stdout))
		vs_table_paint(table, listing->verdicts, vs_paint_verdict);
	if (vs_table_rows(table) == 0)
		puts(listing->none);
	else
		vs_table_print(table, stdout);
	vs_table_destroy(table);
}

static int show(const struct vs_command *command, const struct vs_fetched *fetched, bool as_json,
	const struct vs_listing *listing)
{
	json_error_t where;
	json_t *list = json_loadb(vs_buf_text(&fetched->body), fetched->body.len, 0, &where);
	int rc = 0;

	if (!json_is_array(list)) {
		fprintf(stderr, "vpn-sentinel %s: the reply is not a list of %s; is this the right server?\n",
			command->name, listing->things);
		rc = VS_EXIT_FAILED;
	} else if (as_json) {
		vs_ask_print(fetched);
	} else {
		print_table(listing, list);
	}
	json_decref(list);
	return rc;
}

int vs_listing_run(
	const struct vs_command *command, const char *const *values, const struct vs_listing *listing)
{
	struct vs_fetched fetched;
	int rc;

	vs_fetched_init(&fetched);
	rc = vs_ask(command, values, listing->path, &fetched);
	if (rc == 0 && fetched.status != 200)
		rc = vs_ask_refused(command, &fetched);
	else if (rc == 0)
		rc = show(command, &fetched, values[VS_LISTING_JSON] != NULL, listing);
	vs_fetched_fini(&fetched);
	return rc;
}
