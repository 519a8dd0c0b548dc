#include "plug/inside.h"

static int64_t alert(const struct vpns_host *host, const struct vpns_alert *what, uint32_t format,
	uint32_t max_utf16, char *buffer, uint64_t buffer_size)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_render_backend *backend;

	if (!vs_instance_on_thread(instance, "render/1 alert") || instance->abandoned)
		return VPNS_E_UNAVAILABLE;
	if (!what || !buffer || buffer_size == 0)
		return VPNS_E_INVALID;
	if (format < VPNS_RENDER_PLAIN || format > VPNS_RENDER_LINE)
		return VPNS_E_UNSUPPORTED;
	backend = &instance->env->render;
	return backend->alert(backend->arg, instance->timezone, what, format, max_utf16, buffer, buffer_size);
}

const struct vpns_render_service vs_service_render_1 = {sizeof(vs_service_render_1), 1, alert};
