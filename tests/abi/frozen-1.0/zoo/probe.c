/* One probe, and by definitions from outside all the ways in which its file can be wrong. */
#include "vpn_sentinel/plugin.h"

#ifndef NAME
#define NAME ZOO_NAME
#endif
#ifndef NOTE_MAGIC
#define NOTE_MAGIC VPNS_MAGIC
#endif
#ifndef MAGIC
#define MAGIC VPNS_MAGIC
#endif
#ifndef MAJOR
#define MAJOR VPNS_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR 0
#endif
#ifndef SIZE
#define SIZE sizeof(struct vpns_plugin)
#endif
#ifndef NOTE_KIND
#define NOTE_KIND VPNS_KIND_PROBE
#endif
#ifndef NOTE_VERSION
#define NOTE_VERSION "1.0.0"
#endif
#ifndef START
#define START start
#endif
#ifndef NEED
#define NEED VPNS_TIMER_1
#endif
#ifndef SECOND_OPTION
#define SECOND_OPTION "second"
#endif
#ifndef CONFIG_SIZE
#define CONFIG_SIZE sizeof(struct config)
#endif
#ifndef NOTIFIER
#define NOTIFIER NULL
#endif
#ifndef FLAGS
#define FLAGS 0
#endif

struct config {
	int64_t first;
	const char *second;
};

static const struct vpns_option options[] = {
	{"first", VPNS_INT(struct config, first), 0, "7", 0, 0, 0, NULL, "a number"},
	{SECOND_OPTION, VPNS_TEXT(struct config, second), 0, NULL, 0, 0, 0, NULL, "a text"},
};

static const char *const needs[] = {NEED};
static const struct vpns_fact_decl facts[] = {{"zoo.animals", VPNS_FACT_INT, 0, NULL, "how many"}};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	(void)config;
	(void)error;
	return (void *)(uintptr_t)host;
}

static void destroy(void *state)
{
	(void)state;
}

#ifdef UNRESOLVED
int32_t no_such_function_anywhere(void *state, vpns_op op, const struct vpns_probe_request *request);
#undef START
#define START no_such_function_anywhere
#endif

static __attribute__((unused)) int32_t start(
	void *state, vpns_op op, const struct vpns_probe_request *request)
{
	const struct vpns_host *host = state;
	const struct vpns_fact fact = {"zoo.animals", "17"};
	const struct vpns_probe_result result = {
		.head = {sizeof(result), VPNS_KIND_PROBE},
		.status = VPNS_PROBE_PASS,
		.fact_count = 1,
		.facts = &fact,
	};

	(void)request;
	host->finish(host, op, &result.head);
	return 0;
}

static const struct vpns_probe_ops ops = {
	.size = sizeof(ops), .create = create, .start = START, .destroy = destroy};

static __attribute__((unused)) const struct vpns_notifier_ops notifier_ops = {.size = sizeof(notifier_ops)};

#ifndef NO_NOTE
static const struct vpns_note note
	__attribute__((section(VPNS_NOTE_SECTION), used, aligned(4))) = {5, sizeof(struct vpns_note_desc),
		VPNS_NOTE_TYPE, VPNS_NOTE_OWNER, {NOTE_MAGIC, MAJOR, MINOR, NOTE_KIND, NAME, NOTE_VERSION}};
#endif

#ifdef NO_SYMBOL
#define SYMBOL another_name
extern __attribute__((visibility("default"))) const struct vpns_plugin another_name;
#else
#define SYMBOL vpns_plugin
#endif

const struct vpns_plugin SYMBOL = {MAGIC, MAJOR, MINOR, SIZE, VPNS_KIND_PROBE, FLAGS, 0, NAME, "1.0.0",
	"a probe with a fault", options, 2, sizeof(options[0]), CONFIG_SIZE, VPNS_NEEDS(needs),
	VPNS_FACTS(facts), &ops, NOTIFIER, NULL, NULL};
