#include "model/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"
#include "base/text.h"
#include "model/cause.h"
#include "model/sentence.h"
#include "model/tongue.h"
#include "model/transition.h"
#include "model/words_table.h"

void vs_message_init(struct vs_message *message)
{
	memset(message, 0, sizeof(*message));
	vs_buf_init(&message->title);
	vs_buf_init(&message->body);
}

void vs_message_fini(struct vs_message *message)
{
	vs_buf_fini(&message->title);
	vs_buf_fini(&message->body);
	for (size_t i = 0; i < message->field_count; i++)
		vs_free(message->fields[i].value);
	message->field_count = 0;
}

/* What is being told, how, and where to. */
struct telling {
	const struct vs_transition *t;
	const struct vs_words_zone *zone;
	const struct vs_tongue *tongue;
	struct vs_message *message;
};

static const char *in_words(const struct telling *telling, const char *english)
{
	return vs_tongue_text(telling->tongue, english);
}

/* Its client is not watched any more: nobody knows how it is. */
static bool is_closed(const struct vs_transition *t)
{
	return *vs_transition_detail(t, "closed") != '\0';
}

/* It is of an outage, and was reported after it. */
static bool is_late(const struct vs_transition *t)
{
	return *vs_transition_detail(t, VS_LATE_KEY) != '\0';
}

static bool is_over(const struct vs_transition *t)
{
	return t->change == VS_CHANGE_RESOLVED ||
	       strcmp(vs_transition_detail(t, VS_LATE_KEY), VS_LATE_OVER) == 0;
}

static const char *symbol(const struct vs_transition *t)
{
	if (is_closed(t))
		return "⚪";
	if (t->change == VS_CHANGE_RESOLVED)
		return "✅";
	if (t->severity == VS_SEVERITY_CRITICAL)
		return "🔴";
	return t->severity == VS_SEVERITY_WARNING ? "🟡" : "🔵";
}

static const char *headline(const struct vs_transition *t)
{
	const struct vs_kind_words *words = vs_kind_words((enum vs_kind)t->kind);

	if (is_closed(t))
		return VS_WORDS("No longer watched");
	if (t->change == VS_CHANGE_RESOLVED)
		return words->resolved;
	return t->change == VS_CHANGE_ESCALATED ? words->again : words->opened;
}

/* What the transition makes of the headline; NULL: nothing. */
static const char *frame(const struct vs_transition *t)
{
	if (is_late(t))
		return VS_WORDS("Reported late: {headline}");
	if (t->change == VS_CHANGE_REMINDED)
		return VS_WORDS("Still: {headline}");
	return t->change == VS_CHANGE_ACKNOWLEDGED ? VS_WORDS("Acknowledged: {headline}") : NULL;
}

/* "a DNS leak": what the transition says is suspected, "": nothing. */
static const char *suspected(const struct vs_transition *t)
{
	uint8_t kind;

	if (vs_kind_parse(&kind, vs_view_of(vs_transition_detail(t, "suspected"))) < 0)
		return "";
	return vs_words_kind((enum vs_kind)kind);
}

/* Such a verdict is told by an alert of its own. */
static bool is_bad(const struct vs_transition *t)
{
	return t->verdict > VS_VERDICT_UNKNOWN;
}

static const char *verdict_of(const struct telling *telling)
{
	return in_words(telling, vs_verdict_words((enum vs_verdict)telling->t->verdict));
}

/* How the client is, behind the headline: a notice does not shout what an alert says. */
static void tell_state(const struct telling *telling, struct vs_buf *title)
{
	const char *problem = suspected(telling->t);

	if (*problem != '\0') {
		vs_buf_add_text(title, " (");
		vs_tongue_fill(title, in_words(telling, "{problem} is suspected"),
			(const struct vs_hole[]){{"problem", in_words(telling, problem)}}, 1);
		vs_buf_add_char(title, ')');
	} else if (!is_bad(telling->t)) {
		vs_buf_printf(title, " (%s)", verdict_of(telling));
	}
}

