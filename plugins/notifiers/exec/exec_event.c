#include "exec_event.h"

#include "post_alert.h"
#include "post_event.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "VPN_SENTINEL_"

enum { TITLE_MAX = 1024, NAME_MAX_BYTES = 256, VARIABLES = 16 };

/* --- standard input ------------------------------------------------------------------------- */

static char *cut(const char *text, size_t max)
{
	return post_text(text, strlen(text), NULL, POST_BYTES, max);
}

/* Without what has no bounds. */
static char *short_input(const struct vpns_alert *alert, const char *channel, const char *text)
{
	struct vpns_alert less = *alert;
	char *words = cut(text, EXEC_VALUE_MAX);
	char *title = cut(alert->title, TITLE_MAX);
	char *client = cut(alert->client_id, NAME_MAX_BYTES);
	char *kind = cut(alert->kind, NAME_MAX_BYTES);
	char *incident = cut(alert->incident_id, NAME_MAX_BYTES);
	char *delivery = cut(alert->delivery_id, NAME_MAX_BYTES);
	char *name = cut(channel, NAME_MAX_BYTES);
	char *input = NULL;

	if (words != NULL && title != NULL && client != NULL && kind != NULL && incident != NULL &&
		delivery != NULL && name != NULL) {
		less.title = title;
		less.body = "";
		less.client_id = client;
		less.kind = kind;
		less.incident_id = incident;
		less.delivery_id = delivery;
		less.field_count = 0;
		input = post_event_build(&less, name, words);
	}
	free(name);
	free(delivery);
	free(incident);
	free(kind);
	free(client);
	free(title);
	free(words);
	return input;
}

char *exec_input(const struct vpns_alert *alert, const char *channel, const char *text)
{
	char *input = post_event_build(alert, channel, text);

	if (input == NULL || strlen(input) <= EXEC_INPUT_MAX)
		return input;
	free(input);
	return short_input(alert, channel, text);
}

/* --- the environment ------------------------------------------------------------------------ */

static char *variable(const char *name, const char *value)
{
	char *clean = cut(value, EXEC_VALUE_MAX);
	char *text = NULL;

	if (clean != NULL && asprintf(&text, OURS "%s=%s", name, clean) < 0)
		text = NULL;
	free(clean);
	return text;
}

static uint32_t put_alert(char **out, const struct vpns_alert *alert, const char *channel, const char *text)
{
	char attempt[16];
	char count[16];
	char at[48];
	const struct {
		const char *name;
		const char *value;
	} rows[] = {
		{"EVENT", post_event_name(alert)},
		{"SEVERITY", post_event_severity(alert)},
		{"KIND", alert->kind},
		{"CLIENT", alert->client_id},
		{"INCIDENT", alert->incident_id},
		{"DELIVERY", alert->delivery_id},
		{"AT", at},
		{"TITLE", alert->title},
		{"BODY", alert->body},
		{"TEXT", text},
		{"CHANNEL", channel},
		{"ATTEMPT", attempt},
		{"DUPLICATE", (alert->flags & VPNS_ALERT_POSSIBLE_DUPLICATE) != 0 ? "1" : "0"},
		{"PRIORITY", post_priority(alert)},
		{"SILENT", post_silent(alert) ? "1" : "0"},
		{"COUNT", count},
	};
	uint32_t i;

	_Static_assert(sizeof(rows) / sizeof(rows[0]) == VARIABLES, "there is room for each");
	snprintf(attempt, sizeof(attempt), "%u", (unsigned)alert->attempt);
	snprintf(count, sizeof(count), "%u", (unsigned)post_count(alert));
	post_event_time(at, sizeof(at), alert->at_ms);
	for (i = 0; i < VARIABLES; i++) {
		out[i] = variable(rows[i].name, rows[i].value);
		if (out[i] == NULL)
			break;
	}
	return i;
}

char **exec_environment(
	const struct vpns_alert *alert, const char *channel, const char *text, const struct vpns_list *more)
{
	char **out = calloc(VARIABLES + 2 + (size_t)more->count, sizeof(*out));
	uint32_t i;

	if (out == NULL)
		return NULL;
	if (put_alert(out, alert, channel, text) < VARIABLES)
		goto fail;
	out[VARIABLES] = strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (out[VARIABLES] == NULL)
		goto fail;
	for (i = 0; i < more->count; i++) {
		out[VARIABLES + 1 + i] = strdup(more->items[i]);
		if (out[VARIABLES + 1 + i] == NULL)
			goto fail;
	}
	return out;

fail:
	exec_environment_free(out);
	return NULL;
}

void exec_environment_free(char **environment)
{
	char **at;

	for (at = environment; at != NULL && *at != NULL; at++)
		free(*at);
	free(environment);
}

int exec_variable_ok(const char *text)
{
	static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	size_t len = strspn(text, name);

	if (len == 0 || text[len] != '=' || (text[0] >= '0' && text[0] <= '9'))
		return 0;
	return strncmp(text, OURS, strlen(OURS)) != 0 && strncmp(text, "PATH=", 5) != 0;
}

/* --- its last words ------------------------------------------------------------------------- */

void exec_first_line(char *out, size_t size, const char *text, size_t len)
{
	size_t line;

	while (len > 0 && (unsigned char)*text <= ' ') {
		text++;
		len--;
	}
	for (line = 0; line < len && text[line] != '\n' && text[line] != '\0'; line++)
		continue;
	while (line > 0 && (unsigned char)text[line - 1] <= ' ')
		line--;
	post_words(out, size, text, line);
}
