/* Probe killswitch: tries to get past the tunnel through every other device. What succeeds is a hole. */
#include "vpn_sentinel/plugin.h"

#include "killswitch_devices.h"
#include "killswitch_target.h"
#include "killswitch_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS_MAX = 2, KNOCKS_MAX = KILLSWITCH_DEVICES_MAX * (TARGETS_MAX + 1) };
enum { OPEN_AGAIN_MS = 60000 }; /* a hole is looked at more often, so that its end is seen */

struct config {
	struct vpns_list devices;
	struct vpns_list tunnel;
	struct vpns_list targets;
	uint8_t canary;
	int64_t wait_ms;
	int64_t every_ms;
};

static const struct vpns_option options[] = {
	{"devices", VPNS_LIST(struct config, devices), 0, NULL, 0, 16, 0, NULL,
		"names or patterns of devices to try; unset: all but the tunnel"},
	{"tunnel", VPNS_LIST(struct config, tunnel), 0, NULL, 0, 16, 0, NULL,
		"names or patterns of the tunnel's devices; unset or auto: whatever looks like one"},
	{"targets", VPNS_LIST(struct config, targets), 0, "1.1.1.1:53", 0, TARGETS_MAX, 0, NULL,
		"whom to knock at: address:port, with /tcp to connect; else a question to a nameserver"},
	{"canary", VPNS_BOOL(struct config, canary), 0, "yes", 0, 0, 0, NULL,
		"also send a signed word to the VPN Sentinel server, whose arrival is proof"},
	{"wait", VPNS_DURATION(struct config, wait_ms), 0, "3s", 100, 60000, 1000, NULL,
		"how long an answer may take"},
	{"every", VPNS_DURATION(struct config, every_ms), 0, "15m", 1000, 86400000, 1000, NULL,
		"time between two tests where nothing changes; after one that got out, at most a minute"},
};

static const char *const needs[] = {VPNS_SOCKET_1};

static const struct vpns_fact_decl facts[] = {
	{"killswitch.tested", VPNS_FACT_TEXT, 0, NULL,
		"devices through which it was tried to get past the tunnel"},
	{"killswitch.open", VPNS_FACT_TEXT, 0, NULL, "those through which it worked"},
};

struct killswitch;

/* One attempt: a target, or the server by canary, through one device. */
struct knock {
	struct killswitch *self;
	uint32_t trial;
	uint64_t handle; /* 0: not under way */
	uint8_t is_canary;
	char who[64];
};

struct killswitch {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_socket_service *socket;
	const struct vpns_canary_service *canary; /* NULL: not offered, or not wanted */
	struct vpns_list tunnel; /* patterns */
	struct killswitch_target targets[TARGETS_MAX];
	uint32_t target_count;
	vpns_op op; /* 0: idle */
	struct knock knocks[KNOCKS_MAX];
	uint32_t knock_count;
	uint32_t waiting;
	struct killswitch_trial trials[KILLSWITCH_DEVICES_MAX];
	uint32_t trial_count;
	uint32_t left_out;
	uint64_t mark; /* of the devices that the test is made with */
	struct killswitch_verdict last; /* of a test that proved something */
	uint64_t last_ms; /* mono */
	uint64_t due_ms; /* mono, of the next test; 0: at once */
	uint64_t open_ms; /* mono, of the last test that got out; 0: none did */
	uint8_t untold; /* the server had not told yet how to sign a canary */
	uint8_t signed_for; /* one more test was made for that */
};

static void finish(struct killswitch *self, const struct killswitch_verdict *verdict, uint64_t age_ms)
{
	struct vpns_probe_result result = {0};
	struct vpns_fact list[2];
	vpns_op op = self->op;

	self->op = 0;
	if (verdict->tested[0] != '\0')
		list[result.fact_count++] = (struct vpns_fact){"killswitch.tested", verdict->tested};
	if (verdict->open[0] != '\0')
		list[result.fact_count++] = (struct vpns_fact){"killswitch.open", verdict->open};
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_PROBE;
	result.status = verdict->status;
	result.reason = verdict->reason[0] == '\0' ? NULL : verdict->reason;
	result.facts = list;
	result.observed_at_ms = self->host->wall_ms(self->host) - (int64_t)age_ms;
	self->host->finish(self->host, op, &result.head);
}

