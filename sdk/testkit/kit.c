/* Loading a plugin, and the life of the one instance. */
#include "kit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vpns_plugin *vpnt_load(const char *folder, const char *name)
{
	const struct vpns_plugin *plugin;
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s.so", folder, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (handle == NULL)
		fail_msg("cannot load %s: %s", path, dlerror());
	plugin = dlsym(handle, "vpns_plugin");
	if (plugin == NULL)
		fail_msg("%s does not export vpns_plugin", path);
	dlclose(handle); /* RTLD_NODELETE: the code stays */
	if (strcmp(plugin->name, name) != 0)
		fail_msg("%s calls itself \"%s\"", path, plugin->name);
	return plugin;
}

static void check_guards(const struct vpns_plugin *plugin)
{
	const void *const tables[] = {plugin->probe, plugin->notifier, plugin->auth, plugin->store};
	uint32_t i;

	if (plugin->magic != VPNS_MAGIC || plugin->abi_major != VPNS_ABI_MAJOR ||
		plugin->abi_minor > VPNS_ABI_MINOR)
		fail_msg("not a plugin of ABI %d.%d", VPNS_ABI_MAJOR, VPNS_ABI_MINOR);
	if (plugin->kind < VPNS_KIND_PROBE || plugin->kind > VPNS_KIND_STORE)
		fail_msg("%u is no kind of plugin", (unsigned)plugin->kind);
	for (i = 0; i < 4; i++) {
		if ((tables[i] != NULL) != (plugin->kind == i + 1))
			fail_msg("exactly the table of the plugin's kind must be set");
	}
	for (i = 0; i < plugin->need_count; i++) {
		if (service_find(NULL, plugin->needs[i]) == NULL)
			fail_msg("the service %s is not offered", plugin->needs[i]);
	}
}

static void host_log(const struct vpns_host *host, uint32_t level, const char *text)
{
	static const char *const levels[] = {"ERROR", "WARN", "INFO", "DEBUG"};
	struct vpnt *kit = kit_of(host);
	size_t size;
	char *log;

	if (level > VPNS_LOG_DEBUG || text == NULL || strchr(text, '\n') != NULL || !text_is_utf8(text))
		fail_msg("a line of the log has a known level, is UTF-8, and has no newline");
	secret_check(kit, text, "log");
	size = kit->log_len + strlen(levels[level]) + strlen(text) + 3;
	log = realloc(kit->log, size);
	if (log == NULL)
		fail_msg("out of memory");
	kit->log = log;
	kit->log_len +=
		(size_t)snprintf(log + kit->log_len, size - kit->log_len, "%s %s\n", levels[level], text);
}

static uint64_t host_mono(const struct vpns_host *host)
{
	return kit_of(host)->mono;
}

static int64_t host_wall(const struct vpns_host *host)
{
	return kit_of(host)->wall;
}

struct vpnt *vpnt_create(const struct vpns_plugin *plugin)
{
	struct vpnt *kit;

	check_guards(plugin);
	kit = kit_alloc(sizeof(*kit));
	kit->plugin = plugin;
	kit->mono = 5000000;
	kit->wall = INT64_C(1767323045000);
	kit->log = kit_copy("");
	kit->host.size = sizeof(kit->host);
	kit->host.role = VPNS_ROLE_SERVER;
	kit->host.instance = plugin->name;
	kit->host.log = host_log;
	kit->host.mono_ms = host_mono;
	kit->host.wall_ms = host_wall;
	kit->host.service = service_find;
	kit->host.finish = op_finish;
	return kit;
}

static void *call_create(struct vpnt *kit, struct vpns_error *error)
{
	const struct vpns_plugin *plugin = kit->plugin;
	const void *config = kit->config->bytes;

	if (plugin->kind == VPNS_KIND_PROBE)
		return plugin->probe->create(&kit->host, config, error);
	if (plugin->kind == VPNS_KIND_NOTIFIER)
		return plugin->notifier->create(&kit->host, config, error);
	if (plugin->kind == VPNS_KIND_AUTH)
		return plugin->auth->create(&kit->host, config, error);
	return plugin->store->create(&kit->host, config, error);
}

static void check_leftovers(const struct vpnt *kit)
{
	if (event_count(kit, EVENT_TIMER) > 0)
		fail_msg("%s left a timer behind", kit->plugin->name);
	if (event_count(kit, EVENT_REPLY) > 0)
		fail_msg("%s left a request behind", kit->plugin->name);
	if (event_count(kit, EVENT_JOB) > 0)
		fail_msg("%s left a job behind", kit->plugin->name);
	if (event_count(kit, EVENT_DNS) > 0)
		fail_msg("%s left a question behind", kit->plugin->name);
	if (event_count(kit, EVENT_EXCHANGE) > 0)
		fail_msg("%s left an exchange behind", kit->plugin->name);
	if (event_count(kit, EVENT_CANARY) > 0)
		fail_msg("%s left a canary behind", kit->plugin->name);
	if (event_count(kit, EVENT_COMMAND) > 0)
		fail_msg("%s left a command behind", kit->plugin->name);
	if (event_count(kit, EVENT_RUN) > 0)
		fail_msg("%s left a program behind", kit->plugin->name);
	if (watch_count(kit) > 0)
		fail_msg("%s left a watched descriptor behind", kit->plugin->name);
}

