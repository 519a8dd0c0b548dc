/* A report that says what the last one said is not judged anew: that nobody can tell the difference. */
#include "model_test.h"

#include "client_twin.h"
#include "model/atlas.h"
#include "model/client.h"
#include "model/epoch.h"
#include "model/policy.h"
#include "model/step.h"
#include "model/tracker.h"
#include "model/transition.h"

/* One client twice: the one is judged at each report, the other only when something may have changed. */
struct twin {
	struct vs_names *names;
	struct vs_tracker tracker;
	struct vs_epoch epoch;
	struct vs_client client;
	struct vs_transitions out;
	struct vs_buf record;
};

struct pair {
	struct twin twins[2];
	struct vs_home *home;
	struct vs_rules rules;
	struct vs_atlas *atlas; /* the one book of both */
	struct vs_policies *policies;
	int64_t now;
	uint64_t seq;
	uint64_t seed;
	unsigned skipped; /* live reports whose judging was skipped */
	uint64_t choice[12]; /* what the last report said: most repeat it, or change one thing */
	uint64_t extra; /* what the server adds */
	unsigned wanted[2]; /* places that each would have liked to know */
	char body[1500];
	const char *source;
};

static void on_wanted(void *arg, const char *client_id, const struct vs_addr *wanted)
{
	unsigned *count = arg;

	assert_string_not_equal(client_id, "");
	assert_int_not_equal(wanted->family, 0);
	++*count;
}

static void pair_init(struct pair *pair, uint64_t seed)
{
	memset(pair, 0, sizeof(*pair));
	pair->seed = seed;
	pair->now = NOON;
	pair->home = vs_home_create();
	pair->source = "198.51.100.7";
	pair->atlas = vs_atlas_create(0);
	pair->policies = vs_policies_create();
	vs_rules_init(&pair->rules);
	for (int i = 0; i < 2; i++) {
		struct twin *twin = &pair->twins[i];

		twin->names = vs_names_create();
		twin->tracker = (struct vs_tracker){.names = twin->names,
			.home = pair->home,
			.rules = &pair->rules,
			.atlas = pair->atlas,
			.policies = pair->policies,
			.want = on_wanted,
			.want_arg = &pair->wanted[i],
			.epoch = i == 0 ? NULL : &twin->epoch};
		vs_client_init(&twin->client, "a");
		vs_buf_init(&twin->record);
	}
}

static void pair_fini(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct twin *twin = &pair->twins[i];

		vs_client_fini(&twin->client, twin->names);
		vs_transitions_fini(&twin->out);
		vs_names_destroy(twin->names);
		vs_buf_fini(&twin->record);
	}
	vs_atlas_destroy(pair->atlas);
	vs_policies_destroy(pair->policies);
	vs_home_destroy(pair->home);
	vs_rules_fini(&pair->rules);
}

static void assert_same_transitions(const struct vs_transitions *a, const struct vs_transitions *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		struct vs_buf x, y;

		assert_int_equal(a->items[i].kind, b->items[i].kind);
		assert_int_equal(a->items[i].change, b->items[i].change);
		vs_buf_init(&x);
		vs_buf_init(&y);
		memcpy(b->items[i].id, a->items[i].id, sizeof(a->items[i].id));
		memcpy(b->items[i].incident, a->items[i].incident, sizeof(a->items[i].incident));
		vs_transition_encode(&a->items[i], &x);
		vs_transition_encode(&b->items[i], &y);
		assert_string_equal(vs_buf_text(&x), vs_buf_text(&y));
		vs_buf_fini(&x);
		vs_buf_fini(&y);
	}
}

/* Ids are drawn at random; all else of the records is the same, byte for byte. */
static void assert_same_twins(struct pair *pair)
{
	struct twin *a = &pair->twins[0], *b = &pair->twins[1];

	assert_same_transitions(&a->out, &b->out);
	assert_int_equal(a->client.incident_count, b->client.incident_count);
	for (uint32_t i = 0; i < a->client.incident_count; i++)
		memcpy(b->client.incidents[i].id, a->client.incidents[i].id, VS_ULID_TEXT);
	encode(&a->client, a->names, &a->record);
	encode(&b->client, b->names, &b->record);
	assert_int_equal(a->record.len, b->record.len);
	assert_memory_equal(a->record.ptr, b->record.ptr, a->record.len);
	assert_int_equal(vs_client_size(&a->client), vs_client_size(&b->client));
}