static void finish_unknown(struct killswitch *self, const char *reason)
{
	struct killswitch_verdict verdict = {.status = VPNS_PROBE_UNKNOWN};

	snprintf(verdict.reason, sizeof(verdict.reason), "%s", reason);
	self->due_ms = 0;
	finish(self, &verdict, 0);
}

/*
 * A test that proved nothing is not worth waiting for, and one without the canary, before the first keepalive
 * was answered, is not the whole: once, another follows. A hole is looked at again soon, and so is one that
 * is closed since: the server takes a first test that gets nowhere for the end of the one that got out.
 */
static uint64_t pause_after(struct killswitch *self, const struct killswitch_verdict *verdict)
{
	uint64_t pause_ms = (uint64_t)self->config->every_ms;

	if (verdict->status == VPNS_PROBE_UNKNOWN)
		return 0;
	if (self->untold && !self->signed_for) {
		self->signed_for = 1;
		return 0;
	}
	if (verdict->open[0] != '\0')
		self->open_ms = self->last_ms;
	if (self->open_ms != 0 && self->last_ms - self->open_ms <= 2 * OPEN_AGAIN_MS &&
		pause_ms > OPEN_AGAIN_MS)
		pause_ms = OPEN_AGAIN_MS;
	return pause_ms;
}

static void finish_when_done(struct killswitch *self)
{
	uint64_t pause_ms;

	if (self->waiting > 0)
		return;
	killswitch_judge(&self->last, self->trials, self->trial_count, self->left_out);
	self->last_ms = self->host->mono_ms(self->host);
	pause_ms = pause_after(self, &self->last);
	self->due_ms = pause_ms == 0 ? 0 : self->last_ms + pause_ms;
	finish(self, &self->last, 0);
}

/*
 * What was found stands while it is not old and the devices are the same: a tunnel that came or went may have
 * taken the kill switch with it.
 */
static int stands(const struct killswitch *self, const struct killswitch_devices *devices)
{
	return self->due_ms != 0 && self->host->mono_ms(self->host) < self->due_ms &&
	       devices->mark == self->mark;
}

static void on_answer(void *arg, const struct vpns_socket_reply *reply)
{
	struct knock *knock = arg;
	struct killswitch *self = knock->self;

	knock->handle = 0;
	self->waiting--;
	killswitch_trial_add(
		&self->trials[knock->trial], killswitch_of_socket(reply), knock->who, reply->error_text);
	finish_when_done(self);
}

static void on_canary(void *arg, const struct vpns_canary_reply *reply)
{
	struct knock *knock = arg;
	struct killswitch *self = knock->self;

	knock->handle = 0;
	self->waiting--;
	killswitch_trial_add(&self->trials[knock->trial], killswitch_of_canary(reply),
		"the VPN Sentinel server", reply->error_text);
	self->untold |= reply->error == VPNS_CANARY_E_TOKEN;
	finish_when_done(self);
}

static struct knock *add_knock(struct killswitch *self, uint32_t trial)
{
	struct knock *knock = &self->knocks[self->knock_count++];

	memset(knock, 0, sizeof(*knock));
	knock->self = self;
	knock->trial = trial;
	return knock;
}

static void note_started(struct knock *knock)
{
	if (knock->handle != 0)
		knock->self->waiting++;
	else
		killswitch_trial_add(&knock->self->trials[knock->trial], KILLSWITCH_NOT_TRIED, "",
			"too much is under way at once");
}

static void knock_at(
	struct killswitch *self, uint32_t trial, const struct killswitch_target *target, uint32_t wait_ms)
{
	/* A DNS message: number, "please resolve", one question: the nameservers of the root. */
	static const unsigned char question[] = {0x56, 0x53, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
	struct vpns_socket_request request = {.size = sizeof(request)};
	struct knock *knock = add_knock(self, trial);

	snprintf(knock->who, sizeof(knock->who), "%s port %u", target->address, (unsigned)target->port);
	request.transport = target->tcp ? VPNS_SOCKET_TCP : VPNS_SOCKET_UDP;
	request.address = target->address;
	request.port = target->port;
	request.device = self->trials[trial].name;
	request.timeout_ms = wait_ms;
	if (!target->tcp) {
		request.data = question;
		request.data_len = sizeof(question);
	}
	knock->handle = self->socket->exchange(self->host, &request, on_answer, knock);
	note_started(knock);
}

static void send_canary(struct killswitch *self, uint32_t trial, uint32_t wait_ms)
{
	struct knock *knock = add_knock(self, trial);

	knock->is_canary = 1;
	knock->handle = self->canary->send(self->host, self->trials[trial].name, wait_ms, on_canary, knock);
	note_started(knock);
}

static void knock_everywhere(
	struct killswitch *self, const struct killswitch_devices *devices, uint32_t wait_ms)
{
	uint32_t i, k;

