/* socket/1 of the testkit: every exchange must be the next expected one. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 5000, AT_ONCE = 16, DATA_MAX = 4096 };

static char *copy_or_null(const char *text)
{
	return text != NULL ? kit_copy(text) : NULL;
}

void vpnt_expect_exchange(struct vpnt *kit, const struct vpnt_exchange *exchange)
{
	struct expected_exchange *expected = kit_alloc(sizeof(*expected));
	struct expected_exchange **at = &kit->exchanges;
	uint32_t len = exchange->reply == NULL   ? 0
		       : exchange->reply_len > 0 ? exchange->reply_len
						 : (uint32_t)strlen(exchange->reply);

	if (len > DATA_MAX)
		fail_msg("the reply of an exchange has at most %d bytes", DATA_MAX);
	expected->exchange = *exchange;
	expected->exchange.address = copy_or_null(exchange->address);
	expected->exchange.device = copy_or_null(exchange->device);
	expected->exchange.reply = NULL;
	expected->exchange.reply_len = len;
	expected->reply = kit_alloc((size_t)len + 1);
	if (len > 0)
		memcpy(expected->reply, exchange->reply, len);
	while (*at != NULL)
		at = &(*at)->next;
	*at = expected;
}

static void exchange_free(void *payload)
{
	struct expected_exchange *expected = payload;

	free((void *)(uintptr_t)expected->exchange.address);
	free((void *)(uintptr_t)expected->exchange.device);
	free(expected->reply);
	free(expected);
}

void exchanges_free(struct vpnt *kit)
{
	struct expected_exchange *expected;

	while ((expected = kit->exchanges) != NULL) {
		kit->exchanges = expected->next;
		exchange_free(expected);
	}
}

static void check(const struct vpns_socket_request *request, const struct vpnt_exchange *wanted)
{
	const char *device = request->device != NULL ? request->device : "";

	if (wanted->address != NULL && strcmp(wanted->address, request->address) != 0)
		fail_msg("expected an exchange with %s, got %s", wanted->address, request->address);
	if (wanted->device != NULL && strcmp(wanted->device, device) != 0)
		fail_msg("expected an exchange by \"%s\", got \"%s\"", wanted->device, device);
	if (wanted->port != 0 && wanted->port != request->port)
		fail_msg("expected an exchange with port %u, got %u", (unsigned)wanted->port,
			(unsigned)request->port);
	if (wanted->transport != 0 && wanted->transport != request->transport)
		fail_msg("expected an exchange over TCP");
}

static void deliver(struct vpnt *kit, struct event *event)
{
	struct expected_exchange *expected = event->payload;
	struct vpns_socket_reply *reply = kit_alloc(sizeof(*reply));
	int32_t error = expected->timed_out ? VPNS_SOCKET_E_TIMEOUT : expected->exchange.error;

	(void)kit;
	reply->size = sizeof(*reply);
	reply->error = error;
	reply->connected = error == 0 && expected->is_tcp;
	reply->data = expected->reply;
	reply->data_len = error == 0 ? expected->exchange.reply_len : 0;
	reply->local_address = error == 0 ? "192.0.2.2" : "";
	reply->error_text = error == 0 ? "" : "the scripted failure";
	reply->elapsed_ms = expected->exchange.delay_ms;
	expected->done(event->arg, reply);
	free(reply);
}

static uint64_t exchange_start(const struct vpns_host *host, const struct vpns_socket_request *request,
	void (*done)(void *arg, const struct vpns_socket_reply *reply), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct expected_exchange *expected = kit->exchanges;
	uint64_t timeout;
	uint64_t delay;
	struct event *event;

	if (!VPNS_HAS(request, reserved) || request->address == NULL || done == NULL)
		fail_msg("an exchange without size, address or callback");
	if (event_count(kit, EVENT_EXCHANGE) >= AT_ONCE)
		return 0;
	if (expected == NULL)
		fail_msg("unexpected exchange with %s", request->address);
	check(request, &expected->exchange);
	kit->exchanges = expected->next;
	kit->exchange_count++;
	expected->done = done;
	expected->is_tcp = request->transport == VPNS_SOCKET_TCP;
	timeout = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	delay = expected->exchange.delay_ms;
	expected->timed_out = expected->exchange.never || delay >= timeout;
	event = event_add(kit, EVENT_EXCHANGE, expected->timed_out ? timeout : delay, deliver, arg);
	event->payload = expected;
	event->payload_free = exchange_free;
	return event->id;
}

static void exchange_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_EXCHANGE, handle);
}

const struct vpns_socket_service kit_socket = {sizeof(kit_socket), 1, exchange_start, exchange_cancel};

uint32_t vpnt_exchange_count(const struct vpnt *kit)
{
	return kit->exchange_count;
}
