/* Cases for the judge as rows of text, and what is wanted of it. */
#ifndef VS_TESTS_JUDGE_WORLD_H
#define VS_TESTS_JUDGE_WORLD_H

#include "model_test.h"

#include "model/atlas.h"
#include "model/facts.h"
#include "model/judge.h"
#include "model/place.h"
#include "model/policy.h"

struct row {
	const char *what;
	const char *facts; /* "name=value@source", separated by blanks; commas in a value become blanks */
	const char *source; /* of the keepalive; NULL or "": not known */
	const char *home; /* learned by the server's ipinfo, separated by blanks; NULL: HOME4 */
	const char *places; /* "198.51.100.7 AS9009 RO yes M247; ..."; NULL: no atlas */
	enum vs_rule rule;
	enum vs_verdict verdict;
	enum vs_confidence confidence;
	const char *evidence; /* NULL: any that is not empty */
	int age; /* of the facts, in minutes */
};

#define HOME4 "203.0.113.7"
#define BOTH_HOMES "203.0.113.7 2001:db8:1::7"

#define UNKNOWN VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE
#define SURE_LEAK VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH
#define LIKELY_LEAK VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM
#define SURE VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH
#define LIKELY VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM

/* Everything a row is judged with; its own to change before judging. */
struct bench {
	struct vs_names *names;
	struct vs_home *home;
	struct vs_atlas *atlas;
	struct vs_rules rules;
	struct vs_policies *policies;
	const struct vs_observation *observations;
	size_t observation_count;
	const char *client_id;
	int64_t interval_ms; /* 0: the rules' */
};

static inline void bench_open(struct bench *bench)
{
	*bench = (struct bench){.names = vs_names_create(), .home = vs_home_create(), .client_id = "laptop"};
	vs_rules_init(&bench->rules);
}

static inline void bench_close(struct bench *bench)
{
	vs_policies_destroy(bench->policies);
	vs_rules_fini(&bench->rules);
	vs_atlas_destroy(bench->atlas);
	vs_home_destroy(bench->home);
	vs_names_destroy(bench->names);
}

static inline size_t read_facts(char *text, int64_t at, struct vs_fact_value *values)
{
	size_t count = 0;
	char *rest = text, *word;

	while ((word = strsep(&rest, " ")) != NULL && *word != '\0') {
		char *value = strchr(word, '='), *source = strchr(word, '@');
		enum vs_fact known;

		assert_non_null(value);
		assert_non_null(source);
		*value++ = '\0';
		*source++ = '\0';
		for (char *comma; (comma = strchr(value, ',')) != NULL;)
			*comma = ' ';
		known = vs_fact_find(vs_view_of(word));
		if (known == VS_FACT_OTHER)
			fail_msg("%s is no fact", word);
		values[count++] = (struct vs_fact_value){word, source, vs_view_of(value), at,
			strlen(value) > 2 && known == VS_FACT_EXIT_COUNTRY ? VS_TYPE_TEXT
									   : vs_fact_type(known),
			known};
	}
	return count;
}

static inline void bench_learn(struct bench *bench, const char *exits)
{
	struct vs_view rest = vs_view_of(exits), word;

	while (rest.len > 0 && vs_view_split(&rest, ' ', &word)) {
		struct vs_addr exit;

		assert_int_equal(vs_addr_parse(&exit, word), 0);
		vs_home_learn(bench->home, &exit, "ipinfo", NOON);
	}
}

/* One place: address, network, country or "-", yes, no or "?", owner; "!" before it: the sources differ. */
static inline void put_place(struct bench *bench, const char *text)
{
	char where[VS_ADDR_TEXT], country[8], hosting[8], org[80] = "";
	struct vs_place place;
	struct vs_addr at;
	unsigned asn;

	vs_place_init(&place);
	assert_true(sscanf(text, " %45s AS%u %7s %7s %79[^\n]", where, &asn, country, hosting, org) >= 4);
	at = addr(where);
	place.asn = asn;
	if (country[0] != '-')
		memcpy(place.country, country, 2);
	place.hosting = hosting[0] == 'y'   ? VS_HOSTING_YES
			: hosting[0] == 'n' ? VS_HOSTING_NO
					    : VS_HOSTING_UNKNOWN;
	place.org = org[0] == '!' ? "" : org;
	place.disagreement = org[0] == '!' ? org + 1 : "";
	place.asked = 3;
	place.agreed = org[0] == '!' ? 1 : 2;
	place.at = NOON;
	vs_atlas_put(bench->atlas, &at, &place);
}

static inline void bench_places(struct bench *bench, const char *places)
{
	char text[1000], *rest = text, *one;

	if (bench->atlas == NULL)
		bench->atlas = vs_atlas_create(0);
	snprintf(text, sizeof(text), "%s", places);
	while ((one = strsep(&rest, ";")) != NULL)
		if (one[strspn(one, " ")] != '\0')
			put_place(bench, one);
}

static inline void bench_judge(struct bench *bench, const struct row *row, struct vs_judgement *out)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct vs_facts facts = {0};
	char text[2000];
	struct vs_case in = {.facts = &facts,
		.names = bench->names,
		.observations = bench->observations,
		.observation_count = bench->observation_count,
		.source = addr(row->source == NULL ? "" : row->source),
		.home = bench->home,
		.rules = &bench->rules,
		.policies = bench->policies,
		.interval_ms = bench->interval_ms,
		.client_id = bench->client_id,
		.now = NOON};

	bench_learn(bench, row->home == NULL ? HOME4 : row->home);
	if (row->places != NULL)
		bench_places(bench, row->places);
	in.atlas = bench->atlas;
	snprintf(text, sizeof(text), "%s", row->facts);
	vs_facts_set(&facts, bench->names, values, read_facts(text, NOON - row->age * MINUTE, values));
	vs_judge(&in, out);
	vs_facts_fini(&facts, bench->names);
}

static inline void bench_expect(
	const struct row *row, const struct vs_judgement *out, enum vs_question question)
{
	const char *said = out->evidence[question];

	if (out->rule[question] != (uint8_t)row->rule || out->verdict[question] != (uint8_t)row->verdict ||
		out->confidence[question] != (uint8_t)row->confidence ||
		(row->evidence == NULL ? said[0] == '\0' : strcmp(said, row->evidence) != 0))
		fail_msg("%s: by %s: %s %s \"%s\"", row->what, vs_rule_name(out->rule[question]),
			vs_verdict_name((enum vs_verdict)out->verdict[question]),
			vs_confidence_name((enum vs_confidence)out->confidence[question]), said);
}

static inline void bench_check(struct bench *bench, const struct row *row, enum vs_question question)
{
	struct vs_judgement out;

	bench_judge(bench, row, &out);
	bench_expect(row, &out, question);
}

/* Each row in a world of its own. */
static inline void check_rows(const struct row *rows, size_t count, enum vs_question question)
{
	for (size_t i = 0; i < count; i++) {
		struct bench bench;

		bench_open(&bench);
		bench_check(&bench, &rows[i], question);
		bench_close(&bench);
	}
}

static inline bool bench_wants(const struct vs_judgement *out, const char *text)
{
	struct vs_addr wanted = addr(text);

	for (size_t i = 0; i < out->wanted_count; i++)
		if (vs_addr_equal(&out->wanted[i], &wanted))
			return true;
	return false;
}

#endif
