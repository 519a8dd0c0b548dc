/* Commands that show one list of the server's as a table: `status`, `incidents`, `silence list`. */
#ifndef VS_CLI_LISTING_H
#define VS_CLI_LISTING_H

#include <jansson.h>

#include "cli/ask.h"
#include "cli/table.h"

enum { VS_LISTING_JSON = VS_ASK_OPTIONS, VS_LISTING_OPTIONS };

#define VS_LISTING_ROWS                                                                                      \
	VS_ASK_ROWS, [VS_LISTING_JSON] = {"json", 0, NULL, "print the server's reply as it is"}

struct vs_listing {
	const char *path; /* "/incidents" */
	const char *things; /* "incidents", for who got something else */
	const char *none; /* said when the list is empty */
	const char *const *titles;
	size_t columns;
	void (*add)(struct vs_table_view *table, const json_t *item); /* item: of any type */
	size_t verdicts; /* the column that is coloured as verdicts are; 0: none is */
};

/* Asks, and prints the table, or with --json the reply. Returns the exit code. */
int vs_listing_run(
	const struct vs_command *command, const char *const *values, const struct vs_listing *listing);

#endif