static void tell_end(const struct telling *telling, struct vs_buf *title)
{
	struct vs_buf length;

	vs_buf_init(&length);
	vs_tongue_duration(telling->tongue, &length, telling->t->duration_ms);
	vs_buf_add_char(title, ' ');
	vs_tongue_fill(title, in_words(telling, "after {duration}"),
		(const struct vs_hole[]){{"duration", vs_buf_text(&length)}}, 1);
	vs_buf_fini(&length);
}

/* How long it lasts already: a reminder does not begin with what everybody knows. */
static void tell_age(const struct telling *telling, struct vs_buf *title)
{
	struct vs_buf length;

	vs_buf_init(&length);
	vs_tongue_duration(telling->tongue, &length, telling->t->duration_ms);
	vs_buf_add_text(title, ", ");
	vs_tongue_fill(title, in_words(telling, "for {duration}"),
		(const struct vs_hole[]){{"duration", vs_buf_text(&length)}}, 1);
	vs_buf_fini(&length);
}

static void tell_title(const struct telling *telling)
{
	const struct vs_transition *t = telling->t;
	struct vs_buf *title = &telling->message->title;

	vs_buf_printf(title, "%s ", symbol(t));
	if (frame(t) == NULL)
		vs_buf_add_text(title, in_words(telling, headline(t)));
	else
		vs_tongue_fill(title, in_words(telling, frame(t)),
			(const struct vs_hole[]){{"headline", in_words(telling, headline(t))}}, 1);
	if (*t->client != '\0')
		vs_buf_printf(title, ": %s", t->client);
	if (t->kind == VS_KIND_CONNECTED)
		tell_state(telling, title);
	if (is_closed(t))
		vs_buf_printf(
			title, " (%s)", in_words(telling, vs_kind_words((enum vs_kind)t->kind)->opened));
	else if (t->change == VS_CHANGE_RESOLVED)
		tell_end(telling, title);
	else if (t->change == VS_CHANGE_REMINDED && t->duration_ms > 0)
		tell_age(telling, title);
}

static enum vs_cause cause_of(const struct vs_transition *t)
{
	uint8_t cause;

	if (vs_cause_parse(&cause, vs_view_of(vs_transition_detail(t, "cause"))) < 0)
		return VS_CAUSE_NONE;
	return (enum vs_cause)cause;
}

/* A lost tunnel by what its client says is no silence, and what is likely is not told as certain. */
static const char *meaning_of(const struct vs_transition *t)
{
	const char *usual = vs_kind_words((enum vs_kind)t->kind)->meaning;

	if (t->kind == VS_KIND_DNS_LEAK && t->confidence != VS_CONFIDENCE_HIGH)
		return VS_WORDS("Somebody outside the tunnel seems to see which names the client looks up.");
	if (t->kind != VS_KIND_TUNNEL_LOST)
		return usual;
	switch (cause_of(t)) {
	case VS_CAUSE_NONE:
	case VS_CAUSE_CLIENT_SILENT:
		return usual;
	case VS_CAUSE_EXIT_SILENT:
		return VS_WORDS("All clients of this exit fell silent together: the VPN server or the way "
				"to it is down.");
	default:
		return VS_WORDS("The client can be heard, but its tunnel carries nothing.");
	}
}

/* A sentence that begins small and has no full stop. It is quoted as it was stored, in English. */
static void tell_evidence(const struct telling *telling)
{
	const struct vs_transition *t = telling->t;
	struct vs_buf *body = &telling->message->body;
	struct vs_buf plain;

	if (*t->evidence == '\0')
		return;
	if (body->len > 0)
		vs_buf_add_char(body, '\n');
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(t->evidence)); /* it quotes foreign values */
	vs_tongue_fill(body,
		in_words(telling, t->kind == VS_KIND_TUNNEL_LOST && t->change == VS_CHANGE_RESOLVED
					  ? VS_WORDS("There was: {evidence}.")
					  : VS_WORDS("Evidence: {evidence}.")),
		(const struct vs_hole[]){{"evidence", vs_buf_text(&plain)}}, 1);
	vs_buf_fini(&plain);
}

