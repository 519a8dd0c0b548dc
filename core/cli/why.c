/* `why`: what a client's verdicts are made of, for people. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/shown.h"
#include "model/json.h"
#include "model/report.h"

enum { OPTION_JSON = VS_ASK_OPTIONS };

static bool is_unknown_client(const struct vs_fetched *fetched)
{
	struct vs_err err;
	json_t *reply = vs_json_parse(vs_buf_view(&fetched->body), &err);
	bool unknown = strcmp(vs_json_get_text(reply, "error"), "client_not_found") == 0;

	json_decref(reply);
	return unknown;
}

static int refused(const struct vs_command *command, const struct vs_fetched *fetched, const char *client)
{
	if (fetched->status != 404 || !is_unknown_client(fetched))
		return vs_ask_refused(command, fetched);
	fprintf(stderr,
		"vpn-sentinel why: the server has never heard of a client \"%s\"; `vpn-sentinel status` "
		"lists those it knows\n",
		client);
	return VS_EXIT_FAILED;
}

static int show(const struct vs_fetched *fetched, bool as_json)
{
	const struct vs_buf *body = &fetched->body;
	json_error_t where;
	json_t *why = json_loadb(vs_buf_text(body), body->len, 0, &where);
	int rc = 0;

	if (!json_is_object(why) || !json_is_array(json_object_get(why, "questions"))) {
		fputs("vpn-sentinel why: the reply is no explanation; is this the right server?\n", stderr);
		rc = VS_EXIT_FAILED;
	} else if (as_json) {
		vs_ask_print(fetched);
	} else {
		vs_explain(why, stdout);
	}
	json_decref(why);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetched fetched;
	struct vs_buf path;
	int rc;

	if (!vs_client_id_valid(vs_view_of(operands[0])))
		return vs_cli_usage_error(command,
			"CLIENT is the id of a client: up to %d letters, digits and . _ -", VS_CLIENT_ID_MAX);
	vs_buf_init(&path);
	vs_fetched_init(&fetched);
	vs_buf_printf(&path, "/clients/%s/why", operands[0]);
	rc = vs_ask(command, values, vs_buf_text(&path), &fetched);
	if (rc == 0 && fetched.status != 200)
		rc = refused(command, &fetched, operands[0]);
	else if (rc == 0)
		rc = show(&fetched, values[OPTION_JSON] != NULL);
	vs_fetched_fini(&fetched);
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option options[] = {
	VS_ASK_ROWS,
	[OPTION_JSON] = {"json", 0, NULL, "print the server's reply as it is"},
};

const struct vs_command vs_command_why = {
	.name = "why",
	.operands = "CLIENT",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Explain a client's verdicts: who said what and when, and which rule decided",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
