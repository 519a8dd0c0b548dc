#include "plug/offer.h"

#include <string.h>

#include "base/buf.h"
#include "vpn_sentinel/plugin.h"

#define PROBE (1u << VPNS_KIND_PROBE)
#define NOTIFIER (1u << VPNS_KIND_NOTIFIER)
#define AUTH (1u << VPNS_KIND_AUTH)
#define STORE (1u << VPNS_KIND_STORE)
#define ON_THE_LOOP (PROBE | NOTIFIER | AUTH)

static const struct {
	const char *id;
	uint32_t kinds;
} offers[] = {
	{VPNS_TIMER_1, ON_THE_LOOP},
	{VPNS_HTTP_1, ON_THE_LOOP},
	{VPNS_WORK_1, ON_THE_LOOP},
	{VPNS_POST_1, ON_THE_LOOP},
	{VPNS_STATE_1, ON_THE_LOOP},
	{VPNS_METRIC_1, ON_THE_LOOP | STORE},
	{VPNS_RENDER_1, NOTIFIER},
	{VPNS_DNS_1, ON_THE_LOOP},
	{VPNS_SOCKET_1, ON_THE_LOOP},
	{VPNS_POLL_1, ON_THE_LOOP},
	{VPNS_SPAWN_1, ON_THE_LOOP},
	{VPNS_ROUND_1, PROBE},
	{VPNS_NONCE_1, PROBE},
	{VPNS_CANARY_1, PROBE},
	{VPNS_COMMAND_1, NOTIFIER},
};

#define OFFER_COUNT (sizeof(offers) / sizeof(offers[0]))

bool vs_service_is_offered(uint32_t kind, const char *id)
{
	size_t i;

	for (i = 0; i < OFFER_COUNT; i++) {
		if (strcmp(offers[i].id, id) == 0)
			return kind < 32 && (offers[i].kinds & (1u << kind)) != 0;
	}
	return false;
}

void vs_service_names(uint32_t kind, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < OFFER_COUNT; i++) {
		if (kind < 32 && (offers[i].kinds & (1u << kind)) != 0)
			vs_buf_printf(out, "%s%s", out->len ? " " : "", offers[i].id);
	}
}
