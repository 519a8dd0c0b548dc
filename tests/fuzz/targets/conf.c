/* A configuration file: YAML, substitution, and rows of every type filled from it. */
#include "fuzz.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "config/conf.h"
#include "config/env.h"
#include "config/rows.h"

struct sample {
	const char *url;
	const char *token;
	int64_t count;
	double share;
	uint8_t flag;
	int64_t wait_ms;
	int64_t bytes;
	struct vpns_list names;
	uint32_t format;
	const char *file;
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct sample, url), 0, "https://a.example/json", 0, 0, 0, NULL, "where to ask"},
	{"token", VPNS_TEXT(struct sample, token), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET, NULL, 0, 0, 0,
		NULL, "who asks"},
	{"count", VPNS_INT(struct sample, count), 0, "3", 1, 9, 0, NULL, "how many"},
	{"share", VPNS_REAL(struct sample, share), 0, "0.5", 0, 0, 0, NULL, "which part"},
	{"flag", VPNS_BOOL(struct sample, flag), 0, "yes", 0, 0, 0, NULL, "whether"},
	{"wait", VPNS_DURATION(struct sample, wait_ms), 0, "90s", 1000, 86400000, 60000, NULL, "how long"},
	{"bytes", VPNS_SIZE(struct sample, bytes), 0, "64KiB", 0, 0, 0, NULL, "how large"},
	{"names", VPNS_LIST(struct sample, names), 0, NULL, 0, 0, 0, NULL, "who"},
	{"format", VPNS_CHOICE(struct sample, format), 0, "json", 0, 0, 0, "human|json", "in which form"},
	{"file", VPNS_PATH(struct sample, file), 0, NULL, 0, 0, 0, NULL, "from where"},
};
static const char *const others[] = {"extra", NULL};
static const struct vs_rows rows = VS_ROWS(options, "probe sample", others);

static const char *const entries[] = {"A=1", "LONG=a: [b, c]", "EMPTY=", NULL};
static const struct vs_env env = {entries};

void fuzz_begin(void)
{
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, open("/dev/null", O_WRONLY | O_CLOEXEC));
}

/* Every problem stands at a place that the file has. */
static void check_problems(const struct vs_problems *problems, struct vs_view input)
{
	size_t lines = 2; /* the end of the file may be a line of its own */

	for (size_t i = 0; i < input.len; i++)
		lines += input.ptr[i] == '\n' || input.ptr[i] == '\r';
	for (size_t i = 0; i < problems->count; i++) {
		const struct vs_problem *problem = &problems->items[i];

		fuzz_require_sentence(problem->text, 8192);
		VS_REQUIRE(problem->mark.line <= lines);
		VS_REQUIRE(problem->mark.column <= input.len + 2);
	}
	VS_REQUIRE(problems->count <= VS_PROBLEMS_MAX);
	VS_REQUIRE(problems->count <= problems->errors + problems->warnings);
}

static size_t check_node(const struct vs_node *node, int depth)
{
	size_t count = 1;

	VS_REQUIRE(node != NULL && depth <= VS_CONF_DEPTH_MAX);
	if (vs_node_kind(node) == VS_NODE_SCALAR) {
		VS_REQUIRE(vs_node_count(node) == 0);
		VS_REQUIRE(vs_node_is_set(node) == (vs_node_text(node) != NULL));
		if (vs_node_text(node) != NULL)
			VS_REQUIRE(vs_utf8_valid(vs_view_of(vs_node_text(node))));
		return count;
	}
	VS_REQUIRE(vs_node_text(node) == NULL);
	for (size_t i = 0; i < vs_node_count(node); i++) {
		const struct vs_node *item = vs_node_item(node, i);
		struct vs_mark mark;

		if (vs_node_kind(node) == VS_NODE_MAP) {
			const char *key = vs_node_key(node, i, &mark);

			VS_REQUIRE(key != NULL && vs_utf8_valid(vs_view_of(key)));
			VS_REQUIRE(vs_node_get(node, key) == (vs_node_is_set(item) ? item : NULL));
		}
		count += check_node(item, depth + 1);
	}
	VS_REQUIRE(count <= VS_CONF_NODES_MAX);
	return count;
}

static void check_sample(const struct sample *sample)
{
	VS_REQUIRE(sample->token != NULL && sample->token[0] != '\0');
	VS_REQUIRE(strncasecmp(sample->url, "http", 4) == 0);
	VS_REQUIRE(sample->count >= 1 && sample->count <= 9);
	VS_REQUIRE(isfinite(sample->share));
	VS_REQUIRE(sample->flag <= 1 && sample->format <= 1);
	VS_REQUIRE(sample->wait_ms >= 1000 && sample->wait_ms <= 86400000);
	VS_REQUIRE(sample->bytes >= 0);
	for (uint32_t i = 0; i < sample->names.count; i++)
		VS_REQUIRE(sample->names.items[i][0] != '\0');
	VS_REQUIRE(sample->file == NULL || sample->file[0] == '/');
}

/* Another file would be read, and then the same input is not always the same. */
static bool reads_a_file(struct vs_view input)
{
	return memmem(input.ptr, input.len, "file:", 5) != NULL;
}

void fuzz_one(struct vs_view input)
{
	struct vs_problems problems = {0};
	struct vs_arena arena = {0};
	struct sample sample;
	struct vs_conf *conf;
	struct vs_buf text;

	if (input.len == 0 || reads_a_file(input))
		return;
	conf = vs_conf_parse(input, "t.yaml", &env, &problems);
	VS_REQUIRE(conf != NULL || problems.errors > 0);
	if (conf != NULL) {
		const struct vs_node *root = vs_conf_root(conf);
		size_t before = problems.errors;
		bool good;

		VS_REQUIRE(vs_node_kind(root) == VS_NODE_MAP);
		check_node(root, 0);
		memset(&sample, 0xee, sizeof(sample));
		good = vs_rows_fill(&rows, root, vs_node_mark(root), "/etc/v", &sample, sizeof(sample),
			&arena, &problems);
		VS_REQUIRE(good == (problems.errors == before));
		if (problems.errors == 0) /* else an option may have been given, and in vain */
			check_sample(&sample);
	}
	check_problems(&problems, input);
	vs_buf_init(&text);
	vs_problems_format(&problems, &text);
	vs_buf_fini(&text);
	vs_arena_fini(&arena);
	vs_conf_destroy(conf);
	vs_problems_fini(&problems);
	vs_log_forget_secrets();
}