static const char *pick(struct pair *pair, const char *const *texts, size_t count)
{
	return texts[below(&pair->seed, count)];
}

#define PICK(pair, texts) pick(pair, texts, COUNT(texts))

#define CHOICE(pair, n, texts) (texts)[(pair)->choice[n] % COUNT(texts)]

/* What a client may report, in our own body or the flat one. */
static void write_body(struct pair *pair)
{
	static const char *const exits[] = {
		"198.51.100.7", "198.51.100.7", "unknown", "203.0.113.7", "10.0.0.1", "2001:db8::9"};
	static const char *const countries[] = {"RO", "RO", "CH", "Romania", ""};
	static const char *const codes[] = {"RO", "RO", "CH", "unknown"};
	static const char *const states[] = {"pass", "pass", "pass", "warn", "fail", "unknown"};
	static const char *const reasons[] = {"null", "\"it rained\"", "\"\""};
	static const char *const ages[] = {"12:00:00", "11:58:00", "11:50:00", "11:00:00"};

	if (pair->choice[0] % 3 == 0)
		snprintf(pair->body, sizeof(pair->body),
			"{\"client_id\":\"a\",\"public_ip\":\"%s\",\"country\":\"%s\",\"dns_location\":\"%"
			"s\"}",
			CHOICE(pair, 1, exits), CHOICE(pair, 2, countries), CHOICE(pair, 3, codes));
	else
		snprintf(pair->body, sizeof(pair->body),
			"{\"client_id\":\"a\",\"v\":2,\"timestamp\":\"2026-11-23T12:00:00Z\",\"interval_"
			"seconds\":%d,"
			"\"client_version\":\"%d\",\"observations\":[{\"source\":\"one\",\"status\":\"%s\","
			"\"reason\":%s,\"observed_at\":\"2026-11-23T%sZ\","
			"\"facts\":{\"exit.ip\":\"%s\",\"exit.country\":\"%s\"}},"
			"{\"source\":\"two\",\"status\":\"%s\",\"observed_at\":\"2026-11-23T%sZ\","
			"\"facts\":{\"trace.ip\":\"%s\",\"dns_location\":\"%s\",\"x.y\":%d}}]}",
			pair->choice[4] % 4 == 0 ? 60 : 300, (int)(pair->choice[5] % 2),
			CHOICE(pair, 6, states), CHOICE(pair, 7, reasons), CHOICE(pair, 8, ages),
			CHOICE(pair, 1, exits), CHOICE(pair, 2, codes), CHOICE(pair, 9, states),
			CHOICE(pair, 10, ages), CHOICE(pair, 1, exits), CHOICE(pair, 3, codes),
			(int)(pair->choice[11] % 2));
}

static void say_something_else(struct pair *pair, bool all)
{
	size_t one = below(&pair->seed, COUNT(pair->choice));

	for (size_t i = 0; i < COUNT(pair->choice); i++)
		if (all || i == one)
			pair->choice[i] = below(&pair->seed, 1000);
	write_body(pair);
}

/* What the server knows of the client: its own zone, canaries, the place of its exit. */
static size_t add_extra(const struct pair *pair, struct vs_fact_value *values)
{
	static const struct {
		enum vs_fact known;
		const char *source, *value;
	} rows[] = {
		{VS_FACT_ZONE_RESOLVERS, "zone", "198.51.100.53"},
		{VS_FACT_ZONE_RESOLVERS, "zone", "203.0.113.53 192.0.2.9"},
		{VS_FACT_ZONE_LABELS, "zone", "6"},
		{VS_FACT_CANARY_IP, "canary", "203.0.113.9"},
		{VS_FACT_EXIT_COUNTRY, VS_PLACE_SOURCE, "DE"},
		{VS_FACT_EXIT_ASN, VS_PLACE_SOURCE, "AS9009"},
	};
	size_t count = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if ((pair->extra >> i & 1) != 0)
			values[count++] = (struct vs_fact_value){vs_fact_name(rows[i].known), rows[i].source,
				vs_view_of(rows[i].value), pair->now, vs_fact_type(rows[i].known),
				rows[i].known};
	return count;
}

