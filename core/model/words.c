#include "model/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"
#include "base/text.h"
#include "model/cause.h"
#include "model/sentence.h"
#include "model/transition.h"

/* What each kind is called, what it means, and what to do about it. */
struct kind_words {
	const char *opened; /* headline */
	const char *again; /* headline of what came back */
	const char *resolved; /* headline */
	const char *meaning; /* sentence */
	const char *advice; /* sentence */
};

static const struct kind_words kinds[VS_KINDS] = {
	[VS_KIND_TUNNEL_LOST] = {"Lost", "Lost again", "Recovered",
		"The client has fallen silent: its tunnel, its host or the way from there to this server is "
		"down.",
		"Look at the VPN container and the client's log; with a kill switch nothing leaks "
		"meanwhile."},
	[VS_KIND_BYPASS] = {"VPN bypass", "VPN bypass again", "VPN bypass is over",
		"Traffic leaves through the home network instead of the tunnel.",
		"Stop what must not be seen, then restart the VPN and check its kill switch."},
	[VS_KIND_DNS_LEAK] = {"DNS leak", "DNS leak again", "DNS leak is over",
		"Somebody outside the tunnel sees which names the client looks up.",
		"Look at the client's nameservers (/etc/resolv.conf) and use the VPN's; if this resolver is "
		"meant to be used, list its network or country in DNS_LEAK_TOLERANCE."},
	[VS_KIND_IPV6_LEAK] = {"IPv6 leak", "IPv6 leak again", "IPv6 leak is over",
		"IPv6 traffic leaves outside the tunnel.",
		"Stop what must not be seen; switch IPv6 off in the client's network, or use a VPN that "
		"carries it."},
	[VS_KIND_IPV6_EXPOSED] = {"IPv6 exposed", "IPv6 exposed again", "IPv6 is no longer exposed",
		"The client has a way to the internet over IPv6 beside the tunnel. Nothing was seen to use "
		"it.",
		"Switch IPv6 off in the client's network, or let the VPN carry it."},
	[VS_KIND_POLICY] = {"Exit against the policy", "Exit against the policy again",
		"Exit is within the policy again", "The tunnel's exit is not where it is allowed to be.",
		"Connect to another VPN server, or extend monitor.policy if this exit is right."},
	[VS_KIND_KILLSWITCH_OPEN] = {"Kill switch open", "Kill switch open again", "Kill switch is closed",
		"What does not use the tunnel gets out beside it: when the tunnel goes down, so will the "
		"rest.",
		"Look at the firewall rules of the VPN container, and switch its kill switch on."},
	[VS_KIND_SERVER_OFFLINE] = {"Server offline", "Server offline again", "Server is online again",
		"This server could not reach the internet, so nobody was judged.",
		"Check the server's own connection."},
	[VS_KIND_CHANNEL_BROKEN] = {"Channel broken", "Channel broken again", "Channel works again",
		"A channel for alerts cannot deliver.",
		"Act on the reason: if the service refused, correct the token or the recipient in the "
		"configuration; if it was not reached, look at the way there from this server."},
	[VS_KIND_STORE_FAILING] = {"Store failing", "Store failing again", "Store works again",
		"What happens now is kept in memory only.", "Check free space and permissions of the store."},
	[VS_KIND_PLUGIN_FAILING] = {"Plugin failing", "Plugin failing again", "Plugin works again",
		"A plugin does not do its work.", "Read the server's log; reload after the repair."},
	[VS_KIND_CERTIFICATE_EXPIRING] = {"Certificate expires", "Certificate has expired",
		"Certificate renewed", "Clients will refuse this server once it has expired.",
		"Renew it and put it where the configuration says."},
	[VS_KIND_CONNECTED] = {"Connected", NULL, NULL, "First keepalive of this client.", NULL},
	[VS_KIND_IP_CHANGED] = {"Exit changed", NULL, NULL,
		"The client's exit has another address than before.", NULL},
	[VS_KIND_VERSION_CHANGED] = {"Version changed", NULL, NULL,
		"The client runs another version than before.", NULL},
};

