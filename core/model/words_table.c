#include "model/words_table.h"

#include <string.h>

#include "model/tongue.h"
#include "model/transition.h"
#include "model/words.h"

static const struct vs_kind_words kinds[VS_KINDS] = {
	[VS_KIND_TUNNEL_LOST] = {VS_WORDS("Lost"), VS_WORDS("Lost again"), VS_WORDS("Recovered"),
		VS_WORDS("The client has fallen silent: its tunnel, its host or the way from there to this "
			 "server is down."),
		VS_WORDS("Look at the VPN container and the client's log; with a kill switch nothing leaks "
			 "meanwhile.")},
	[VS_KIND_BYPASS] = {VS_WORDS("VPN bypass"), VS_WORDS("VPN bypass again"),
		VS_WORDS("VPN bypass is over"),
		VS_WORDS("Traffic leaves through the home network instead of the tunnel."),
		VS_WORDS("Stop what must not be seen, then restart the VPN and check its kill switch.")},
	[VS_KIND_DNS_LEAK] = {VS_WORDS("DNS leak"), VS_WORDS("DNS leak again"), VS_WORDS("DNS leak is over"),
		VS_WORDS("Somebody outside the tunnel sees which names the client looks up."),
		VS_WORDS("Look at the client's nameservers (/etc/resolv.conf) and use the VPN's; if this "
			 "resolver is meant to be used, list its network or country in DNS_LEAK_TOLERANCE.")},
	[VS_KIND_IPV6_LEAK] = {VS_WORDS("IPv6 leak"), VS_WORDS("IPv6 leak again"),
		VS_WORDS("IPv6 leak is over"), VS_WORDS("IPv6 traffic leaves outside the tunnel."),
		VS_WORDS("Stop what must not be seen; switch IPv6 off in the client's network, or use a VPN "
			 "that carries it.")},
	[VS_KIND_IPV6_EXPOSED] = {VS_WORDS("IPv6 exposed"), VS_WORDS("IPv6 exposed again"),
		VS_WORDS("IPv6 is no longer exposed"),
		VS_WORDS("The client has a way to the internet over IPv6 beside the tunnel. Nothing was seen "
			 "to use it."),
		VS_WORDS("Switch IPv6 off in the client's network, or let the VPN carry it.")},
	[VS_KIND_POLICY] = {VS_WORDS("Exit against the policy"), VS_WORDS("Exit against the policy again"),
		VS_WORDS("Exit is within the policy again"),
		VS_WORDS("The tunnel's exit is not where it is allowed to be."),
		VS_WORDS("Connect to another VPN server, or extend monitor.policy if this exit is right.")},
	[VS_KIND_KILLSWITCH_OPEN] = {VS_WORDS("Kill switch open"), VS_WORDS("Kill switch open again"),
		VS_WORDS("Kill switch is closed"),
		VS_WORDS("What does not use the tunnel gets out beside it: if the tunnel goes down, "
			 "everything does."),
		VS_WORDS("Look at the firewall rules of the VPN container, and switch its kill switch on.")},
	[VS_KIND_SERVER_OFFLINE] = {VS_WORDS("Server offline"), VS_WORDS("Server offline again"),
		VS_WORDS("Server is online again"),
		VS_WORDS("This server could not reach the internet. Meanwhile it could not tell who was "
			 "lost."),
		VS_WORDS("Check the server's own connection.")},
	[VS_KIND_CHANNEL_BROKEN] = {VS_WORDS("Channel broken"), VS_WORDS("Channel broken again"),
		VS_WORDS("Channel works again"), VS_WORDS("A channel for alerts cannot deliver."),
		VS_WORDS(
			"Act on the reason: if the service refused, correct the token or the recipient in "
			"the configuration; if it was not reached, look at the way there from this server.")},
	[VS_KIND_STORE_FAILING] = {VS_WORDS("Store failing"), VS_WORDS("Store failing again"),
		VS_WORDS("Store works again"),
		VS_WORDS("What happens now is kept in memory only, and lost if the server ends."),
		VS_WORDS("Check free space and permissions of the store.")},
	[VS_KIND_PLUGIN_FAILING] = {VS_WORDS("Plugin failing"), VS_WORDS("Plugin failing again"),
		VS_WORDS("Plugin works again"), VS_WORDS("A plugin does not do its work."),
		VS_WORDS("Read the server's log; reload after the repair.")},
	[VS_KIND_CERTIFICATE_EXPIRING] = {VS_WORDS("Certificate expires"),
		VS_WORDS("Certificate has expired"), VS_WORDS("Certificate renewed"),
		VS_WORDS("Clients will refuse this server once it has expired."),
		VS_WORDS("Renew it and put it where the configuration says.")},
	[VS_KIND_CONNECTED] = {VS_WORDS("Connected"), NULL, NULL, VS_WORDS("First keepalive of this client."),
		NULL},
	[VS_KIND_IP_CHANGED] = {VS_WORDS("Exit changed"), NULL, NULL,
		VS_WORDS("The client's exit has another address than before."), NULL},
	[VS_KIND_VERSION_CHANGED] = {VS_WORDS("Version changed"), NULL, NULL,
		VS_WORDS("The client runs another version than before."), NULL},
};

