/* `notify`: a message by every channel, to see what each answers. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/shown.h"
#include "model/json.h"
#include "server/trial.h"

enum { OPTION_CHANNEL = VS_ASK_OPTIONS, OPTION_JSON, OPTION_QUIET };

/* "later: the service asks for 30s". */
static void print_answer(const json_t *answer)
{
	const char *outcome = vs_json_get_text(answer, "outcome");
	int64_t wait = vs_json_get_int(answer, "retry_after_ms");
	char *channel = vs_shown(vs_json_get_text(answer, "channel"));
	char *plugin = vs_shown(vs_json_get_text(answer, "plugin"));
	char *reason = vs_shown(vs_json_get_text(answer, "reason"));
	char *word = vs_shown(outcome);
	char took[32];

	vs_duration_format(took, sizeof(took), vs_json_get_int(answer, "took_ms"));
	printf("%s (%s): ", channel, plugin);
	if (strcmp(outcome, "sent") == 0 || strcmp(outcome, "well") == 0)
		printf("%s in %s", outcome, took);
	else
		printf("%s: %s", word, reason);
	if (wait > 0) {
		vs_duration_format(took, sizeof(took), wait);
		printf("; it asks to wait for %s", took);
	}
	putchar('\n');
	vs_free(channel);
	vs_free(plugin);
	vs_free(reason);
	vs_free(word);
}

/* Who cannot be asked is not at fault. */
static bool is_good(const char *outcome)
{
	return strcmp(outcome, "sent") == 0 || strcmp(outcome, "well") == 0 || strcmp(outcome, "none") == 0;
}

/* 0: every channel sent it. */
static int show(const struct vs_command *command, const struct vs_fetched *fetched, bool as_json, bool quiet)
{
	json_error_t where;
	json_t *reply = json_loadb(vs_buf_text(&fetched->body), fetched->body.len, 0, &where);
	const json_t *channels = json_object_get(reply, "channels");
	size_t sent = 0;

	if (!json_is_array(channels)) {
		fprintf(stderr, "vpn-sentinel %s: the reply names no channels; is this the right server?\n",
			command->name);
		json_decref(reply);
		return VS_EXIT_FAILED;
	}
	if (as_json)
		vs_ask_print(fetched);
	for (size_t i = 0; i < json_array_size(channels); i++) {
		const json_t *answer = json_array_get(channels, i);

		sent += is_good(vs_json_get_text(answer, "outcome"));
		if (!as_json)
			print_answer(answer);
	}
	if (json_array_size(channels) == 0)
		fprintf(stderr,
			"vpn-sentinel %s: the server has no channel: nobody would be told; add one under "
			"'notifiers'\n",
			command->name);
	else if (sent < json_array_size(channels))
		fprintf(stderr, "vpn-sentinel %s: %zu of %zu channels %s\n", command->name,
			json_array_size(channels) - sent, json_array_size(channels),
			quiet ? "would not take a message" : "did not take it");
	else
		sent = SIZE_MAX;
	json_decref(reply);
	return sent == SIZE_MAX ? 0 : VS_EXIT_FAILED;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_view text = vs_view_trim(vs_view_of(operands[0]));
	bool quiet = values[OPTION_QUIET] != NULL;
	struct vs_fetched fetched;
	struct vs_buf json;
	int rc;

	if (quiet && text.len > 0)
		return vs_cli_usage_error(command, "--quiet sends no TEXT; leave one of them out");
	if (!quiet && (text.len == 0 || text.len > VS_TRIAL_TEXT_MAX || !vs_utf8_valid(text)))
		return vs_cli_usage_error(command,
			"TEXT is 1 to %d bytes of UTF-8; give it as one word, quoted", VS_TRIAL_TEXT_MAX);
	vs_buf_init(&json);
	vs_fetched_init(&fetched);
	vs_buf_add_char(&json, '{');
	if (quiet)
		vs_buf_add_text(&json, "\"quiet\":true");
	else
		vs_json_member(&json, "text", operands[0]);
	if (values[OPTION_CHANNEL] != NULL)
		vs_json_member(&json, "channel", values[OPTION_CHANNEL]);
	vs_buf_add_char(&json, '}');
	rc = vs_ask_to(command, values, "POST", "/notify", vs_buf_text(&json), &fetched);
	if (rc == 0 && fetched.status != 200)
		rc = vs_ask_problem(command, &fetched);
	else if (rc == 0)
		rc = show(command, &fetched, values[OPTION_JSON] != NULL, quiet);
	vs_fetched_fini(&fetched);
	vs_buf_fini(&json);
	return rc;
}

static const struct vs_cli_option options[] = {
	VS_ASK_ROWS,
	[OPTION_CHANNEL] = {"channel", 'n', "NAME", "only by this channel"},
	[OPTION_JSON] = {"json", 0, NULL, "print the server's reply as it is"},
	[OPTION_QUIET] = {"quiet", 'q', NULL, "ask each channel whether it would take a message; send none"},
};

const struct vs_command vs_command_notify = {
	.name = "notify",
	.operands = "[TEXT]",
	.min_operands = 0,
	.max_operands = 1,
	.summary = "Send a test message by every channel, and show what each answers",
	.text = "It goes past routes, silences and what waits, and is tried once. The exit code is 0 when "
		"every\n"
		"channel took it. With --quiet nobody hears of it: each is asked whether it would, as the "
		"server does\n"
		"by itself once a day, and those that cannot be asked without sending say so.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
