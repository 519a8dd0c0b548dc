#include "tunnel_view.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

enum way { WAY_NONE, WAY_TUNNEL, WAY_BESIDE, WAY_LOCAL, WAYS };
static const char *const way_names[WAYS] = {"none", "tunnel", "beside", "local"};

/* Appends, and leaves out what does not fit as a whole. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(text + len, size - len, format, args);
	va_end(args);
	if (added < 0 || (size_t)added >= size - len)
		text[len] = '\0';
}

static void append_word(char *text, size_t size, const char *word)
{
	append(text, size, "%s%s", text[0] == '\0' ? "" : " ", word);
}

__attribute__((format(printf, 3, 4))) static void complain(
	struct tunnel_findings *findings, uint32_t status, const char *format, ...)
{
	char sentence[TUNNEL_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	append(findings->reason, sizeof(findings->reason), "%s%s", findings->reason[0] == '\0' ? "" : "; ",
		sentence);
	if (status > findings->status) /* PASS, WARN, FAIL: the higher, the worse */
		findings->status = status;
}

static int matches_any(const char *name, const char *const *patterns, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return 1;
	return 0;
}

/* A tap that is a port of a bridge belongs to a virtual machine. */
static int looks_like_tunnel(const struct tunnel_link *link)
{
	static const char *const names[] = {"wg*", "tun*", "tap*", "ppp*", "proton*", "nordlynx*", "utun*"};
	static const char *const kinds[] = {
		"wireguard", "amneziawg", "tun", "ppp", "xfrm", "vti", "vti6", "ovpn*", "ipsec"};

	if (link->loopback || link->master != 0)
		return 0;
	return link->type == ARPHRD_PPP || matches_any(link->kind, kinds, sizeof(kinds) / sizeof(kinds[0])) ||
	       matches_any(link->name, names, sizeof(names) / sizeof(names[0]));
}

void tunnel_view_mark(struct tunnel_links *links, const struct vpns_list *patterns)
{
	uint32_t i;

	for (i = 0; i < links->count; i++) {
		struct tunnel_link *link = &links->items[i];

		link->tunnel = patterns->count > 0
				       ? (uint8_t)matches_any(link->name, patterns->items, patterns->count)
				       : (uint8_t)looks_like_tunnel(link);
	}
}

static const struct tunnel_link *link_of(const struct tunnel_view *view, const struct tunnel_way *way)
{
	uint32_t i;

	if (way->to.device[0] == '\0')
		return tunnel_link_find(&view->links, way->route.device);
	for (i = 0; i < view->links.count; i++)
		if (strcmp(view->links.items[i].name, way->to.device) == 0)
			return &view->links.items[i];
	return NULL;
}

static enum way classify(const struct tunnel_view *view, const struct tunnel_way *way)
{
	const struct tunnel_link *link = link_of(view, way);

	if (way->to.loopback || way->route.local || (link != NULL && link->loopback))
		return WAY_LOCAL;
	if (way->route.error != 0 || link == NULL || !link->on)
		return WAY_NONE;
	return link->tunnel ? WAY_TUNNEL : WAY_BESIDE;
}

const struct tunnel_link *tunnel_view_main(const struct tunnel_view *view)
{
	uint32_t i;

	for (i = 0; i < view->way_count; i++)
		if (!view->ways[i].is_nameserver && classify(view, &view->ways[i]) == WAY_TUNNEL)
			return link_of(view, &view->ways[i]);
	for (i = 0; i < view->links.count; i++)
		if (view->links.items[i].tunnel)
			return &view->links.items[i];
	return NULL;
}

/* A port's bytes are counted by its bridge, those of a VLAN by the device below it. */
static int counts_beside(const struct tunnel_link *link)
{
	static const char *const upper[] = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap"};

	return !link->tunnel && !link->loopback && link->master == 0 &&
	       !matches_any(link->kind, upper, sizeof(upper) / sizeof(upper[0]));
}

