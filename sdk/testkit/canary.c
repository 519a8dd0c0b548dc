/* canary/1 of the testkit, where it is offered: every canary must be the next expected one. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 5000, AT_ONCE = 8, DEVICE_MAX = 15 };

void vpnt_offer_canary(struct vpnt *kit)
{
	kit->has_canary = 1;
}

void vpnt_expect_canary(struct vpnt *kit, const struct vpnt_canary *canary)
{
	struct expected_canary *expected = kit_alloc(sizeof(*expected));
	struct expected_canary **at = &kit->canaries;

	expected->canary = *canary;
	expected->canary.device = canary->device != NULL ? kit_copy(canary->device) : NULL;
	while (*at != NULL)
		at = &(*at)->next;
	*at = expected;
}

static void canary_free(void *payload)
{
	struct expected_canary *expected = payload;

	free((void *)(uintptr_t)expected->canary.device);
	free(expected);
}

void canaries_free(struct vpnt *kit)
{
	struct expected_canary *expected;

	while ((expected = kit->canaries) != NULL) {
		kit->canaries = expected->next;
		canary_free(expected);
	}
}

static void deliver(struct vpnt *kit, struct event *event)
{
	struct expected_canary *expected = event->payload;
	struct vpns_canary_reply *reply = kit_alloc(sizeof(*reply));
	int32_t error = expected->timed_out ? VPNS_CANARY_E_BLOCKED : expected->canary.error;

	(void)kit;
	reply->size = sizeof(*reply);
	reply->error = error;
	reply->status = expected->canary.status;
	if (error == VPNS_CANARY_ARRIVED && reply->status == 0)
		reply->status = 200;
	reply->error_text = error == VPNS_CANARY_ARRIVED ? "" : "the scripted failure";
	reply->remote_address = reply->status != 0 ? "192.0.2.80" : "";
	reply->elapsed_ms = expected->canary.delay_ms;
	expected->done(event->arg, reply);
	free(reply);
}

static uint64_t canary_send(const struct vpns_host *host, const char *device, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_canary_reply *reply), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct expected_canary *expected = kit->canaries;
	uint64_t timeout = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
	struct event *event;

	if (device == NULL || done == NULL)
		fail_msg("a canary without device or callback");
	if (*device == '\0' || strlen(device) > DEVICE_MAX || event_count(kit, EVENT_CANARY) >= AT_ONCE)
		return 0;
	if (expected == NULL)
		fail_msg("unexpected canary by %s", device);
	if (expected->canary.device != NULL && strcmp(expected->canary.device, device) != 0)
		fail_msg("expected a canary by %s, got one by %s", expected->canary.device, device);
	kit->canaries = expected->next;
	expected->done = done;
	expected->timed_out = expected->canary.never || expected->canary.delay_ms >= timeout;
	event = event_add(
		kit, EVENT_CANARY, expected->timed_out ? timeout : expected->canary.delay_ms, deliver, arg);
	event->payload = expected;
	event->payload_free = canary_free;
	return event->id;
}

static void canary_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_CANARY, handle);
}

const struct vpns_canary_service kit_canary = {sizeof(kit_canary), 1, canary_send, canary_cancel};
