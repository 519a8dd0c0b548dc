/* What a program is told about an alert: its standard input and its environment. Pure. */
#ifndef EXEC_EVENT_H
#define EXEC_EVENT_H

#include <stdint.h>

#include "vpn_sentinel/plugin.h"

enum { EXEC_INPUT_MAX = 65536, EXEC_VALUE_MAX = 8192 };

/*
 * The JSON event, at most EXEC_INPUT_MAX bytes long: of an alert that is longer, fields and body are left out
 * and texts cut. To be freed with free(); NULL when memory is short.
 */
char *exec_input(const struct vpns_alert *alert, const char *channel, const char *text);

/*
 * "NAME=value" of each, ending with NULL: a PATH, more, and what the alert says as VPN_SENTINEL_*, each value
 * at most EXEC_VALUE_MAX bytes. more is borrowed and may be empty. NULL when memory is short.
 */
char **exec_environment(
	const struct vpns_alert *alert, const char *channel, const char *text, const struct vpns_list *more);
void exec_environment_free(char **environment); /* NULL is fine */

/* 1 when text is NAME=value, with a name that is neither PATH's nor ours. */
int exec_variable_ok(const char *text);

/* The first line that says something, as words for people; "" when there is none. */
void exec_first_line(char *out, size_t size, const char *text, size_t len);

#endif