static void judge_links(struct tunnel_findings *findings, const struct tunnel_view *view)
{
	uint64_t tunnel_rx = 0, tunnel_tx = 0, beside_rx = 0, beside_tx = 0;
	uint32_t i, devices = 0, tunnels = 0;
	int up = 0;

	for (i = 0; i < view->links.count; i++) {
		const struct tunnel_link *link = &view->links.items[i];

		devices += !link->loopback && link->on;
		if (link->tunnel) {
			tunnels++;
			up |= link->up;
			tunnel_rx += link->rx;
			tunnel_tx += link->tx;
			append_word(findings->interface, sizeof(findings->interface), link->name);
		} else if (counts_beside(link)) {
			beside_rx += link->rx;
			beside_tx += link->tx;
			if (link->global6 && link->on)
				append_word(findings->ipv6_global, sizeof(findings->ipv6_global), link->name);
		}
	}
	snprintf(findings->up, sizeof(findings->up), "%s", up ? "true" : "false");
	snprintf(findings->devices, sizeof(findings->devices), "%" PRIu32, devices);
	snprintf(findings->beside_rx, sizeof(findings->beside_rx), "%" PRIu64, beside_rx & INT64_MAX);
	snprintf(findings->beside_tx, sizeof(findings->beside_tx), "%" PRIu64, beside_tx & INT64_MAX);
	if (tunnels == 0)
		return;
	snprintf(findings->tunnel_rx, sizeof(findings->tunnel_rx), "%" PRIu64, tunnel_rx & INT64_MAX);
	snprintf(findings->tunnel_tx, sizeof(findings->tunnel_tx), "%" PRIu64, tunnel_tx & INT64_MAX);
}

static void name_beside(char *text, size_t size, const struct tunnel_view *view, const struct tunnel_way *way)
{
	append(text, size, "%s%s by %s", text[0] == '\0' ? "" : ", ", way->to.address,
		link_of(view, way)->name);
}

/* One way past the tunnel is enough; a family that no witness was given for stays open. */
static void judge_exit(
	struct tunnel_findings *findings, const struct tunnel_view *view, uint8_t family, char path[8])
{
	enum way worst = WAY_NONE;
	int asked = 0;
	uint32_t i;

	for (i = 0; i < view->way_count; i++) {
		const struct tunnel_way *way = &view->ways[i];
		enum way kind = classify(view, way);

		if (way->is_nameserver || way->to.family != family || kind == WAY_LOCAL)
			continue;
		asked = 1;
		if (kind > worst)
			worst = kind;
		if (kind == WAY_BESIDE)
			name_beside(findings->path_beside, sizeof(findings->path_beside), view, way);
	}
	if (asked)
		snprintf(path, 8, "%s", way_names[worst]);
}

static void judge_nameservers(struct tunnel_findings *findings, const struct tunnel_view *view)
{
	int seen[WAYS] = {0};
	uint32_t i;
	int kinds = 0;

	for (i = 0; i < view->way_count; i++) {
		const struct tunnel_way *way = &view->ways[i];
		enum way kind = classify(view, way);

		if (!way->is_nameserver)
			continue;
		kinds += !seen[kind];
		seen[kind] = 1;
		if (kind == WAY_BESIDE)
			name_beside(findings->dns_beside, sizeof(findings->dns_beside), view, way);
		snprintf(findings->dns_path, sizeof(findings->dns_path), "%s",
			kinds > 1 ? "mixed" : way_names[kind]);
	}
}

static int is(const char *text, enum way way)
{
	return strcmp(text, way_names[way]) == 0;
}

static void complain_of_missing(struct tunnel_findings *findings, const struct vpns_list *patterns)
{
	char wanted[128] = "";
	uint32_t i;

	for (i = 0; i < patterns->count; i++)
		append_word(wanted, sizeof(wanted), patterns->items[i]);
	if (strcmp(findings->devices, "0") == 0)
		complain(findings, VPNS_PROBE_FAIL,
			"no network device but loopback is left: was the network of this container restarted "
			"without it?");
	else if (patterns->count > 0)
		complain(findings, VPNS_PROBE_FAIL, "the tunnel is missing: there is no device %s", wanted);
	else
		complain(findings, VPNS_PROBE_FAIL,
			"the tunnel is missing: no device looks like one (its name can be told by the option "
			"interface)");
}

static void complain_of_tunnel(
	struct tunnel_findings *findings, const struct tunnel_view *view, int64_t silent_s)
{
	if (strcmp(findings->up, "true") != 0)
		complain(findings, VPNS_PROBE_FAIL, "the tunnel %s is down", findings->interface);
	else if (view->handshake_never)
		complain(findings, VPNS_PROBE_WARN, "the tunnel %s has not heard from its peer yet",
			tunnel_view_main(view)->name);
	else if (view->handshake_age_s > silent_s)
		complain(findings, VPNS_PROBE_WARN,
			"the tunnel %s heard from its peer %" PRId64 " s ago last",
			tunnel_view_main(view)->name, view->handshake_age_s);
}