static void send(struct pair *pair)
{
	struct vs_fact_value extra[8];
	size_t extra_count = add_extra(pair, extra);
	struct vs_addr source = addr(pair->source);
	bool late = below(&pair->seed, 12) == 0;
	struct vs_report report;

	parse(&report, pair->body);
	report.started_at = below(&pair->seed, 8) == 0 ? 0 : NOON - HOUR;
	report.seq = below(&pair->seed, 10) == 0 ? pair->seq : ++pair->seq;
	report.late = late;
	report.observed_at = late ? NOON - 20 * MINUTE : 0;
	for (int i = 0; i < 2; i++) {
		struct twin *twin = &pair->twins[i];
		const char *before = twin->client.verdicts.evidence;

		vs_tracker_report(&twin->tracker, &twin->client, &report, &source, extra, extra_count,
			pair->now, &twin->out);
		pair->skipped +=
			i == 1 && !late && before != NULL && before == twin->client.verdicts.evidence;
	}
	vs_report_fini(&report);
}

static void learn(struct pair *pair)
{
	static const char *const homes[] = {"203.0.113.7", "203.0.113.7", "198.51.100.7", "2001:db8::1"};
	static const char *const sources[] = {"ipinfo", "ipinfo", "trace"};
	struct vs_addr exit = addr(PICK(pair, homes));

	vs_home_learn(pair->home, &exit, PICK(pair, sources), pair->now);
}

static void change_rules(struct pair *pair)
{
	static const char *const items[] = {"CH", "3", "198.51.100.0/24", "1"};

	if (below(&pair->seed, 3) == 0) {
		vs_rules_fini(&pair->rules);
		vs_rules_init(&pair->rules);
	} else {
		vs_tolerance_add(&pair->rules.tolerance, vs_view_of(PICK(pair, items)), NULL);
	}
}

/* Somebody was asked where an address is. */
static void locate(struct pair *pair)
{
	static const char *const addresses[] = {
		"198.51.100.7", "203.0.113.7", "198.51.100.53", "2001:db8::9"};
	static const char *const countries[] = {"RO", "RO", "DE", ""};
	struct vs_addr where = addr(PICK(pair, addresses));
	struct vs_place place;

	vs_place_init(&place);
	place.at = pair->now - (int64_t)below(&pair->seed, 30 * HOUR); /* some are stale already */
	snprintf(place.country, sizeof(place.country), "%s", PICK(pair, countries));
	place.asn = (uint32_t)below(&pair->seed, 3) * 4500;
	place.hosting = (uint8_t)below(&pair->seed, 3);
	vs_atlas_put(pair->atlas, &where, &place);
}

static void want_a_policy(struct pair *pair)
{
	static const char *const items[] = {"RO", "AS9000", "198.51.100.0/24"};

	vs_policies_add(pair->policies);
	vs_policies_add_allowed(pair->policies, vs_view_of(PICK(pair, items)), NULL);
}

static void fall_silent(struct pair *pair)
{
	pair->now += 20 * MINUTE;
	for (int i = 0; i < 2; i++) {
		vs_tracker_late(&pair->twins[i].client);
		vs_tracker_lost(&pair->twins[i].tracker, &pair->twins[i].client, pair->now,
			&(struct vs_silence){20 * MINUTE, VS_CAUSE_CLIENT_SILENT}, &pair->twins[i].out);
	}
}

static void set_the_clock(struct pair *pair)
{
	struct vs_step step = {NOON - HOUR, pair->now, below(&pair->seed, 2) == 0 ? HOUR : -HOUR};

	for (int i = 0; i < 2; i++)
		vs_client_step(&pair->twins[i].client, &step);
	vs_atlas_step(pair->atlas, &step);
	pair->now += step.by_ms;
}

