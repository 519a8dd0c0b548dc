/* Probe tunnel: is the tunnel there, and does traffic go through it? Asks the kernel, sends nothing. */
#include "vpn_sentinel/plugin.h"

#include "tunnel_ask.h"
#include "tunnel_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTLE_MS = 250 }; /* a tunnel comes up in many small changes */

struct config {
	struct vpns_list interface;
	struct vpns_list witnesses;
	int64_t silent_ms;
	uint8_t watch;
	const char *resolv_conf;
	const char *wireguard_dir;
};

static const struct vpns_option options[] = {
	{"interface", VPNS_LIST(struct config, interface), 0, NULL, 0, 16, 0, NULL,
		"the tunnel's devices, names or patterns; unset or auto: whatever looks like one"},
	{"witnesses", VPNS_LIST(struct config, witnesses), 0,
		"1.1.1.1, 208.67.222.222, 2606:4700:4700::1111, 2001:4860:4860::8888", 0,
		TUNNEL_WITNESSES_MAX, 0, NULL,
		"addresses that stand for the internet; nothing is sent to them"},
	{"silent", VPNS_DURATION(struct config, silent_ms), 0, "10m", 1000, 86400000, 1000, NULL,
		"how long WireGuard may hear nothing before it is mentioned"},
	{"watch", VPNS_BOOL(struct config, watch), 0, "yes", 0, 0, 0, NULL,
		"ask for a round as soon as the tunnel or a route changes"},
	{"resolv_conf", VPNS_PATH(struct config, resolv_conf), 0, "/etc/resolv.conf", 0, 0, 0, NULL,
		"where the nameservers stand"},
	{"wireguard_dir", VPNS_PATH(struct config, wireguard_dir), 0, "/run/wireguard", 0, 0, 0, NULL,
		"where wireguard-go has its sockets"},
};

static const char *const needs[] = {VPNS_WORK_1, VPNS_TIMER_1};

static const struct vpns_fact_decl facts[] = {
	{"tunnel.interface", VPNS_FACT_TEXT, 0, NULL, "the tunnel's devices"},
	{"tunnel.up", VPNS_FACT_BOOL, 0, NULL, "one of them is there and up"},
	{"tunnel.handshake_age", VPNS_FACT_DURATION, 0, NULL, "time since WireGuard's last handshake"},
	{"tunnel.rx_bytes", VPNS_FACT_INT, 0, "bytes", "received through the tunnel"},
	{"tunnel.tx_bytes", VPNS_FACT_INT, 0, "bytes", "sent through the tunnel"},
	{"beside.rx_bytes", VPNS_FACT_INT, 0, "bytes",
		"received by the other devices, the tunnel's own packets too"},
	{"beside.tx_bytes", VPNS_FACT_INT, 0, "bytes",
		"sent by the other devices, the tunnel's own packets too"},
	{"net.devices", VPNS_FACT_INT, 0, NULL, "devices that are switched on, loopback not counted"},
	{"path.exit", VPNS_FACT_TEXT, 0, NULL, "the way to the IPv4 internet: tunnel, beside or none"},
	{"path.exit6", VPNS_FACT_TEXT, 0, NULL, "the way to the IPv6 internet: tunnel, beside or none"},
	{"path.beside", VPNS_FACT_TEXT, 0, NULL,
		"witnesses that are reached past the tunnel, and by which device"},
	{"dns.path", VPNS_FACT_TEXT, 0, NULL,
		"the way to the nameservers: tunnel, beside, local, none or mixed"},
	{"dns.beside", VPNS_FACT_TEXT, 0, NULL, "nameservers that are reached past the tunnel"},
	{"ipv6.global", VPNS_FACT_TEXT, 0, NULL, "other devices with a public IPv6 address"},
};

struct tunnel {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_work_service *work;
	const struct vpns_timer_service *timer;
	const struct vpns_poll_service *poll; /* NULL: not offered */
	const struct vpns_round_service *round; /* NULL: not offered */
	struct vpns_list patterns; /* of the tunnel's name */
	struct tunnel_asking asking;
	struct tunnel_view view; /* the worker's while a job is under way */
	struct tunnel_findings findings; /* of the latest job */
	struct tunnel_findings told; /* of the latest round */
	int has_told;
	vpns_op op; /* 0: no round waits */
	int asked; /* a job is under way */
	int again; /* and another is wanted after it */
	int fd; /* of the watch; -1: none */
	uint64_t watch; /* 0: none */
	uint64_t settle; /* timer; 0: none */
};

static void ask(struct tunnel *self);

static void finish(struct tunnel *self, const struct tunnel_findings *findings)
{
	struct vpns_fact list[TUNNEL_FACTS_MAX];
	struct vpns_probe_result result = {0};
	vpns_op op = self->op;

	self->op = 0;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_PROBE;
	result.status = findings->status;
	result.reason = findings->reason[0] == '\0' ? NULL : findings->reason;
	result.facts = list;
	result.fact_count = tunnel_view_facts(findings, list);
	self->host->finish(self->host, op, &result.head);
}

static void finish_unknown(struct tunnel *self, const char *reason)
{
	struct tunnel_findings none = {.status = VPNS_PROBE_UNKNOWN};

	snprintf(none.reason, sizeof(none.reason), "%s", reason);
	finish(self, &none);
}

