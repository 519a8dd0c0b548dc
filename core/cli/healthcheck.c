/* `healthcheck`: is the role on this machine well? For containers and service managers. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/place.h"
#include "cli/shown.h"
#include "model/json.h"

#define TIMEOUT_MS 5000

enum { OPTION_ROLE, OPTION_URL, OPTION_CA, OPTION_PIN, OPTION_INSECURE };

static const struct {
	const char *role;
	const char *socket;
} roles[] = {
	{"server", "server.sock"},
	{"client", "client.sock"},
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static int complain(const char *text)
{
	fprintf(stderr, "vpn-sentinel healthcheck: %s\n", text);
	return VS_EXIT_FAILED;
}

/* What an answer without a status says. The server's own words are not repeated: it may be any server. */
static int complain_of_answer(const struct vs_fetched *fetched, const char *error)
{
	if (strcmp(error, "tls_required") == 0)
		return complain("this port speaks TLS: use https://");
	fprintf(stderr,
		"vpn-sentinel healthcheck: the answer (HTTP status %u) does not say how it is; is this the "
		"right server?\n",
		fetched->status);
	return VS_EXIT_FAILED;
}

/* Why it fails, in the role's own words: only of a socket, whose other end is known. */
static void say(const char *status, const char *reason)
{
	char *shown = vs_shown(status);
	char *why = vs_shown(reason);

	printf("%s%s%s\n", shown, why[0] != '\0' ? ": " : "", why);
	vs_free(shown);
	vs_free(why);
}

/* A status is one short word: anything else is not an answer of ours. */
static int judge(const struct vs_fetched *fetched, bool own)
{
	struct vs_err err;
	json_t *reply = vs_json_parse(vs_buf_view(&fetched->body), &err);
	const char *status = vs_json_get_text(reply, "status");
	bool said = status[0] != '\0' && strlen(status) < 32;
	int rc = said && fetched->status == 200 ? 0 : VS_EXIT_FAILED;

	if (said)
		say(status, own ? vs_json_get_text(reply, "reason") : "");
	else
		rc = complain_of_answer(fetched, vs_json_get_text(reply, "error"));
	json_decref(reply);
	return rc;
}

static int ask_url(struct vs_fetch *fetch, const char *url)
{
	struct vs_fetched fetched;
	struct vs_err err;
	int rc;

	vs_fetched_init(&fetched);
	fetch->url = url;
	rc = vs_fetch(&fetched, fetch, &err) < 0 ? complain(err.text) : judge(&fetched, false);
	vs_fetched_fini(&fetched);
	return rc;
}

/*
 * The first role whose socket answers; problems collects a line for each that does not. A
 * socket nobody asked for by name and that is not there is no problem.
 */
static bool find_answer(
	struct vs_fetched *fetched, struct vs_fetch *fetch, const char *role, struct vs_buf *problems)
{
	bool found = false;
	struct vs_buf path;
	struct vs_err err;
	size_t i;

	vs_buf_init(&path);
	for (i = 0; !found && i < ROLES; i++) {
		if (role != NULL && strcmp(role, roles[i].role) != 0)
			continue;
		vs_buf_clear(&path);
		if (vs_place_state_file(&path, roles[i].socket, &err) < 0) {
			vs_buf_clear(problems); /* the same for every role */
			vs_buf_add_text(problems, err.text);
			continue;
		}
		if (role == NULL && access(vs_buf_text(&path), F_OK) != 0)
			continue;
		fetch->unix_socket = vs_buf_text(&path);
		found = vs_fetch(fetched, fetch, &err) == 0;
		if (!found)
			vs_buf_printf(problems, "%s%s", problems->len > 0 ? "; " : "", err.text);
	}
	vs_buf_fini(&path);
	return found;
}

static void add_nobody(struct vs_buf *problems)
{
	struct vs_err err;

	vs_buf_add_text(problems, "no role runs here: there is no ");
	if (vs_place_state_file(problems, "{server,client}.sock", &err) == 0)
		vs_buf_add_text(
			problems, "; set VPN_SENTINEL_STATE_DIR as the role has it, or give --url URL");
}

static int ask_sockets(struct vs_fetch *fetch, const char *role)
{
	struct vs_fetched fetched;
	struct vs_buf problems;
	int rc;

	vs_fetched_init(&fetched);
	vs_buf_init(&problems);
	if (find_answer(&fetched, fetch, role, &problems)) {
		rc = judge(&fetched, true);
	} else {
		if (problems.len == 0)
			add_nobody(&problems);
		rc = complain(vs_buf_text(&problems));
	}
	vs_buf_fini(&problems);
	vs_fetched_fini(&fetched);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetch fetch = {
		.path = "/health",
		.timeout_ms = TIMEOUT_MS,
		.ca_file = values[OPTION_CA],
		.pin = values[OPTION_PIN],
		.insecure = values[OPTION_INSECURE] != NULL,
	};
	const char *role = values[OPTION_ROLE];

	(void)operands;
	if (role != NULL && strcmp(role, "server") != 0 && strcmp(role, "client") != 0)
		return vs_cli_usage_error(command, "--role is server or client, not \"%s\"", role);
	if (role != NULL && values[OPTION_URL] != NULL)
		return vs_cli_usage_error(command, "--role chooses a socket of this machine, --url another "
						   "way: give one of them");
	return values[OPTION_URL] != NULL ? ask_url(&fetch, values[OPTION_URL]) : ask_sockets(&fetch, role);
}

static const struct vs_cli_option options[] = {
	[OPTION_ROLE] = {"role", 0, "ROLE", "server or client (default: the one that answers)"},
	[OPTION_URL] = {"url", 'u', "URL", "whom to ask (default: the sockets in VPN_SENTINEL_STATE_DIR)"},
	[OPTION_CA] = {"ca", 0, "FILE",
		"certificates to trust (default: VPN_SENTINEL_TLS_CERT_PATH, else the system's)"},
	[OPTION_PIN] = {"pin", 0, "PIN", "the server's key must be this one (default: VPN_SENTINEL_TLS_PIN)"},
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
