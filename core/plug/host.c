#include <stdio.h>

#include "base/log.h"
#include "plug/inside.h"
#include "plug/store_finish.h"

#define LOG_LINE_MAX 2000

struct vs_instance *vs_instance_of(const struct vpns_host *host)
{
	return (struct vs_instance *)((uintptr_t)host - offsetof(struct vs_instance, host));
}

/* [any] */
static void host_log(const struct vpns_host *host, uint32_t level, const char *text)
{
	static const enum vs_log_level levels[] = {VS_LOG_ERROR, VS_LOG_WARN, VS_LOG_INFO, VS_LOG_DEBUG};

	if (!text)
		return;
	vs_log(level <= VPNS_LOG_DEBUG ? levels[level] : VS_LOG_DEBUG, vs_instance_of(host)->label, "%.*s",
		LOG_LINE_MAX, text);
}

/* [any] */
static uint64_t host_mono_ms(const struct vpns_host *host)
{
	return vs_instance_of(host)->mono_ms();
}

/* [any] */
static int64_t host_wall_ms(const struct vpns_host *host)
{
	return vs_instance_of(host)->wall_ms();
}

static const void *host_service(const struct vpns_host *host, const char *id)
{
	struct vs_instance *instance = vs_instance_of(host);

	if (!vs_instance_on_thread(instance, "service()"))
		return NULL;
	return vs_services_find(instance, id);
}

static void host_finish(const struct vpns_host *host, vpns_op op, const struct vpns_result *result)
{
	struct vs_instance *instance = vs_instance_of(host);

	if (!vs_instance_on_thread(instance, "finish()") || instance->abandoned)
		return;
	if (instance->seat)
		vs_store_seat_finish(instance->seat, op, result);
	else
		vs_op_finish(instance, op, result);
}

void vs_host_init(struct vs_instance *instance)
{
	instance->host = (struct vpns_host){
		.size = sizeof(instance->host),
		.role = instance->env->role,
		.instance = instance->name,
		.log = host_log,
		.mono_ms = host_mono_ms,
		.wall_ms = host_wall_ms,
		.service = host_service,
		.finish = host_finish,
	};
}
