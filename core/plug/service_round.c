#include <stdio.h>

#include "plug/hurry.h"
#include "plug/inside.h"

static int32_t hurry(const struct vpns_host *host, const char *reason)
{
	struct vs_instance *instance = vs_instance_of(host);
	char said[VS_HURRY_REASON_MAX];

	if (!vs_instance_on_thread(instance, "round/1 hurry"))
		return VPNS_E_INVALID;
	if (!reason || reason[0] == '\0')
		return VPNS_E_INVALID;
	if (!instance->env->hurry || instance->abandoned)
		return VPNS_E_UNAVAILABLE;
	(void)snprintf(said, sizeof(said), "%s: %s", instance->label, reason);
	vs_hurry_wish(instance->env->hurry, said);
	return VPNS_OK;
}

const struct vpns_round_service vs_service_round_1 = {sizeof(vs_service_round_1), 1, hurry};
