/* `healthcheck`: is the role on this machine well? For containers and service managers. */
#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/place.h"

#define TIMEOUT_MS 5000

enum { OPTION_URL, OPTION_CA, OPTION_INSECURE };

static const char *const sockets[] = {"server.sock", "client.sock"};

/* The socket of the role that runs here; the server's when neither does. */
static void find_socket(struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		vs_buf_clear(out);
		vs_place_state_file(out, sockets[i]);
		if (access(vs_buf_text(out), F_OK) == 0)
			return;
	}
	vs_buf_clear(out);
	vs_place_state_file(out, sockets[0]);
}

static int judge(const struct vs_fetched *fetched)
{
	json_error_t where;
	json_t *reply = json_loadb(vs_buf_text(&fetched->body), fetched->body.len, 0, &where);
	const char *status = json_string_value(json_object_get(reply, "status"));
	int rc = fetched->status == 200 && status != NULL ? 0 : 1;

	if (status != NULL)
		puts(status);
	else
		fprintf(stderr, "vpn-sentinel healthcheck: the answer (%u) does not say a status\n",
			fetched->status);
	json_decref(reply);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetch fetch = {.path = "/health", .timeout_ms = TIMEOUT_MS};
	struct vs_fetched fetched;
	struct vs_buf socket;
	struct vs_err err;
	int rc = 1;

	(void)command;
	(void)operands;
	vs_fetched_init(&fetched);
	vs_buf_init(&socket);
	find_socket(&socket);
	fetch.url = values[OPTION_URL];
	fetch.unix_socket = vs_buf_text(&socket);
	fetch.ca_file = values[OPTION_CA];
	fetch.insecure = values[OPTION_INSECURE] != NULL;
	if (vs_fetch(&fetched, &fetch, &err) < 0)
		fprintf(stderr, "vpn-sentinel healthcheck: %s\n", err.text);
	else
		rc = judge(&fetched);
	vs_buf_fini(&socket);
	vs_fetched_fini(&fetched);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_URL] = {"url", 'u', "URL", "whom to ask (default: the sockets in VPN_SENTINEL_STATE_DIR)"},
	[OPTION_CA] = {"ca", 0, "FILE", "certificates to trust instead of the system's"},
	[OPTION_INSECURE] = {"insecure", 0, NULL, "accept any certificate"},
};

const struct vs_command vs_command_healthcheck = {
	.name = "healthcheck",
	.operands = "",
	.summary = "Ask the role on this machine whether it is well: exit code 0 or 1",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