/* As people call what is not sure yet: "a DNS leak is suspected". */
static const char *const suspicions[VS_KINDS] = {
	[VS_KIND_TUNNEL_LOST] = "a lost tunnel",
	[VS_KIND_BYPASS] = "a VPN bypass",
	[VS_KIND_DNS_LEAK] = "a DNS leak",
	[VS_KIND_IPV6_LEAK] = "an IPv6 leak",
	[VS_KIND_IPV6_EXPOSED] = "a way out over IPv6",
	[VS_KIND_POLICY] = "an exit against the policy",
	[VS_KIND_KILLSWITCH_OPEN] = "an open kill switch",
};

struct key_words {
	const char *key;
	const char *label;
};

/* Values are literal, but that of "suspected" is a kind's name, of "cause" a cause's, of "exposed" bytes.
 * "closed": the end of watching, not of it. */
static const struct key_words keys[] = {
	{"exit", "Exit"},
	{"previous", "Before"},
	{"location", "Location"},
	{"provider", "Provider"},
	{"dns", "DNS location"},
	{"source", "Keepalive from"},
	{"version", "Version"},
	{"tags", "Tags"},
	{"instance", "Instance"},
	{"reason", "Reason"},
	{"suspected", "Suspected"},
	{"closed", "Why"},
	{"cause", "Cause"},
	{"exposed", "Exposed"},
};

static const char *const confidence_words[] = {
	[VS_CONFIDENCE_NONE] = "",
	[VS_CONFIDENCE_LOW] = "a guess",
	[VS_CONFIDENCE_MEDIUM] = "likely",
	[VS_CONFIDENCE_HIGH] = "certain",
};

const char *vs_detail_key(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].key;
	return NULL;
}

const char *vs_words_kind(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS && suspicions[kind] != NULL ? suspicions[kind] : "";
}

static const char *label_of(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].label;
	return key;
}

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

/* Values are foreign: none may look like another field, or turn the text around it. */
static void add_field(struct vs_message *message, const char *label, const char *value)
{
	struct vs_buf plain;

	if (*value == '\0')
		return;
	VS_REQUIRE(message->field_count < VS_MESSAGE_FIELDS_MAX);
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(value));
	message->fields[message->field_count++] = (struct vs_message_field){label, vs_buf_take(&plain)};
	vs_buf_fini(&plain);
}

/* Its client is not watched any more: nobody knows how it is. */
static bool is_closed(const struct vs_transition *t)
{
	return *vs_transition_detail(t, "closed") != '\0';
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
	const struct kind_words *words = &kinds[t->kind];

	if (is_closed(t))
		return "No longer watched";
	if (t->change == VS_CHANGE_RESOLVED)
		return words->resolved;
	return t->change == VS_CHANGE_ESCALATED ? words->again : words->opened;
}

/* What the transition adds to the headline: "still", "acknowledged". */
static const char *prefix(const struct vs_transition *t)
{
	if (t->change == VS_CHANGE_REMINDED)
		return "Still: ";
	return t->change == VS_CHANGE_ACKNOWLEDGED ? "Acknowledged: " : "";
}

/* "a DNS leak": what the transition says is suspected, NULL: nothing. */
static const char *suspected(const struct vs_transition *t)
{
	uint8_t kind;

	if (vs_kind_parse(&kind, vs_view_of(vs_transition_detail(t, "suspected"))) < 0)
		return NULL;
	return suspicions[kind];
}

/* Such a verdict is told by an alert of its own. */
static bool is_bad(const struct vs_transition *t)
{
	return t->verdict > VS_VERDICT_UNKNOWN;
}

/* How the client is, behind the headline: a notice does not shout what an alert says. */
static void tell_state(const struct vs_transition *t, struct vs_buf *title)
{
	if (suspected(t) != NULL)
		vs_buf_printf(title, " (%s is suspected)", suspected(t));
	else if (!is_bad(t))
		vs_buf_printf(title, " (%s)", vs_verdict_words((enum vs_verdict)t->verdict));
}

