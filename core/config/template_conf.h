/*
 * Templates of a channel's messages: text with places, "{client}: {headline}". What they may say is here; who
 * fills them is server/template.h.
 */
#ifndef VS_CONFIG_TEMPLATE_CONF_H
#define VS_CONFIG_TEMPLATE_CONF_H

#include "base/err.h"
#include "base/view.h"
#include "config/arena.h"
#include "config/conf.h"
#include "config/problem.h"

#define VS_TEMPLATE_MAX 4096 /* bytes of one */

/* Which message each is for. */
#define VS_TEMPLATE_ROWS(X)                                                                                  \
	X(TITLE, title, "the title of each message")                                                         \
	X(MESSAGE, message, "the text of each message that has none below")                                  \
	X(NOTICE, notice, "the text when something happened that does not last")                             \
	X(OPENED, opened, "the text when something begins")                                                  \
	X(ESCALATED, escalated, "the text when it becomes worse or comes back")                              \
	X(ACKNOWLEDGED, acknowledged, "the text when somebody looks after it")                               \
	X(REMINDED, reminded, "the text when it still lasts")                                                \
	X(RESOLVED, resolved, "the text when it is over")

/* What stands for what in them; those after TITLE .. NOTES and EVENT are fields of the message by their
 * names. */
#define VS_TEMPLATE_PLACES(X)                                                                                \
	X(title)                                                                                             \
	X(body)                                                                                              \
	X(fields)                                                                                            \
	X(notes)                                                                                             \
	X(headline)                                                                                          \
	X(evidence)                                                                                          \
	X(kind)                                                                                              \
	X(severity)                                                                                          \
	X(change)                                                                                            \
	X(channel)                                                                                           \
	X(incident)                                                                                          \
	X(client)                                                                                            \
	X(verdict)                                                                                           \
	X(since)                                                                                             \
	X(until)                                                                                             \
	X(at)                                                                                                \
	X(duration)                                                                                          \
	X(sure)                                                                                              \
	X(hint)                                                                                              \
	X(country)                                                                                           \
	X(exit)                                                                                              \
	X(previous)                                                                                          \
	X(location)                                                                                          \
	X(provider)                                                                                          \
	X(dns)                                                                                               \
	X(source)                                                                                            \
	X(version)                                                                                           \
	X(tags)                                                                                              \
	X(instance)                                                                                          \
	X(reason)                                                                                            \
	X(suspected)                                                                                         \
	X(closed)                                                                                            \
	X(cause)                                                                                             \
	X(exposed)

enum vs_template {
#define VS_TEMPLATE_ENUM(name, key, help) VS_TEMPLATE_##name,
	VS_TEMPLATE_ROWS(VS_TEMPLATE_ENUM)
#undef VS_TEMPLATE_ENUM
		VS_TEMPLATES
};

enum vs_template_place {
#define VS_TEMPLATE_ENUM(name) VS_TEMPLATE_PLACE_##name,
	VS_TEMPLATE_PLACES(VS_TEMPLATE_ENUM)
#undef VS_TEMPLATE_ENUM
		VS_TEMPLATE_PLACE_COUNT
};

/* NULL: the words of the language. Borrowed from the arena of the configuration. */
struct vs_templates_conf {
	const char *text[VS_TEMPLATES];
};

/* "client" */
const char *vs_template_place_name(enum vs_template_place place);

/*
 * Whether text is a template: each "{" begins the name of a place and its "}", or is one of two in a row,
 * which stand for one; nothing in it acts on a screen. The sentence says at which line of the text.
 */
int vs_template_check(struct vs_view text, struct vs_err *err);

/* Reads the map `templates` of an instance; NULL: there is none. */
void vs_templates_read(const struct vs_node *map, struct vs_mark mark, struct vs_templates_conf *templates,
	struct vs_arena *arena, struct vs_problems *problems);

#endif