/* No evidence, and not ours in English: who it is, and what they write, is theirs. */
static void tell_who(const struct telling *telling)
{
	const char *note = vs_transition_detail(telling->t, "note");
	struct vs_buf *body = &telling->message->body;
	struct vs_buf plain;

	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(vs_transition_detail(telling->t, "who")));
	if (body->len > 0)
		vs_buf_add_char(body, '\n');
	vs_tongue_fill(body, in_words(telling, VS_WORDS("{who} looks after it.")),
		(const struct vs_hole[]){{"who", vs_buf_text(&plain)}}, 1);
	if (*note != '\0') {
		vs_buf_printf(body, "\n%s: ", in_words(telling, vs_detail_label("note")));
		vs_text_add_plain(body, vs_view_of(note));
	}
	vs_buf_fini(&plain);
}

static const char *late_words(const struct vs_transition *t)
{
	const char *state = vs_transition_detail(t, VS_LATE_KEY);

	if (strcmp(state, VS_LATE_OVER) == 0)
		return VS_WORDS("It is over: what the client reports now shows nothing of it.");
	if (strcmp(state, VS_LATE_ON) == 0)
		return VS_WORDS("It is not over: what the client reports now shows it, too.");
	return VS_WORDS("Whether it is over is not known.");
}

static void tell_late(const struct telling *telling)
{
	struct vs_buf *body = &telling->message->body;

	if (body->len > 0)
		vs_buf_add_char(body, '\n');
	vs_buf_printf(body, "%s\n%s",
		in_words(telling,
			"The client found this while it could not reach this server, and could say so "
			"only now."),
		in_words(telling, late_words(telling->t)));
}

static void tell_body(const struct telling *telling)
{
	const struct vs_transition *t = telling->t;
	struct vs_buf *body = &telling->message->body;

	if (is_closed(t))
		vs_buf_add_text(body, in_words(telling, "Nobody will hear whether this ended."));
	else if (!is_over(t))
		vs_buf_add_text(body, in_words(telling, meaning_of(t)));
	if (is_late(t))
		tell_late(telling);
	if (*vs_transition_detail(t, "who") != '\0')
		tell_who(telling);
	else
		tell_evidence(telling);
	if (t->change == VS_CHANGE_REMINDED)
		vs_buf_printf(body, "%s%s", body->len > 0 ? "\n" : "",
			in_words(telling, "Nobody has acknowledged it so far."));
}

/* --- fields ---------------------------------------------------------------------------- */

/* Values are foreign: none may look like another field, or turn the text around it. */
static void add_field(const struct telling *telling, const char *name, const char *label, const char *value)
{
	struct vs_message *message = telling->message;
	struct vs_buf plain;

	if (*value == '\0')
		return;
	VS_REQUIRE(message->field_count < VS_MESSAGE_FIELDS_MAX);
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(value));
	message->fields[message->field_count++] =
		(struct vs_message_field){name, in_words(telling, label), vs_buf_take(&plain)};
	vs_buf_fini(&plain);
}

static void add_time(const struct telling *telling, const char *name, const char *label, int64_t at)
{
	char text[64];

	if (telling->zone == NULL)
		vs_time_words(text, sizeof(text), at);
	else
		telling->zone->format(telling->zone->arg, text, sizeof(text), at);
	add_field(telling, name, label, text);
}

static void tell_times(const struct telling *telling)
{
	const struct vs_transition *t = telling->t;
	struct vs_buf length;

	if (t->since != 0)
		add_time(telling, "since", VS_WORDS("Since"), t->since);
	if (t->change == VS_CHANGE_RESOLVED)
		add_time(telling, "until", VS_WORDS("Until"), t->at);
	else
		add_time(telling, "at", VS_WORDS("At"), t->at);
	if (t->change != VS_CHANGE_RESOLVED)
		return;
	vs_buf_init(&length);
	vs_tongue_duration(telling->tongue, &length, t->duration_ms);
	add_field(telling, "duration", VS_WORDS("Duration"), vs_buf_text(&length));
	vs_buf_fini(&length);
}

