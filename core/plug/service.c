#include "plug/service.h"

#include <string.h>

#include "base/log.h"
#include "plug/inside.h"
#include "plug/offer.h"

static bool has_http(const struct vs_plug_env *env)
{
	return env->http != NULL;
}

static bool has_pool(const struct vs_plug_env *env)
{
	return env->pool != NULL;
}

static bool has_render(const struct vs_plug_env *env)
{
	return env->render.alert != NULL;
}

static bool has_dns(const struct vs_plug_env *env)
{
	return env->dns != NULL;
}

static bool has_canary(const struct vs_plug_env *env)
{
	return env->canary.send != NULL;
}

static bool has_command(const struct vs_plug_env *env)
{
	return env->command.run != NULL;
}

static const struct {
	const char *id;
	const void *table;
	bool (*provided)(const struct vs_plug_env *env); /* NULL: always */
} tables[] = {
	{VPNS_TIMER_1, &vs_service_timer_1, NULL},
	{VPNS_HTTP_1, &vs_service_http_1, has_http},
	{VPNS_WORK_1, &vs_service_work_1, has_pool},
	{VPNS_POST_1, &vs_service_post_1, NULL},
	{VPNS_STATE_1, &vs_service_state_1, NULL},
	{VPNS_METRIC_1, &vs_service_metric_1, NULL},
	{VPNS_RENDER_1, &vs_service_render_1, has_render},
	{VPNS_DNS_1, &vs_service_dns_1, has_dns},
	{VPNS_SOCKET_1, &vs_service_socket_1, NULL},
	{VPNS_POLL_1, &vs_service_poll_1, NULL},
	{VPNS_SPAWN_1, &vs_service_spawn_1, NULL},
	{VPNS_ROUND_1, &vs_service_round_1, NULL},
	{VPNS_NONCE_1, &vs_service_nonce_1, NULL},
	{VPNS_CANARY_1, &vs_service_canary_1, has_canary},
	{VPNS_COMMAND_1, &vs_service_command_1, has_command},
};

const void *vs_services_find(struct vs_instance *instance, const char *id)
{
	size_t i;

	if (!id || instance->abandoned || !vs_service_is_offered(instance->desc->kind, id))
		return NULL;
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].id, id) != 0)
			continue;
		return !tables[i].provided || tables[i].provided(instance->env) ? tables[i].table : NULL;
	}
	return NULL;
}

void vs_services_init(struct vs_instance *instance)
{
	pthread_mutex_init(&instance->services.metric_lock, NULL);
	vs_service_post_open(instance);
}

static uint32_t tell(struct vs_instance *instance, uint32_t count, const char *one, const char *many)
{
	if (count > 0)
		vs_log(VS_LOG_WARN, instance->label, "leak: left %u %s behind; the host closed %s",
			(unsigned)count, count == 1 ? one : many, count == 1 ? "it" : "them");
	return count;
}

uint32_t vs_services_close(struct vs_instance *instance)
{
	uint32_t left = 0;

	left += tell(instance, vs_service_timer_close(instance), "timer", "timers");
	left += tell(instance, vs_service_http_close(instance), "HTTP request", "HTTP requests");
	left += tell(instance, vs_service_dns_close(instance), "DNS question", "DNS questions");
	left += tell(instance, vs_service_socket_close(instance), "exchange", "exchanges");
	left += tell(instance, vs_service_poll_close(instance), "watched descriptor", "watched descriptors");
	left += tell(instance, vs_service_spawn_close(instance), "running program", "running programs");
	left += tell(instance, vs_service_canary_close(instance), "canary", "canaries");
	left += tell(instance, vs_service_command_close(instance), "command", "commands");
	vs_service_post_close(instance);
	return left;
}

void vs_services_fini(struct vs_instance *instance)
{
	vs_service_state_fini(instance);
	pthread_mutex_destroy(&instance->services.metric_lock);
}
