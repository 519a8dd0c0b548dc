/* Descriptors, in memory: each member that is wrong is refused by a sentence about it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "plug/descriptor.h"

struct config {
	int64_t first;
	const char *second;
};

/* Rows as a later minor would have them: longer than ours. */
struct longer_option {
	struct vpns_option option;
	const char *more;
};

static struct vpns_option options[3];
static struct vpns_fact_decl facts[2];
static const char *needs[2];
static struct vpns_probe_ops ops;
static struct vpns_plugin raw;
static struct vs_descriptor taken;
static struct vs_err err;

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	(void)host;
	(void)config;
	(void)error;
	return NULL;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	(void)state;
	(void)op;
	(void)request;
	return -1;
}

static void destroy(void *state)
{
	(void)state;
}

static int setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	options[0] = (struct vpns_option){"first", VPNS_INT(struct config, first), 0, "1", 0, 0, 0, NULL, ""};
	options[1] =
		(struct vpns_option){"second", VPNS_TEXT(struct config, second), 0, NULL, 0, 0, 0, NULL, ""};
	facts[0] = (struct vpns_fact_decl){"a.b", VPNS_FACT_TEXT, 0, NULL, ""};
	facts[1] = (struct vpns_fact_decl){"a.c", VPNS_FACT_INT, 0, NULL, ""};
	needs[0] = VPNS_TIMER_1;
	needs[1] = VPNS_HTTP_1;
	ops = (struct vpns_probe_ops){
		.size = sizeof(ops), .create = create, .start = start, .destroy = destroy};
	raw = (struct vpns_plugin){VPNS_MAGIC, VPNS_ABI_MAJOR, 0, sizeof(raw), VPNS_KIND_PROBE, 0, 0, "it",
		"1.0", "a probe", options, 2, sizeof(options[0]), sizeof(struct config), 2, needs, facts, 2,
		sizeof(facts[0]), &ops, NULL, NULL, NULL};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vs_descriptor_fini(&taken);
	vs_descriptor_fini(&taken);
	return 0;
}

static int take(void)
{
	return vs_descriptor_take(&taken, &raw, sizeof(raw), VPNS_KIND_PROBE, "it", &err);
}

static void expect(const char *sentence)
{
	assert_true(take() < 0);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not hold \"%s\"", err.text, sentence);
}

static void a_sound_descriptor_is_copied(void **state)
{
	(void)state;
	assert_int_equal(take(), 0);
	assert_ptr_not_equal(taken.desc.options, options);
	assert_ptr_equal(taken.desc.probe, &taken.ops.probe);
	assert_string_equal(taken.desc.options[1].name, "second");
	assert_string_equal(taken.desc.facts[1].name, "a.c");
}

static void rows_and_tables_longer_than_ours_are_cut(void **state)
{
	struct longer_option longer[2];
	struct {
		struct vpns_probe_ops ops;
		void (*more)(void);
	} longer_ops;

	(void)state;
	longer[0] = (struct longer_option){options[0], "more"};
	longer[1] = (struct longer_option){options[1], "more"};
	longer_ops.ops = ops;
	longer_ops.ops.size = sizeof(longer_ops);
	longer_ops.more = NULL;
	raw.options = &longer[0].option;
	raw.option_stride = sizeof(longer[0]);
	raw.probe = &longer_ops.ops;
	assert_int_equal(take(), 0);
	assert_int_equal(taken.desc.option_stride, sizeof(struct vpns_option));
	assert_string_equal(taken.desc.options[1].name, "second");
}

static void a_descriptor_longer_than_ours_is_cut(void **state)
{
	struct {
		struct vpns_plugin plugin;
		uint64_t more[4];
	} longer = {raw, {1, 2, 3, 4}};

	(void)state;
	longer.plugin.size = sizeof(longer);
	assert_int_equal(vs_descriptor_take(&taken, &longer, sizeof(longer), VPNS_KIND_PROBE, "it", &err), 0);
	assert_string_equal(taken.desc.name, "it");
}

static void guards_are_looked_at_before_anything_else(void **state)
{
	(void)state;
	raw.options = (const struct vpns_option *)8; /* would crash if it were looked at */
	raw.name = (const char *)8;
	raw.magic++;
	expect("its descriptor has the magic 0x534e5057");
	raw.magic--;
	raw.abi_major = 3;
	expect("it was built for ABI 3.0, this host speaks 1.1");
	raw.abi_major = 0;
	expect("it was built for ABI 0.0, this host speaks 1.1: rebuild it with the sdk of this version");
	raw.abi_major = 1;
	raw.abi_minor = 2;
	expect("it needs ABI 1.2, this host speaks 1.1");
	raw.abi_minor = 0;
	raw.size = 127;
	expect("its descriptor has 127 bytes, ABI 1.0 has 128");
	raw.size = sizeof(raw) + 8;
	expect("its descriptor claims 136 bytes but the symbol has 128");
	raw.size = sizeof(raw);
	raw.kind = VPNS_KIND_AUTH;
	expect("its descriptor is of kind 3 (auth), its note and folder say probe");
	assert_true(vs_descriptor_take(&taken, &raw, 15, VPNS_KIND_PROBE, "it", &err) < 0);
	assert_non_null(strstr(err.text, "its descriptor has only 15 bytes"));
}