/* "10.0.0.2, over a private network beside the tunnel": an address, and how it relates to the exit. */
static void tell_source(const struct telling *telling, const char *label, const char *value)
{
	const char *comma = strstr(value, ", ");
	struct vs_buf text;

	vs_buf_init(&text);
	if (comma == NULL)
		vs_buf_add_text(&text, value);
	else
		vs_buf_printf(&text, "%.*s, %s", (int)(comma - value), value, in_words(telling, comma + 2));
	add_field(telling, "source", label, vs_buf_text(&text));
	vs_buf_fini(&text);
}

static void tell_exposed(const struct telling *telling, const char *label, const char *value)
{
	bool over = telling->t->change == VS_CHANGE_RESOLVED;
	struct vs_buf bytes, text;

	vs_buf_init(&bytes);
	vs_buf_init(&text);
	vs_tongue_bytes(telling->tongue, &bytes, strtod(value, NULL));
	vs_tongue_fill(&text,
		in_words(telling, over ? VS_WORDS("at most {bytes} left beside the tunnel meanwhile")
				       : VS_WORDS("at most {bytes} left beside the tunnel so far")),
		(const struct vs_hole[]){{"bytes", vs_buf_text(&bytes)}}, 1);
	add_field(telling, "exposed", label, vs_buf_text(&text));
	vs_buf_fini(&text);
	vs_buf_fini(&bytes);
}

static void tell_detail(const struct telling *telling, const struct vs_detail *detail)
{
	const struct vs_transition *t = telling->t;
	const char *label = vs_detail_label(detail->key);

	if (strcmp(detail->key, "suspected") == 0 && *suspected(t) != '\0') {
		add_field(telling, detail->key, label, in_words(telling, suspected(t)));
	} else if (strcmp(detail->key, "cause") == 0) {
		if (cause_of(t) != VS_CAUSE_CLIENT_SILENT) /* the message is about nothing else */
			add_field(
				telling, detail->key, label, in_words(telling, vs_cause_words(cause_of(t))));
	} else if (strcmp(detail->key, "exposed") == 0) {
		tell_exposed(telling, label, detail->value);
	} else if (strcmp(detail->key, "source") == 0) {
		tell_source(telling, label, detail->value);
	} else if (strcmp(detail->key, VS_LATE_KEY) == 0 || strcmp(detail->key, "who") == 0 ||
		   strcmp(detail->key, "note") == 0) {
		return; /* the body says it */
	} else if (strcmp(detail->key, "closed") == 0) {
		add_field(telling, detail->key, label, in_words(telling, detail->value));
	} else {
		add_field(telling, detail->key, label, detail->value);
	}
}

const char *vs_words_told(const struct vs_transition *t, const struct vs_tongue *tongue)
{
	return vs_tongue_text(tongue, headline(t));
}

void vs_words_tell(const struct vs_transition *t, const struct vs_words_zone *zone,
	const struct vs_tongue *tongue, struct vs_message *message)
{
	const struct telling telling = {t, zone, tongue, message};
	const char *advice;

	VS_REQUIRE(t->kind < VS_KINDS);
	advice = vs_kind_words((enum vs_kind)t->kind)->advice;
	message->headline = in_words(&telling, headline(t));
	tell_title(&telling);
	tell_body(&telling);
	add_field(&telling, "client", VS_WORDS("Client"), t->client);
	if (t->kind == VS_KIND_CONNECTED && is_bad(t) && *suspected(t) == '\0')
		add_field(&telling, "verdict", VS_WORDS("Verdict"), verdict_of(&telling));
	for (size_t i = 0; i < t->detail_count; i++)
		tell_detail(&telling, &t->details[i]);
	tell_times(&telling);
	if (t->change == VS_CHANGE_RESOLVED)
		return;
	add_field(&telling, "sure", VS_WORDS("Sure"),
		in_words(&telling, vs_words_confidence((enum vs_confidence)t->confidence)));
	if (advice != NULL && !is_over(t))
		add_field(&telling, "hint", VS_WORDS("What to do"), in_words(&telling, advice));
}