static void restart(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct twin *twin = &pair->twins[i];

		encode(&twin->client, twin->names, &twin->record);
		vs_client_fini(&twin->client, twin->names);
		assert_decodes(&twin->client, twin->names, &twin->record);
		vs_tracker_restore(&twin->client);
	}
}

static void one_event(struct pair *pair)
{
	static const char *const sources[] = {"198.51.100.7", "203.0.113.7", "10.0.0.2", "2001:db8::9", ""};

	for (int i = 0; i < 2; i++)
		vs_transitions_fini(&pair->twins[i].out);
	pair->now += (int64_t)below(&pair->seed, 6 * MINUTE);
	switch (below(&pair->seed, 40)) {
	case 0:
		learn(pair);
		break;
	case 1:
		change_rules(pair);
		break;
	case 2:
		fall_silent(pair);
		break;
	case 3:
		set_the_clock(pair);
		break;
	case 4:
		restart(pair);
		break;
	case 5:
	case 6:
		pair->source = PICK(pair, sources);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
		say_something_else(pair, below(&pair->seed, 6) == 0);
		break;
	case 13:
	case 14:
		locate(pair);
		break;
	case 15:
	case 16:
		pair->extra = below(&pair->seed, 64);
		break;
	case 17:
		if (below(&pair->seed, 5) == 0)
			want_a_policy(pair);
		break;
	default:
		break;
	}
	send(pair);
}

static void whether_it_is_judged_anew_or_not_no_byte_differs(void **state)
{
	unsigned skipped = 0, wanted = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct pair pair;

		pair_init(&pair, seed * UINT64_C(0x9e3779b97f4a7c15));
		learn(&pair);
		say_something_else(&pair, true);
		for (int i = 0; i < 150; i++) {
			one_event(&pair);
			assert_same_twins(&pair);
		}
		assert_int_equal(pair.wanted[0], pair.wanted[1]); /* who skips wants nothing */
		wanted += pair.wanted[0];
		skipped += pair.skipped;
		pair_fini(&pair);
	}
	assert_in_range(skipped, 2000, 20000); /* of 22,500: both ways were taken often */
	assert_true(wanted > 1000);
}

static void the_count_changes_with_all_that_is_judged_by(void **state)
{
	struct vs_home *home = vs_home_create(), *other = vs_home_create();
	struct vs_addr exit = addr("203.0.113.7"), inside = addr("10.0.0.1");
	struct vs_policies *policies = vs_policies_create();
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct vs_epoch epoch = {0};
	struct vs_rules rules, fresh;
	struct vs_tracker world = {.home = home, .rules = &rules};
	struct vs_place place;
	uint32_t count;

	(void)state;
	vs_rules_init(&rules);
	vs_rules_init(&fresh);
	vs_place_init(&place);
	count = vs_epoch_now(&epoch, &world, NOON);
	assert_int_not_equal(count, 0);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), count);
	vs_home_learn(home, &exit, "ipinfo", 1);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	vs_home_learn(home, &exit, "ipinfo", 2);
	vs_home_learn(home, &inside, "ipinfo", 2);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), count);
	vs_home_learn(home, &exit, "trace", 3);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	vs_home_list(home, vs_view_of("192.0.2.0/24"), NULL);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	vs_tolerance_add(&rules.tolerance, vs_view_of("RO"), NULL);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	world.rules = &fresh;
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	world.home = other;
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	world.policies = policies;
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	world.atlas = atlas;
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	vs_atlas_put(atlas, &exit, &place); /* whoever missed it judges again anyway */
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), count);
	vs_atlas_put(atlas, &exit, &place);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), ++count);
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON + HOUR), ++count); /* places grow stale */
	epoch.count = UINT32_MAX;
	assert_int_equal(vs_epoch_now(&epoch, &world, NOON), 1);
	vs_rules_fini(&rules);
	vs_rules_fini(&fresh);
	vs_home_destroy(home);
	vs_home_destroy(other);
	vs_policies_destroy(policies);
	vs_atlas_destroy(atlas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whether_it_is_judged_anew_or_not_no_byte_differs),
		cmocka_unit_test(the_count_changes_with_all_that_is_judged_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
