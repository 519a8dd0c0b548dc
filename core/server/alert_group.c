/* An alert that tells many: what they are called, how many are over, who looks after which. */
#include "server/alert_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "model/tongue.h"
#include "model/transition.h"

char *vs_alert_name(const struct vs_transition *transition, bool mixed, const struct vs_tongue *tongue)
{
	const char *who = transition->client[0] != '\0' ? transition->client : transition->evidence;
	struct vs_buf name;

	vs_buf_init(&name);
	if (mixed)
		vs_buf_printf(&name, "%s%s", vs_words_told(transition, tongue), *who != '\0' ? ": " : "");
	vs_text_add_plain(&name, vs_view_of(who));
	return vs_buf_take(&name);
}

void vs_group_text_add(struct vs_group_text *text, char *name)
{
	bool known = name[0] == '\0' || text->name_count == sizeof(text->names) / sizeof(text->names[0]);
	size_t i;

	for (i = 0; i < text->name_count && !known; i++)
		known = strcmp(text->names[i], name) == 0;
	if (known)
		vs_free(name);
	else
		text->names[text->name_count++] = name;
}

void vs_group_text_care(struct vs_group_text *text, const char *who, const char *name)
{
	struct vs_group_care *care;
	size_t i;

	for (i = 0; i < text->care_count && strcmp(text->cares[i].who, who) != 0; i++)
		;
	if (i == VS_GROUP_NAMES)
		return;
	care = &text->cares[i];
	if (i == text->care_count) {
		care->who = vs_strdup(who);
		vs_buf_init(&care->names);
		text->care_count++;
	}
	vs_buf_printf(&care->names, "%s%s", care->names.len > 0 ? ", " : "", name);
}

void vs_group_text_fini(struct vs_group_text *text)
{
	while (text->name_count > 0)
		vs_free(text->names[--text->name_count]);
	while (text->care_count > 0) {
		vs_free(text->cares[--text->care_count].who);
		vs_buf_fini(&text->cares[text->care_count].names);
	}
}

static void add_over(struct vs_buf *body, const struct vs_alert_text *text, const struct vs_group_text *group,
	const struct vs_tongue *tongue)
{
	bool lost = !group->mixed && strcmp(text->alert.kind, vs_kind_name(VS_KIND_TUNNEL_LOST)) == 0;
	bool all = group->over == group->count;
	char over[24];
	char count[24];
	const struct vs_hole holes[] = {{"over", over}, {"count", count}};
	const char *pattern;

	if (group->over == 0)
		return;
	snprintf(over, sizeof(over), "%zu", group->over);
	snprintf(count, sizeof(count), "%zu", group->count);
	if (lost)
		pattern = all ? VS_WORDS("All {count} are back.") : VS_WORDS("{over} of {count} are back.");
	else
		pattern = all ? VS_WORDS("All {count} are over.") : VS_WORDS("{over} of {count} are over.");
	vs_tongue_fill(body, vs_tongue_text(tongue, pattern), holes, sizeof(holes) / sizeof(holes[0]));
	vs_buf_add_char(body, '\n');
}

static void add_names(struct vs_buf *body, const struct vs_group_text *group, const char *between)
{
	size_t i;

	for (i = 0; i < group->name_count; i++)
		vs_buf_printf(body, "%s%s", i == 0 ? "" : between, group->names[i]);
	if (group->count > group->name_count)
		vs_buf_printf(body, "%s… (+%zu)", between, group->count - group->name_count);
}

static void add_cares(struct vs_buf *body, const struct vs_group_text *group, const struct vs_tongue *tongue)
{
	size_t i;

	for (i = 0; i < group->care_count; i++) {
		const struct vs_hole holes[] = {
			{"who", group->cares[i].who}, {"clients", vs_buf_text(&group->cares[i].names)}};

		vs_buf_add_char(body, '\n');
		vs_tongue_fill(body, vs_tongue_text(tongue, "{who} looks after {clients}."), holes,
			sizeof(holes) / sizeof(holes[0]));
	}
}

/* Whether a field of the first one is true of all: since when, and what to do. */
static bool is_of_all(const struct vs_alert_text *text, const struct vs_group_text *group, const char *name)
{
	if (group->mixed || group->over == group->count || text->alert.transition == VPNS_TRANSITION_RESOLVED)
		return false;
	return strcmp(name, "since") == 0 || strcmp(name, "hint") == 0;
}

static void keep_fields(struct vs_alert_text *text, const struct vs_group_text *group)
{
	uint32_t kept = 0;
	size_t i;

	for (i = 0; i < text->message.field_count; i++)
		if (is_of_all(text, group, text->message.fields[i].name))
			text->fields[kept++] = text->fields[i];
	text->alert.field_count = kept;
}

void vs_alert_text_group(
	struct vs_alert_text *text, const struct vs_group_text *group, const struct vs_tongue *tongue)
{
	const struct vs_buf *rest = group->mixed ? &text->notes : &text->message.body;
	bool of_clients = text->alert.client_id[0] != '\0' && !group->mixed;
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_printf(&text->message.title, " (+%zu)", group->count - 1);
	add_over(&body, text, group, tongue);
	add_names(&body, group, of_clients ? ", " : "\n");
	add_cares(&body, group, tongue);
	if (rest->len > 0)
		vs_buf_printf(&body, "\n%s", vs_buf_text(rest));
	vs_buf_clear(&text->message.body);
	vs_buf_add(&text->message.body, body.ptr, body.len);
	vs_buf_fini(&body);
	text->alert.title = vs_buf_text(&text->message.title);
	text->alert.body = vs_buf_text(&text->message.body);
	text->alert.client_id = "";
	text->alert.incident_id = "";
	keep_fields(text, group);
	text->alert.group_count = (uint32_t)group->count;
	text->alert.action_count = 0; /* each would be about one of them */
}

static void set_text(struct vs_buf *to, const char *text)
{
	vs_buf_clear(to);
	vs_buf_add_text(to, text);
}

void vs_alert_text_digest(
	struct vs_alert_text *text, const char *title, const char *body, uint32_t severity, size_t count)
{
	struct vpns_alert *alert = &text->alert;
	const char *rest = vs_buf_text(&text->notes) + text->own_notes;

	set_text(&text->message.title, title);
	set_text(&text->message.body, body);
	rest += *rest == '\n';
	vs_alert_add_line(&text->message.body, rest);
	alert->title = vs_buf_text(&text->message.title);
	alert->body = vs_buf_text(&text->message.body);
	alert->kind = "digest";
	alert->transition = VPNS_TRANSITION_NOTICE;
	alert->severity = severity;
	alert->priority = severity < VPNS_SEVERITY_WARNING ? VPNS_PRIORITY_LOW : VPNS_PRIORITY_NORMAL;
	alert->client_id = "";
	alert->incident_id = "";
	alert->replaces_ref = NULL;
	alert->field_count = 0;
	alert->action_count = 0;
	alert->silent = 0;
	alert->group_count = (uint32_t)count;
}