const char *vpnt_start_try(struct vpnt *kit, const char *const *options)
{
	struct vpns_error error = {sizeof(error), ""};

	if (kit->instance != NULL)
		fail_msg("an instance is already running");
	kit->config = config_read(kit, options);
	kit->instance = call_create(kit, &error);
	if (kit->instance != NULL)
		return NULL;
	if (error.text[0] == '\0' || memchr(error.text, '\0', sizeof(error.text)) == NULL)
		fail_msg("create() refused without a sentence");
	check_leftovers(kit);
	secret_check(kit, error.text, "error");
	config_free(kit->config);
	kit->config = NULL;
	return texts_add(&kit->texts, error.text, strlen(error.text));
}

void vpnt_start(struct vpnt *kit, const char *const *options)
{
	const char *sentence = vpnt_start_try(kit, options);

	if (sentence != NULL)
		fail_msg("create() refused: %s", sentence);
}

const char *vpnt_start_refused(struct vpnt *kit, const char *const *options)
{
	const char *sentence = vpnt_start_try(kit, options);

	if (sentence == NULL)
		fail_msg("create() should have refused");
	return sentence;
}

static void call_destroy(struct vpnt *kit)
{
	const struct vpns_plugin *plugin = kit->plugin;

	if (plugin->kind == VPNS_KIND_PROBE)
		plugin->probe->destroy(kit->instance);
	else if (plugin->kind == VPNS_KIND_NOTIFIER)
		plugin->notifier->destroy(kit->instance);
	else if (plugin->kind == VPNS_KIND_AUTH)
		plugin->auth->destroy(kit->instance);
	else
		plugin->store->destroy(kit->instance);
}

void vpnt_stop(struct vpnt *kit)
{
	if (kit->running > 0)
		fail_msg("%u ops have not finished", (unsigned)kit->running);
	call_destroy(kit);
	kit->instance = NULL;
	check_leftovers(kit);
	event_free_all(kit);
	config_free(kit->config);
	kit->config = NULL;
}

static int32_t call_reconfigure(struct vpnt *kit, const void *config)
{
	const struct vpns_plugin *plugin = kit->plugin;
	int32_t (*reconfigure)(void *state, const void *config) = NULL;

	if (plugin->kind == VPNS_KIND_PROBE)
		reconfigure = plugin->probe->reconfigure;
	else if (plugin->kind == VPNS_KIND_NOTIFIER)
		reconfigure = plugin->notifier->reconfigure;
	else if (plugin->kind == VPNS_KIND_AUTH)
		reconfigure = plugin->auth->reconfigure;
	return reconfigure != NULL ? reconfigure(kit->instance, config) : VPNS_E_UNSUPPORTED;
}

int32_t vpnt_reconfigure(struct vpnt *kit, const char *const *options)
{
	struct config *config = config_read(kit, options);
	struct config *gone = config;
	int32_t status = call_reconfigure(kit, config->bytes);

	if (status == 0) {
		gone = kit->config;
		kit->config = config;
	}
	config_free(gone);
	return status;
}

void vpnt_destroy(struct vpnt *kit)
{
	uint32_t i;

	if (kit->instance != NULL)
		vpnt_stop(kit);
	if (kit->expected != NULL)
		fail_msg("an expected request to %s never came",
			kit->expected->http.url != NULL ? kit->expected->http.url : "anywhere");
	if (kit->canaries != NULL)
		fail_msg("an expected canary was never sent");
	if (kit->exchanges != NULL)
		fail_msg("an expected exchange never came");
	if (kit->runs != NULL)
		fail_msg("an expected program was never run");
	dns_check_done(kit);
	for (i = 0; i < kit->op_count; i++)
		free(kit->ops[i]);
	free(kit->ops);
	while (kit->state != NULL)
		vpnt_state_set(kit, kit->state->key, NULL);
	http_free(kit);
	dns_free(kit);
	exchanges_free(kit);
	canaries_free(kit);
	runs_free(kit);
	event_free_all(kit);
	texts_free(&kit->texts);
	texts_free(&kit->secrets);
	free(kit->log);
	free(kit->said);
	free(kit->deafness);
	free(kit);
}

int64_t vpnt_wall_ms(const struct vpnt *kit)
{
	return kit->wall;
}

const char *vpnt_log(const struct vpnt *kit)
{
	return kit->log;
}
