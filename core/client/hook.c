#include "client/hook.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/reply.h"
#include "client/status.h"
#include "config/on_verdict_conf.h"
#include "loop/spawn.h"
#include "model/json.h"
#include "model/verdict.h"

#define OUTPUT_MAX 4096 /* bytes of each output that are looked at */
#define LINES_MAX 10 /* of each that the log gets */
#define LINE_MAX_ 200

/* A verdict, and what is to be said of it. */
struct news {
	char verdict[32]; /* "": none */
	struct vs_buf evidence;
	struct vs_buf question; /* "dns"; "" when it is about the whole */
	struct vs_buf verdicts; /* JSON */
	int64_t at; /* wall */
};

struct vs_hook {
	struct vs_loop *loop;
	char *client_id;
	char **argv; /* ends with NULL; NULL: nothing is run */
	uint32_t timeout_ms;
	char **on; /* ends with NULL; empty: all */
	struct vs_spawn *running; /* NULL: none */
	struct news latest;
	char told[32]; /* the verdict of the latest run, or one that `on` leaves out; "": none */
};

static char **copy_list(const struct vpns_list *list)
{
	char **copy = vs_calloc((size_t)list->count + 1, sizeof(*copy));
	uint32_t i;

	for (i = 0; i < list->count; i++)
		copy[i] = vs_strdup(list->items[i]);
	return copy;
}

static void free_list(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		vs_free(list[i]);
	vs_free(list);
}

struct vs_hook *vs_hook_create(struct vs_loop *loop, const char *client_id)
{
	struct vs_hook *hook = vs_zalloc(sizeof(*hook));

	hook->loop = loop;
	hook->client_id = vs_strdup(client_id);
	vs_buf_init(&hook->latest.evidence);
	vs_buf_init(&hook->latest.question);
	vs_buf_init(&hook->latest.verdicts);
	return hook;
}

void vs_hook_destroy(struct vs_hook *hook)
{
	if (hook == NULL)
		return;
	if (hook->running != NULL) /* by its name, unless a reload took that away meanwhile */
		vs_log(VS_LOG_WARN, "on_verdict", "%s is ended, since the client ends",
			hook->argv[0] != NULL ? hook->argv[0] : "the program");
	vs_spawn_cancel(hook->running);
	free_list(hook->argv);
	free_list(hook->on);
	vs_buf_fini(&hook->latest.evidence);
	vs_buf_fini(&hook->latest.question);
	vs_buf_fini(&hook->latest.verdicts);
	vs_free(hook->client_id);
	vs_free(hook);
}

void vs_hook_configure(struct vs_hook *hook, const struct vs_on_verdict_conf *conf)
{
	free_list(hook->argv);
	free_list(hook->on);
	hook->argv = copy_list(&conf->command);
	hook->on = copy_list(&conf->on);
	hook->timeout_ms = (uint32_t)conf->timeout_ms;
}

static bool wanted(const struct vs_hook *hook, const char *verdict)
{
	size_t i;

	for (i = 0; hook->on[i] != NULL; i++)
		if (strcmp(hook->on[i], verdict) == 0)
			return true;
	return hook->on[0] == NULL;
}

/* The first lines of what the program said; the log takes out what a terminal would obey. */
static void log_output(enum vs_log_level level, const char *name, const char *text, size_t len)
{
	struct vs_view rest = {text, len};
	struct vs_view line;
	size_t lines = 0;

	while (rest.len > 0 && vs_view_split(&rest, '\n', &line) && lines < LINES_MAX) {
		if (line.len == 0)
			continue;
		lines++;
		vs_log(level, "on_verdict", "%s: %.*s", name,
			(int)(line.len < LINE_MAX_ ? line.len : LINE_MAX_), line.ptr);
	}
}

static void consider(struct vs_hook *hook);

static void on_end(void *arg, const struct vs_spawn_outcome *outcome)
{
	struct vs_hook *hook = arg;

	hook->running = NULL;
	log_output(VS_LOG_INFO, "it said", outcome->output, outcome->output_len);
	log_output(VS_LOG_WARN, "it complained", outcome->errors, outcome->errors_len);
	if (outcome->error != VS_SPAWN_E_OK)
		vs_log(VS_LOG_ERROR, "on_verdict", "failed after %llu ms: %s",
			(unsigned long long)outcome->elapsed_ms, outcome->error_text);
	else
		vs_log(outcome->exit_code == 0 ? VS_LOG_INFO : VS_LOG_WARN, "on_verdict",
			"ended with exit code %d after %llu ms", outcome->exit_code,
			(unsigned long long)outcome->elapsed_ms);
	consider(hook); /* the verdict may have changed meanwhile */
}

