#include "base/addr.h"
#include "base/view.h"
#include "net/exchange.h"
#include "plug/inside.h"

#define SIZE_1_0 (offsetof(struct vpns_socket_request, reserved) + sizeof(uint32_t))

struct exchange {
	struct vs_slot slot;
	struct vs_exchange *inner;
	void (*done)(void *arg, const struct vpns_socket_reply *reply);
};

static void on_outcome(void *arg, const struct vs_exchange_outcome *outcome)
{
	struct exchange exchange = *(struct exchange *)arg;
	char local[VS_ADDR_TEXT];
	const struct vpns_socket_reply reply = {
		.size = sizeof(reply),
		.error = (int32_t)outcome->error,
		.connected = outcome->connected,
		.data_len = (uint32_t)outcome->data_len,
		.data = outcome->data,
		.local_address = local,
		.error_text = outcome->error_text,
		.elapsed_ms = outcome->elapsed_ms,
	};

	vs_addr_format(&outcome->local, local);
	vs_slot_free(arg);
	vs_instance_enter(exchange.slot.instance);
	exchange.done(exchange.slot.arg, &reply);
	vs_instance_leave(exchange.slot.instance);
}

static void translate(const struct vpns_socket_request *wish, struct vs_exchange_request *inner)
{
	*inner = (struct vs_exchange_request){
		.tcp = wish->transport == VPNS_SOCKET_TCP,
		.device = wish->device,
		.data = wish->data,
		.data_len = wish->data ? wish->data_len : 0,
		.timeout_ms = wish->timeout_ms,
	};
	/* What is no address is told by the exchange. */
	if (wish->address && vs_addr_parse(&inner->addr, vs_view_of(wish->address)) < 0)
		inner->addr.family = 0;
	if (wish->port <= UINT16_MAX)
		inner->port = (uint16_t)wish->port;
}

static uint64_t start(const struct vpns_host *host, const struct vpns_socket_request *wish,
	void (*done)(void *arg, const struct vpns_socket_reply *reply), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vpns_socket_request full;
	struct vs_exchange_request inner;
	struct exchange *exchange;

	if (!vs_instance_on_thread(instance, "socket/1 exchange") || instance->abandoned)
		return 0;
	if (!vs_slot_read(&full, sizeof(full), wish, SIZE_1_0) || !done) {
		vs_instance_breach(instance, VS_BREACH_SOCKET,
			"wants to send something without size or done(): refused");
		return 0;
	}
	exchange = vs_slot_take(instance, &instance->services.exchanges, VS_SLOTS_MAX, sizeof(*exchange));
	if (!exchange)
		return 0;
	translate(&full, &inner);
	exchange->slot.arg = arg;
	exchange->done = done;
	exchange->inner = vs_exchange_start(instance->env->loop, &inner, on_outcome, exchange);
	return exchange->slot.handle;
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct exchange *exchange;

	if (!vs_instance_on_thread(instance, "socket/1 cancel"))
		return;
	exchange = vs_slot_find(&instance->services.exchanges, handle);
	if (!exchange)
		return;
	vs_exchange_cancel(exchange->inner);
	vs_slot_free(&exchange->slot);
}

uint32_t vs_service_socket_close(struct vs_instance *instance)
{
	struct exchange *exchange;
	uint32_t left = 0;

	while ((exchange = vs_slot_any(&instance->services.exchanges))) {
		vs_exchange_cancel(exchange->inner);
		vs_slot_free(&exchange->slot);
		left++;
	}
	return left;
}

const struct vpns_socket_service vs_service_socket_1 = {sizeof(vs_service_socket_1), 1, start, cancel};
