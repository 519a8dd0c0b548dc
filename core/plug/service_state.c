#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plug/inside.h"

#define KEY_MAX 64
#define VALUE_MAX 4096

/* What this instance has seen of its state; the backend, if there is one, has the rest. */
struct vs_state_entry {
	char *key;
	char *text; /* NULL: forgotten, or never there */
	UT_hash_handle hh;
};

static bool key_is_valid(const char *key)
{
	return key && key[0] != '\0' && strnlen(key, KEY_MAX + 1) <= KEY_MAX &&
	       vs_utf8_valid(vs_view_of(key));
}

static struct vs_state_entry *find(struct vs_instance *instance, const char *key)
{
	struct vs_state_entry *entry = NULL;

	HASH_FIND_STR(instance->services.state, key, entry);
	return entry;
}

static struct vs_state_entry *add(struct vs_instance *instance, const char *key, const char *text)
{
	struct vs_state_entry *entry;

	if (HASH_COUNT(instance->services.state) >= VS_STATE_MAX)
		return NULL;
	entry = vs_zalloc(sizeof(*entry));
	entry->key = vs_strdup(key);
	entry->text = vs_strdup_or_null(text);
	HASH_ADD_KEYPTR(hh, instance->services.state, entry->key, strlen(entry->key), entry);
	return entry;
}

static const char *get(const struct vpns_host *host, const char *key)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_state_backend *backend;
	const struct vs_state_entry *entry;
	const char *text = NULL;

	if (!vs_instance_on_thread(instance, "state/1 get") || instance->abandoned || !key_is_valid(key))
		return NULL;
	entry = find(instance, key);
	if (entry)
		return entry->text;
	backend = &instance->env->state;
	if (backend->get)
		text = backend->get(backend->arg, instance->owner, key);
	if (!text)
		return NULL;
	entry = add(instance, key, text);
	return entry ? entry->text : NULL;
}

static int32_t put(const struct vpns_host *host, const char *key, const char *text)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_state_backend *backend;
	struct vs_state_entry *entry;
	char *old;

	if (!vs_instance_on_thread(instance, "state/1 put") || instance->abandoned)
		return VPNS_E_UNAVAILABLE;
	if (!key_is_valid(key) || (text && strnlen(text, VALUE_MAX + 1) > VALUE_MAX)) {
		vs_instance_breach(instance, VS_BREACH_STATE,
			"state/1: keys have 1 to %d bytes of UTF-8 and values at most %d: refused", KEY_MAX,
			VALUE_MAX);
		return VPNS_E_INVALID;
	}
	entry = find(instance, key);
	if (!entry)
		entry = add(instance, key, NULL);
	if (!entry) {
		vs_instance_breach(
			instance, VS_BREACH_STATE, "state/1: wants more than %d keys: refused", VS_STATE_MAX);
		return VPNS_E_BUSY;
	}
	old = entry->text; /* text may be this very one */
	entry->text = vs_strdup_or_null(text);
	vs_free(old);
	backend = &instance->env->state;
	if (backend->put && backend->put(backend->arg, instance->owner, key, entry->text) < 0)
		return VPNS_E_UNAVAILABLE;
	return VPNS_OK;
}

void vs_service_state_fini(struct vs_instance *instance)
{
	struct vs_state_entry *entry;
	struct vs_state_entry *next;

	HASH_ITER (hh, instance->services.state, entry, next) {
		HASH_DEL(instance->services.state, entry);
		vs_free(entry->key);
		vs_free(entry->text);
		vs_free(entry);
	}
}

const struct vpns_state_service vs_service_state_1 = {sizeof(vs_service_state_1), 1, get, put};
