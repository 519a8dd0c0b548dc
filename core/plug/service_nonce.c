#include <string.h>

#include "base/err.h"
#include "plug/inside.h"

static bool is_nonce(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return len > 0 && len <= VPNS_NONCE_MAX && text[len] == '\0';
}

static int32_t tell(const struct vpns_host *host, const char *nonce)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_nonce_backend *backend = &instance->env->nonce;

	if (!vs_instance_on_thread(instance, "nonce/1 tell") || !nonce || !is_nonce(nonce))
		return VPNS_E_INVALID;
	if (!backend->tell || instance->abandoned)
		return VPNS_E_UNAVAILABLE;
	return backend->tell(backend->arg, nonce) == 0 ? VPNS_OK : VPNS_E_BUSY;
}

const struct vpns_nonce_service vs_service_nonce_1 = {sizeof(vs_service_nonce_1), 1, tell};