	memset(self->trials, 0, sizeof(self->trials));
	self->trial_count = devices->count;
	self->left_out = devices->left_out;
	self->mark = devices->mark;
	self->untold = 0;
	self->knock_count = 0;
	self->waiting = 0;
	for (i = 0; i < devices->count; i++) {
		memcpy(self->trials[i].name, devices->names[i], KILLSWITCH_NAME);
		for (k = 0; k < self->target_count; k++)
			knock_at(self, i, &self->targets[k], wait_ms);
		if (self->canary != NULL)
			send_canary(self, i, wait_ms);
	}
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *wanted)
{
	struct killswitch_seen seen[KILLSWITCH_SEEN_MAX];
	struct killswitch *self = state;
	struct killswitch_devices devices;
	uint32_t wait_ms = wanted->timeout_ms - wanted->timeout_ms / 5;
	uint32_t count;
	char reason[128];
	int rc = killswitch_devices_read(seen, &count);

	self->op = op;
	if (rc < 0) {
		snprintf(reason, sizeof(reason), "the system does not tell its devices: %s", strerror(-rc));
		finish_unknown(self, reason);
		return VPNS_OK;
	}
	if (self->config->wait_ms < (int64_t)wait_ms)
		wait_ms = (uint32_t)self->config->wait_ms;
	killswitch_devices_choose(&devices, seen, count, &self->config->devices, &self->tunnel);
	if (stands(self, &devices)) {
		finish(self, &self->last, self->host->mono_ms(self->host) - self->last_ms);
		return VPNS_OK;
	}
	knock_everywhere(self, &devices, wait_ms);
	finish_when_done(self);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct killswitch *self = state;
	uint32_t i;

	if (op == 0 || op != self->op)
		return;
	for (i = 0; i < self->knock_count; i++) {
		struct knock *knock = &self->knocks[i];

		if (knock->handle != 0 && knock->is_canary)
			self->canary->cancel(self->host, knock->handle);
		else if (knock->handle != 0)
			self->socket->cancel(self->host, knock->handle);
		knock->handle = 0;
	}
	finish_unknown(self, "the test was broken off");
}

static int read_targets(struct killswitch *self, struct vpns_error *error)
{
	const struct vpns_list *list = &self->config->targets;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		if (i == TARGETS_MAX || killswitch_target_parse(&self->targets[i], list->items[i]) < 0) {
			snprintf(error->text, sizeof(error->text),
				"targets: \"%.60s\" is not an address with a port, such as 1.1.1.1:53, "
				"[2606:4700:4700::1111]:53 or 9.9.9.9:443/tcp (%d at most)",
				list->items[i], TARGETS_MAX);
			return -1;
		}
		self->target_count++;
	}
	return 0;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct killswitch *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->tunnel = self->config->tunnel;
	if (self->tunnel.count == 1 && strcmp(self->tunnel.items[0], "auto") == 0)
		self->tunnel.count = 0;
	self->socket = host->service(host, VPNS_SOCKET_1);
	if (self->config->canary)
		self->canary = host->service(host, VPNS_CANARY_1);
	if (read_targets(self, error) < 0) {
		free(self);
		return NULL;
	}
	if (self->target_count == 0 && !self->config->canary) {
		snprintf(error->text, sizeof(error->text),
			"there is nobody to knock at: give targets, or canary: yes");
		free(self);
		return NULL;
	}
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static const struct vpns_probe_ops ops = {
	.size = sizeof(ops),
	.create = create,
	.start = start,
	.cancel = cancel,
	.destroy = destroy,
};

VPNS_PROBE_PLUGIN("killswitch", "1.0.0", "whether anything gets out past the tunnel", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