static void complain_of_ways(struct tunnel_findings *findings)
{
	int past = is(findings->path_exit, WAY_BESIDE);
	int past6 = is(findings->path_exit6, WAY_BESIDE);

	if (past || past6)
		complain(findings,
			past || findings->ipv6_global[0] != '\0' ? VPNS_PROBE_FAIL : VPNS_PROBE_WARN,
			"traffic leaves past the tunnel: %s", findings->path_beside);
	else if (!is(findings->path_exit, WAY_TUNNEL) && !is(findings->path_exit6, WAY_TUNNEL) &&
		 (findings->path_exit[0] != '\0' || findings->path_exit6[0] != '\0'))
		complain(findings, VPNS_PROBE_FAIL, "no way leads to the internet");
	if (findings->dns_beside[0] != '\0')
		complain(findings, VPNS_PROBE_WARN, "nameservers are asked past the tunnel: %s",
			findings->dns_beside);
}

void tunnel_view_judge(struct tunnel_findings *findings, const struct tunnel_view *view,
	const struct vpns_list *patterns, int64_t silent_s)
{
	memset(findings, 0, sizeof(*findings));
	if (view->problem[0] != '\0') {
		findings->status = VPNS_PROBE_UNKNOWN;
		snprintf(findings->reason, sizeof(findings->reason), "%s", view->problem);
		return;
	}
	if (view->links.left_out > 0) { /* one of them may be the tunnel, or what leads past it */
		findings->status = VPNS_PROBE_UNKNOWN;
		snprintf(findings->reason, sizeof(findings->reason),
			"there are %d network devices more than the %d that are looked at",
			(int)view->links.left_out, TUNNEL_LINKS_MAX);
		return;
	}
	findings->status = VPNS_PROBE_PASS;
	judge_links(findings, view);
	judge_exit(findings, view, 4, findings->path_exit);
	judge_exit(findings, view, 6, findings->path_exit6);
	judge_nameservers(findings, view);
	if (findings->interface[0] == '\0')
		complain_of_missing(findings, patterns);
	else
		complain_of_tunnel(findings, view, silent_s);
	complain_of_ways(findings);
	if (view->handshake_age_s >= 0 && !view->handshake_never)
		snprintf(findings->handshake_age, sizeof(findings->handshake_age), "%" PRId64 "s",
			view->handshake_age_s);
}

uint32_t tunnel_view_facts(const struct tunnel_findings *findings, struct vpns_fact facts[TUNNEL_FACTS_MAX])
{
	const struct vpns_fact all[] = {
		{"tunnel.interface", findings->interface},
		{"tunnel.up", findings->up},
		{"tunnel.handshake_age", findings->handshake_age},
		{"tunnel.rx_bytes", findings->tunnel_rx},
		{"tunnel.tx_bytes", findings->tunnel_tx},
		{"beside.rx_bytes", findings->beside_rx},
		{"beside.tx_bytes", findings->beside_tx},
		{"net.devices", findings->devices},
		{"path.exit", findings->path_exit},
		{"path.exit6", findings->path_exit6},
		{"path.beside", findings->path_beside},
		{"dns.path", findings->dns_path},
		{"dns.beside", findings->dns_beside},
		{"ipv6.global", findings->ipv6_global},
	};
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value[0] != '\0')
			facts[count++] = all[i];
	return count;
}

int tunnel_view_differs(const struct tunnel_findings *a, const struct tunnel_findings *b)
{
	return strcmp(a->interface, b->interface) != 0 || strcmp(a->up, b->up) != 0 ||
	       strcmp(a->devices, b->devices) != 0 || strcmp(a->path_exit, b->path_exit) != 0 ||
	       strcmp(a->path_exit6, b->path_exit6) != 0 || strcmp(a->path_beside, b->path_beside) != 0 ||
	       strcmp(a->dns_path, b->dns_path) != 0 || strcmp(a->dns_beside, b->dns_beside) != 0 ||
	       strcmp(a->ipv6_global, b->ipv6_global) != 0;
}