/* As people call what is not sure yet: "a DNS leak" is suspected. */
static const char *const suspicions[VS_KINDS] = {
	[VS_KIND_TUNNEL_LOST] = VS_WORDS("a lost tunnel"),
	[VS_KIND_BYPASS] = VS_WORDS("a VPN bypass"),
	[VS_KIND_DNS_LEAK] = VS_WORDS("a DNS leak"),
	[VS_KIND_IPV6_LEAK] = VS_WORDS("an IPv6 leak"),
	[VS_KIND_IPV6_EXPOSED] = VS_WORDS("a way out over IPv6"),
	[VS_KIND_POLICY] = VS_WORDS("an exit against the policy"),
	[VS_KIND_KILLSWITCH_OPEN] = VS_WORDS("an open kill switch"),
};

struct key_words {
	const char *key;
	const char *label;
};

/* Values are literal, but that of "suspected" is a kind's name, of "cause" a cause's, of "exposed" bytes.
 * "closed": the end of watching, not of it. "late": no field, the text itself says it. */
static const struct key_words keys[] = {
	{"exit", VS_WORDS("Exit")},
	{"previous", VS_WORDS("Before")},
	{"location", VS_WORDS("Location")},
	{"provider", VS_WORDS("Provider")},
	{"dns", VS_WORDS("DNS location")},
	{"source", VS_WORDS("Keepalive from")},
	{"version", VS_WORDS("Version")},
	{"tags", VS_WORDS("Tags")},
	{"instance", VS_WORDS("Instance")},
	{"reason", VS_WORDS("Reason")},
	{"suspected", VS_WORDS("Suspected")},
	{"closed", VS_WORDS("Why")},
	{"cause", VS_WORDS("Cause")},
	{"exposed", VS_WORDS("Exposed")},
	{"told_before", VS_WORDS("Told before")},
	{"who", ""},
	{"note", VS_WORDS("Note")},
	{VS_LATE_KEY, ""},
};

static const char *const confidence_words[] = {
	[VS_CONFIDENCE_NONE] = "",
	[VS_CONFIDENCE_LOW] = VS_WORDS("a guess"),
	[VS_CONFIDENCE_MEDIUM] = VS_WORDS("likely"),
	[VS_CONFIDENCE_HIGH] = VS_WORDS("certain"),
};

static const char *const severity_words[] = {
	[VS_SEVERITY_INFO] = VS_WORDS("for information"),
	[VS_SEVERITY_WARNING] = VS_WORDS("warning"),
	[VS_SEVERITY_CRITICAL] = VS_WORDS("critical"),
};

const struct vs_kind_words *vs_kind_words(enum vs_kind kind)
{
	return &kinds[kind];
}

const char *vs_words_kind(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS && suspicions[kind] != NULL ? suspicions[kind] : "";
}

const char *vs_words_headline(enum vs_kind kind)
{
	return kinds[kind].opened;
}

const char *vs_words_severity(enum vs_severity severity)
{
	return severity_words[severity];
}

const char *vs_words_confidence(enum vs_confidence confidence)
{
	return confidence_words[confidence];
}

const char *vs_detail_key(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].key;
	return NULL;
}

const char *vs_detail_label(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].label;
	return key;
}