static void tell_title(const struct vs_transition *t, struct vs_message *message)
{
	char length[32];

	vs_buf_printf(&message->title, "%s %s%s", symbol(t), prefix(t), headline(t));
	if (*t->client != '\0')
		vs_buf_printf(&message->title, ": %s", t->client);
	if (t->kind == VS_KIND_CONNECTED)
		tell_state(t, &message->title);
	if (is_closed(t)) {
		vs_buf_printf(&message->title, " (%s)", kinds[t->kind].opened);
	} else if (t->change == VS_CHANGE_RESOLVED) {
		vs_duration_format(length, sizeof(length), t->duration_ms);
		vs_buf_printf(&message->title, " after %s", length);
	}
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
	if (t->kind == VS_KIND_DNS_LEAK && t->confidence != VS_CONFIDENCE_HIGH)
		return "Somebody outside the tunnel seems to see which names the client looks up.";
	if (t->kind != VS_KIND_TUNNEL_LOST)
		return kinds[t->kind].meaning;
	switch (cause_of(t)) {
	case VS_CAUSE_NONE:
	case VS_CAUSE_CLIENT_SILENT:
		return kinds[t->kind].meaning;
	case VS_CAUSE_EXIT_SILENT:
		return "All clients of this exit fell silent together: the VPN server or the way to it is "
		       "down.";
	default:
		return "The client can be heard, but its tunnel carries nothing.";
	}
}

/* "Evidence: " and a sentence that begins small and has no full stop. */
static void tell_body(const struct vs_transition *t, struct vs_message *message)
{
	if (is_closed(t))
		vs_buf_add_text(&message->body, "Nobody will hear whether this ended.");
	else if (t->change != VS_CHANGE_RESOLVED)
		vs_buf_add_text(&message->body, meaning_of(t));
	if (*t->evidence == '\0')
		return;
	if (message->body.len > 0)
		vs_buf_add_char(&message->body, '\n');
	vs_buf_add_text(&message->body, t->kind == VS_KIND_TUNNEL_LOST && t->change == VS_CHANGE_RESOLVED
						? "There was: "
						: "Evidence: ");
	vs_text_add_plain(&message->body, vs_view_of(t->evidence)); /* it quotes foreign values */
	vs_buf_add_char(&message->body, '.');
}

static void show_time(const struct vs_words_zone *zone, char *text, size_t size, int64_t at)
{
	if (zone == NULL)
		vs_time_words(text, size, at);
	else
		zone->format(zone->arg, text, size, at);
}

static void tell_times(
	const struct vs_transition *t, const struct vs_words_zone *zone, struct vs_message *message)
{
	char text[64];

	if (t->since != 0) {
		show_time(zone, text, sizeof(text), t->since);
		add_field(message, "Since", text);
	}
	show_time(zone, text, sizeof(text), t->at);
	add_field(message, t->change == VS_CHANGE_RESOLVED ? "Until" : "At", text);
	if (t->change == VS_CHANGE_RESOLVED) {
		vs_duration_format(text, sizeof(text), t->duration_ms);
		add_field(message, "Duration", text);
	}
}

static void tell_detail(
	const struct vs_transition *t, const struct vs_detail *detail, struct vs_message *message)
{
	const char *label = label_of(detail->key);
	char bytes[32], text[96];

	if (strcmp(detail->key, "suspected") == 0 && suspected(t) != NULL) {
		add_field(message, label, suspected(t));
	} else if (strcmp(detail->key, "cause") == 0) {
		if (cause_of(t) != VS_CAUSE_CLIENT_SILENT) /* the message is about nothing else */
			add_field(message, label, vs_cause_words(cause_of(t)));
	} else if (strcmp(detail->key, "exposed") == 0) {
		vs_bytes_words(bytes, sizeof(bytes), strtod(detail->value, NULL));
		snprintf(text, sizeof(text), "at most %s left beside the tunnel %s", bytes,
			t->change == VS_CHANGE_RESOLVED ? "meanwhile" : "so far");
		add_field(message, label, text);
	} else {
		add_field(message, label, detail->value);
	}
}

void vs_words_tell(
	const struct vs_transition *t, const struct vs_words_zone *zone, struct vs_message *message)
{
	VS_REQUIRE(t->kind < VS_KINDS);
	tell_title(t, message);
	tell_body(t, message);
	add_field(message, "Client", t->client);
	if (t->kind == VS_KIND_CONNECTED && is_bad(t) && suspected(t) == NULL)
		add_field(message, "Verdict", vs_verdict_words((enum vs_verdict)t->verdict));
	for (size_t i = 0; i < t->detail_count; i++)
		tell_detail(t, &t->details[i], message);
	tell_times(t, zone, message);
	if (t->change == VS_CHANGE_RESOLVED)
		return;
	add_field(message, "Sure", confidence_words[t->confidence]);
	if (kinds[t->kind].advice != NULL)
		add_field(message, "What to do", kinds[t->kind].advice);
}