static void texts_must_be_there(void **state)
{
	(void)state;
	raw.name = "other";
	expect("its descriptor calls itself 'other', its note and file 'it'");
	raw.name = NULL;
	expect("its descriptor calls itself ''");
	raw.name = "it";
	raw.version = NULL;
	expect("no version or no summary");
	raw.version = "1";
	raw.summary = "";
	expect("no version or no summary");
}

static void exactly_one_table_with_its_verbs_must_be_there(void **state)
{
	static const struct vpns_auth_ops auth = {.size = sizeof(auth)};

	(void)state;
	raw.auth = &auth;
	expect("its descriptor has the table of kind auth besides that of probe");
	raw.auth = NULL;
	raw.probe = NULL;
	expect("its descriptor has no probe table");
	raw.probe = &ops;
	ops.size = 8;
	expect("its probe table says it has 8 bytes, ABI 1.0 has 56");
	ops.size = sizeof(ops);
	ops.create = NULL;
	expect("its probe table has no create(), which the kind probe needs");
	ops.create = create;
	ops.destroy = NULL;
	expect("its probe table has no destroy()");
}

static void needs_must_be_offered_to_the_kind(void **state)
{
	(void)state;
	needs[1] = "http/2";
	expect("it needs the service http/2, which this host does not offer to the kind probe");
	needs[1] = NULL;
	expect("it needs the service (null)");
	raw.needs = NULL;
	expect("its list of 2 needed services cannot be");
	raw.need_count = 0;
	assert_int_equal(take(), 0);
}

static void options_must_be_sane(void **state)
{
	(void)state;
	options[1].name = "first";
	expect("it declares the option 'first' twice");
	options[1].name = "Second";
	expect("'Second' is not a name for an option");
	options[1].name = NULL;
	expect("'' is not a name for an option");
	options[1].name = "second";
	options[1].type = 77;
	expect("its option 'second' is of type 77, which does not exist");
	options[1].type = VPNS_OPTION_TEXT;
	options[1].offset = 9;
	expect("its option 'second' lies at bytes 9 to 17 of a config of 16 bytes");
	options[1].offset = UINT32_MAX;
	expect("of a config of 16 bytes");
	options[1].offset = 4;
	expect("its option 'second' lies at byte 4, which its type cannot");
	options[1].offset = 0;
	expect("its options 'second' and 'first' are written to the same bytes");
	options[1].offset = 8;
	options[1].type = VPNS_OPTION_CHOICE;
	expect("its option 'second' is a choice between nothing");
	options[1].type = VPNS_OPTION_TEXT;
	options[0].min = 2;
	options[0].max = 1;
	expect("its option 'first' has a minimum above its maximum");
	raw.option_count = 1000;
	expect("it declares 1000 options, at most 128 can be");
	raw.option_count = 2;
	raw.option_stride = 8;
	expect("the rows of its options are 8 bytes apart, ABI 1.0 has 72");
	raw.options = NULL;
	expect("it declares 2 options without a table of them");
	raw.option_count = 0;
	raw.config_size = 1 << 20;
	expect("its config has 1048576 bytes, at most 65536 can be");
}

static void facts_must_be_sane(void **state)
{
	(void)state;
	facts[1].name = "a.b";
	expect("it declares the fact 'a.b' twice");
	facts[1].name = "A fact";
	expect("'A fact' is not a name for a fact: 1 to 48 characters of a-z 0-9 _ .");
	facts[1].name = "ok";
	facts[1].type = 11;
	expect("its fact 'ok' is of type 11, which does not exist");
	raw.fact_count = 65;
	expect("it declares 65 facts, at most 64 can be");
}

static void a_blocking_probe_is_refused_with_what_to_do(void **state)
{
	(void)state;
	raw.flags = VPNS_PLUGIN_BLOCKING;
	expect("move the slow part to the service work/1");
}

static void only_a_probe_declares_facts(void **state)
{
	static const struct vpns_auth_ops no_verbs = {.size = sizeof(no_verbs)};
	static struct vpns_auth_ops auth;

	(void)state;
	auth = no_verbs;
	auth.create = create;
	auth.destroy = destroy;
	auth.check = (int32_t(*)(void *, vpns_op, const struct vpns_auth_request *))(void (*)(void))start;
	raw.kind = VPNS_KIND_AUTH;
	raw.probe = NULL;
	raw.auth = &auth;
	assert_true(vs_descriptor_take(&taken, &raw, sizeof(raw), VPNS_KIND_AUTH, "it", &err) < 0);
	assert_string_equal(err.text, "it declares facts, which only a probe can report");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sound_descriptor_is_copied),
		TEST(rows_and_tables_longer_than_ours_are_cut),
		TEST(a_descriptor_longer_than_ours_is_cut),
		TEST(guards_are_looked_at_before_anything_else),
		TEST(texts_must_be_there),
		TEST(exactly_one_table_with_its_verbs_must_be_there),
		TEST(needs_must_be_offered_to_the_kind),
		TEST(options_must_be_sane),
		TEST(facts_must_be_sane),
		TEST(a_blocking_probe_is_refused_with_what_to_do),
		TEST(only_a_probe_declares_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
