/* Notifier exec: a program of the user's, run once a delivery. */
#include "vpn_sentinel/plugin.h"

#include "exec_event.h"
#include "post_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

enum { TEXT_SIZE = 65536, WORDS_SIZE = 240, REASON_SIZE = 400, OUTPUT_MAX = 8192, ARGS_MAX = 64 };

enum { EXIT_TRY_AGAIN = 75 }; /* EX_TEMPFAIL of sysexits.h */

struct config {
	struct vpns_list command;
	struct vpns_list environment;
	int64_t limit_ms;
};

static const struct vpns_option options[] = {
	{"command", VPNS_LIST(struct config, command), VPNS_OPTION_REQUIRED | VPNS_OPTION_LIVE, NULL, 0, 0, 0,
		NULL, "the program and its arguments, as a list; there is no shell"},
	{"environment", VPNS_LIST(struct config, environment), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0,
		0, 0, NULL, "more variables for it, as NAME=value"},
	{"limit", VPNS_DURATION(struct config, limit_ms), VPNS_OPTION_LIVE, "10s", 100, 300000, 0, NULL,
		"how long it may run before it is killed"},
};

static const char *const needs[] = {VPNS_RENDER_1, VPNS_SPAWN_1};

struct exec {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
	const struct vpns_spawn_service *spawn;
	vpns_op op; /* 0: idle */
	uint64_t run; /* 0: none */
	char text[TEXT_SIZE];
};

static void finish(struct exec *self, uint32_t status, const char *reason)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = self->op;

	self->op = 0;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.scope = VPNS_SCOPE_INSTANCE;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

/* A variable that the program prints must not get into a reason. */
static void mask_variables(const struct exec *self, char *text)
{
	const struct vpns_list *list = &self->config->environment;
	uint32_t i;

	for (i = 0; i < list->count; i++)
		post_mask(text, strchr(list->items[i], '=') + 1);
}

static void on_exit_code(struct exec *self, const struct vpns_spawn_reply *reply)
{
	char words[WORDS_SIZE];
	char reason[REASON_SIZE];

	exec_first_line(words, sizeof(words), reply->errors, (size_t)reply->errors_len);
	mask_variables(self, words);
	snprintf(reason, sizeof(reason), "the program ended with %d%s%s", (int)reply->exit_code,
		words[0] != '\0' ? ": " : "", words);
	if (reply->exit_code == 0)
		finish(self, VPNS_DELIVERY_SENT, NULL);
	else if (reply->exit_code == EXIT_TRY_AGAIN)
		finish(self, RETRY_UNSENT, reason);
	else
		finish(self, VPNS_DELIVERY_DROP, reason);
}

static void on_done(void *arg, const struct vpns_spawn_reply *reply)
{
	struct exec *self = arg;
	char reason[REASON_SIZE];

	self->run = 0;
	snprintf(reason, sizeof(reason), "%s: %.300s", self->config->command.items[0], reply->error_text);
	if (reply->error == VPNS_SPAWN_OK)
		on_exit_code(self, reply);
	else if (reply->error == VPNS_SPAWN_E_PROGRAM)
		finish(self, VPNS_DELIVERY_DROP, reason);
	else
		finish(self, reply->error == VPNS_SPAWN_E_SYSTEM ? RETRY_UNSENT : RETRY, reason);
}

static uint64_t start(struct exec *self, const char *input, char **environment)
{
	const struct vpns_list *command = &self->config->command;
	const char *argv[ARGS_MAX + 1] = {NULL};
	struct vpns_spawn_request request = {0};
	uint32_t i;

	for (i = 0; i < command->count; i++)
		argv[i] = command->items[i];
	request.size = sizeof(request);
	request.timeout_ms = (uint32_t)self->config->limit_ms;
	request.argv = argv;
	request.env = (const char *const *)environment;
	request.input = input;
	request.input_len = strlen(input);
	request.max_output = OUTPUT_MAX;
	return self->spawn->run(self->host, &request, on_done, self);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct exec *self = state;
	char **environment = NULL;
	char *input = NULL;

	self->op = op;
	if (self->render->alert(self->host, alert, VPNS_RENDER_PLAIN, 0, self->text, TEXT_SIZE) < 0) {
		finish(self, VPNS_DELIVERY_DROP, "the alert could not be put into words");
		return VPNS_OK;
	}
	input = exec_input(alert, self->host->instance, self->text);
	environment = exec_environment(alert, self->host->instance, self->text, &self->config->environment);
	if (input != NULL && environment != NULL)
		self->run = start(self, input, environment);
	if (self->run == 0)
		finish(self, RETRY_UNSENT, "the program could not be started: no memory, or too many run");
	exec_environment_free(environment);
	free(input);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct exec *self = state;

	if (op == 0 || op != self->op)
		return;
	self->spawn->cancel(self->host, self->run);
	self->run = 0;
	finish(self, RETRY, "the program did not end in time and was killed");
}

/* The service looks for it; here only what is wrong with the file that it would run. */
static int32_t self_test(void *state, vpns_op op)
{
	struct exec *self = state;
	const char *program = self->config->command.items[0];
	char reason[REASON_SIZE];

	self->op = op;
	if (strchr(program, '/') == NULL || access(program, X_OK) == 0) {
		finish(self, VPNS_DELIVERY_SENT, NULL);
		return VPNS_OK;
	}
	snprintf(reason, sizeof(reason), "%.200s: %s", program, strerror(errno));
	finish(self, VPNS_DELIVERY_DROP, reason);
	return VPNS_OK;
}

static const char *config_fault(const struct config *config)
{
	uint32_t i;

	if (config->command.count > ARGS_MAX)
		return "the option command has more than 64 items";
	if (config->command.items[0][0] == '\0')
		return "the option command begins with an empty item: the first is the program";
	for (i = 0; i < config->environment.count; i++)
		if (!exec_variable_ok(config->environment.items[i]))
			return "the option environment holds something that is not NAME=value, or names PATH "
			       "or "
			       "VPN_SENTINEL_";
	return NULL;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const char *fault = config_fault(config);
	struct exec *self = fault == NULL ? calloc(1, sizeof(*self)) : NULL;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->render = host->service(host, VPNS_RENDER_1);
	self->spawn = host->service(host, VPNS_SPAWN_1);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct exec *self = state;

	if (config_fault(config) != NULL)
		return VPNS_E_INVALID;
	self->config = config;
	return VPNS_OK;
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_EACH,
	0,
	0,
	create,
	deliver,
	cancel,
	destroy,
	reconfigure,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("exec", "1.0.0", "a program of yours, run for each alert", 0, VPNS_GRANT_EXEC,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