/* One JSON object: the same as the environment says, and every question's answer. */
static void write_input(const struct vs_hook *hook, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "client_id", hook->client_id);
	vs_json_member(out, "verdict", hook->latest.verdict);
	vs_json_member(out, "before", hook->told);
	vs_json_member_time(out, "at", hook->latest.at);
	vs_json_member(out, "question", vs_buf_text(&hook->latest.question));
	vs_json_member(out, "evidence", vs_buf_text(&hook->latest.evidence));
	vs_json_key(out, "verdicts");
	vs_buf_add_text(out, hook->latest.verdicts.len > 0 ? vs_buf_text(&hook->latest.verdicts) : "{}");
	vs_buf_add_text(out, "}\n");
}

static char *variable(const char *name, const char *value)
{
	struct vs_buf text;
	char *copy;

	vs_buf_init(&text);
	vs_buf_printf(&text, "%s=%s", name, value);
	copy = vs_strdup(vs_buf_text(&text));
	vs_buf_fini(&text);
	return copy;
}

static void run(struct vs_hook *hook)
{
	char *env[] = {
		vs_strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
		variable("VPN_SENTINEL_VERDICT", hook->latest.verdict),
		variable("VPN_SENTINEL_BEFORE", hook->told),
		variable("VPN_SENTINEL_CLIENT_ID", hook->client_id),
		variable("VPN_SENTINEL_QUESTION", vs_buf_text(&hook->latest.question)),
		variable("VPN_SENTINEL_EVIDENCE", vs_buf_text(&hook->latest.evidence)),
		NULL,
	};
	struct vs_spawn_request request = {
		.argv = (const char *const *)hook->argv,
		.env = (const char *const *)env,
		.timeout_ms = hook->timeout_ms,
		.max_output = OUTPUT_MAX,
	};
	struct vs_buf input;
	size_t i;

	vs_buf_init(&input);
	write_input(hook, &input);
	request.input = input.ptr;
	request.input_len = input.len;
	vs_log(VS_LOG_INFO, "on_verdict", "the verdict is %s, was %s: running %s", hook->latest.verdict,
		hook->told[0] == '\0' ? "none" : hook->told, hook->argv[0]);
	hook->running = vs_spawn_start(hook->loop, &request, on_end, hook);
	if (hook->running == NULL)
		vs_log(VS_LOG_ERROR, "on_verdict", "%s cannot be run: there is too much to tell it",
			hook->argv[0]);
	memcpy(hook->told, hook->latest.verdict, sizeof(hook->told));
	vs_buf_fini(&input);
	for (i = 0; env[i] != NULL; i++)
		vs_free(env[i]);
}

/* Runs the program when the newest verdict is not the one told last. */
static void consider(struct vs_hook *hook)
{
	if (hook->running != NULL || strcmp(hook->told, hook->latest.verdict) == 0)
		return;
	if (hook->argv != NULL && hook->argv[0] != NULL && wanted(hook, hook->latest.verdict))
		run(hook);
	else
		memcpy(hook->told, hook->latest.verdict, sizeof(hook->told));
}

static void begin_news(struct vs_hook *hook, const char *verdict)
{
	struct news *news = &hook->latest;

	memset(news->verdict, 0, sizeof(news->verdict));
	strncpy(news->verdict, verdict, sizeof(news->verdict) - 1);
	news->at = vs_wall_ms();
	vs_buf_clear(&news->evidence);
	vs_buf_clear(&news->question);
	vs_buf_clear(&news->verdicts);
}

void vs_hook_tell(struct vs_hook *hook, const struct vs_reply *reply)
{
	size_t i;

	if (!reply->judged)
		return;
	begin_news(hook, vs_verdict_name(reply->overall));
	for (i = 0; i < VS_QUESTIONS; i++)
		if (reply->answers[i].given && reply->answers[i].verdict == reply->overall &&
			hook->latest.question.len == 0) {
			vs_buf_add_text(&hook->latest.question, vs_question_name((enum vs_question)i));
			vs_buf_add_text(&hook->latest.evidence, reply->answers[i].evidence);
		}
	vs_reply_write_verdicts(reply, &hook->latest.verdicts);
	consider(hook);
}

void vs_hook_tell_unreachable(struct vs_hook *hook, const char *problem)
{
	begin_news(hook, VS_ON_VERDICT_UNREACHABLE);
	vs_buf_add_text(&hook->latest.evidence, problem);
	consider(hook);
}