/* Tells the round that waits, or asks for one when what was told last is no longer so. */
static void tell(struct tunnel *self)
{
	if (self->op != 0) {
		self->told = self->findings;
		self->has_told = 1;
		finish(self, &self->findings);
	} else if (self->has_told && self->round != NULL && self->findings.status != VPNS_PROBE_UNKNOWN &&
		   tunnel_view_differs(&self->told, &self->findings)) {
		self->told = self->findings; /* one wish a change */
		self->round->hurry(self->host, "the tunnel or a route changed");
	}
}

static void run_asking(void *arg) /* [worker] */
{
	struct tunnel *self = arg;

	tunnel_ask(&self->view, &self->asking);
}

static void on_asked(void *arg)
{
	struct tunnel *self = arg;

	self->asked = 0;
	tunnel_view_judge(&self->findings, &self->view, &self->patterns, self->config->silent_ms / 1000);
	tell(self);
	if (self->again)
		ask(self);
}

/* A round that begins while a job runs wants to know how it is now, not how it was. */
static void ask(struct tunnel *self)
{
	self->again = self->asked;
	if (self->asked)
		return;
	self->asking.now_s = self->host->wall_ms(self->host) / 1000;
	self->asked = self->work->start(self->host, run_asking, on_asked, self) != 0;
	if (!self->asked && self->op != 0)
		finish_unknown(self, "no thread could be had to ask the kernel");
}

static void on_settled(void *arg)
{
	struct tunnel *self = arg;

	self->settle = 0;
	ask(self);
}

static void stop_watching(struct tunnel *self)
{
	if (self->watch != 0)
		self->poll->end(self->host, self->watch);
	self->watch = 0;
	if (self->fd >= 0)
		close(self->fd);
	self->fd = -1;
}

static void on_change(void *arg, uint32_t events)
{
	struct tunnel *self = arg;
	int changed = (events & VPNS_POLL_ERROR) != 0 ? -1 : tunnel_watch_read(self->fd);

	if (changed < 0) {
		stop_watching(self);
		self->host->log(self->host, VPNS_LOG_WARN,
			"the kernel stopped telling about changes of the network: they are seen when the "
			"next "
			"round is due");
	} else if (changed && self->settle == 0 && self->has_told) {
		self->settle = self->timer->set(self->host, SETTLE_MS, on_settled, self);
	}
}

static void start_watching(struct tunnel *self)
{
	self->fd = tunnel_watch_open();
	if (self->fd >= 0)
		self->watch = self->poll->watch(self->host, self->fd, VPNS_POLL_READ, on_change, self);
	if (self->watch != 0)
		return;
	stop_watching(self);
	self->host->log(self->host, VPNS_LOG_WARN,
		"changes of the network cannot be watched: they are seen when the next round is due");
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *wanted)
{
	struct tunnel *self = state;

	(void)wanted; /* the kernel answers at once; whatever does not is given up within seconds */
	self->op = op;
	ask(self);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct tunnel *self = state;

	if (op != 0 && op == self->op)
		finish_unknown(self, "the kernel did not answer in time");
}

static int read_witnesses(struct tunnel *self, struct vpns_error *error)
{
	const struct vpns_list *list = &self->config->witnesses;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		struct tunnel_server *to = &self->asking.witnesses[self->asking.witness_count];

		if (i == TUNNEL_WITNESSES_MAX ||
			tunnel_server_parse(to, list->items[i], strlen(list->items[i])) < 0 || to->loopback ||
			to->device[0] != '\0') {
			snprintf(error->text, sizeof(error->text),
				"witnesses: \"%.60s\" is not an address of the internet, such as 1.1.1.1 (%d "
				"at "
				"most)",
				list->items[i], TUNNEL_WITNESSES_MAX);
			return -1;
		}
		self->asking.witness_count++;
	}
	return 0;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct tunnel *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->fd = -1;
	self->patterns = self->config->interface;
	if (self->patterns.count == 1 && strcmp(self->patterns.items[0], "auto") == 0)
		self->patterns.count = 0;
	self->asking.patterns = &self->patterns;
	self->asking.resolv_conf = self->config->resolv_conf;
	self->asking.wireguard_dir = self->config->wireguard_dir;
	if (read_witnesses(self, error) < 0) {
		free(self);
		return NULL;
	}
	self->work = host->service(host, VPNS_WORK_1);
	self->timer = host->service(host, VPNS_TIMER_1);
	self->poll = host->service(host, VPNS_POLL_1);
	self->round = host->service(host, VPNS_ROUND_1);
	if (host->role != VPNS_ROLE_TOOL && self->config->watch && self->poll != NULL && self->round != NULL)
		start_watching(self);
	return self;
}

static void destroy(void *state)
{
	struct tunnel *self = state;

	stop_watching(self);
	self->timer->cancel(self->host, self->settle);
	free(self);
}

static const struct vpns_probe_ops ops = {
	.size = sizeof(ops),
	.create = create,
	.start = start,
	.cancel = cancel,
	.destroy = destroy,
};

VPNS_PROBE_PLUGIN("tunnel", "1.0.0", "the tunnel's device, and whether traffic goes through it", 0,
	VPNS_GRANT_NETLINK, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
