/*
 * The grammar of .env files, as docker compose documents it: NAME=value lines, comments, quotes, and
 * what stands for other variables. Pure and total.
 */
#ifndef VS_CLI_DOTENV_H
#define VS_CLI_DOTENV_H

#include <stdbool.h>

#include "base/view.h"

struct vs_buf;
struct vs_err;

#define VS_DOTENV_NAME_MAX 255
#define VS_DOTENV_VALUE_MAX 65536 /* bytes of a value, whatever it is made of */

/* Where reading is. Begin with the whole text and line 1. */
struct vs_dotenv {
	struct vs_view rest;
	unsigned line;
};

struct vs_dotenv_item {
	struct vs_view name;
	struct vs_view raw; /* as it stands there, without its quotes */
	unsigned line; /* of the name */
	char quote; /* 0, ' or " */
	bool assigned; /* false: the name alone */
};

/*
 * 1 and the next item, 0 at the end, or VS_ERR_INVALID: err says what is wrong in reader->line, and
 * reading may go on behind that line. No sentence quotes a value.
 */
int vs_dotenv_next(struct vs_dotenv *reader, struct vs_dotenv_item *item, struct vs_err *err);

/* The value of a variable, or NULL when it is not set. Borrowed until the next call. */
typedef const char *vs_dotenv_lookup(void *arg, struct vs_view name);

/* Appends what the item's value is: escapes resolved, other variables put in. */
int vs_dotenv_value(struct vs_buf *out, const struct vs_dotenv_item *item, vs_dotenv_lookup *lookup,
	void *arg, struct vs_err *err);

/* Puts variables into a text of another file: $NAME, ${NAME:-default} and the like, $$ for a dollar. */
int vs_dotenv_expand(
	struct vs_buf *out, struct vs_view text, vs_dotenv_lookup *lookup, void *arg, struct vs_err *err);

#endif
