/* Clients with random contents, always the same ones for a seed, and whether two are the same. */
#ifndef VS_TESTS_CLIENT_TWIN_H
#define VS_TESTS_CLIENT_TWIN_H

#include "model_test.h"

#include "base/alloc.h"
#include "model/cause.h"
#include "model/client.h"

/* xorshift64*: repeatable anywhere, which rand() is not. */
static inline uint64_t dice(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint64_t below(uint64_t *state, uint64_t limit)
{
	return (dice(state) >> 16) % limit;
}

/* Of any length in bits, so that small ones come as often as large ones. */
static inline uint64_t random_number(uint64_t *state, unsigned bits)
{
	uint64_t dropped = 64 - bits + below(state, bits);

	return dice(state) >> dropped;
}

/* Mostly a moment near noon, sometimes none at all, sometimes very far. */
static inline int64_t random_time(uint64_t *state)
{
	switch (below(state, 8)) {
	case 0:
		return 0;
	case 1:
		return (int64_t)below(state, UINT64_C(1) << 48) - (INT64_C(1) << 47);
	default:
		return NOON - (int64_t)below(state, 40 * 24 * HOUR);
	}
}

/* Of up to max bytes, in letters of one, two, three and four bytes; borrowed until the next but one. */
static inline const char *random_text(uint64_t *state, size_t max)
{
	static const char *const letters[] = {
		"a", "b", "Z", "9", " ", "\"", "\\", "\n", "\177", "ț", "€", "𝄞"};
	static char texts[2][1100];
	static int turn;
	char *text = texts[turn ^= 1];
	size_t len = 0, end = below(state, 4) == 0 ? max : max / 8;

	end = end == 0 ? 0 : below(state, end + 1);
	while (len + 4 <= end) {
		const char *letter = letters[below(state, COUNT(letters))];

		memcpy(text + len, letter, strlen(letter));
		len += strlen(letter);
	}
	text[len] = '\0';
	return text;
}

static inline uint32_t random_name(uint64_t *state, struct vs_names *names, size_t max)
{
	return vs_names_hold(names, vs_view_of(random_text(state, max)));
}

static inline struct vs_addr random_addr(uint64_t *state)
{
	static const char *const texts[] = {"", "198.51.100.7", "0.0.0.0", "255.255.255.255",
		"::", "2001:db8::7", "fe80::ffff:ffff:ffff:ffff"};

	return addr(texts[below(state, COUNT(texts))]);
}

static inline void randomize_facts(struct vs_client *client, struct vs_names *names, uint64_t *state)
{
	static const char *const sources[] = {"report", "ipinfo@main", "cloudflare_trace", ""};
	static const char *const others[] = {"x.y", "a", "third_party.0123456789.0123456789.0123456789.01"};
	struct vs_fact_value values[VS_FACTS_KEPT_MAX] = {{0}};
	size_t count = below(state, 6) == 0 ? VS_FACTS_KEPT_MAX : below(state, 12);
	int64_t newest = random_time(state);

	for (size_t i = 0; i < count; i++) {
		struct vs_fact_value *value = &values[i];
		char *text = vs_strdup(random_text(state, below(state, 9) == 0 ? VS_FACT_VALUE_MAX : 40));

		value->known = (enum vs_fact)below(state, VS_FACT_OUTAGE_DURATION + 1);
		value->name = vs_fact_name(value->known);
		if (value->known == VS_FACT_OTHER)
			value->name = others[below(state, COUNT(others))];
		value->source = sources[below(state, COUNT(sources))];
		value->value = vs_view_of(text);
		value->type = (enum vs_fact_type)(VS_TYPE_TEXT + below(state, VS_TYPE_TIME));
		value->observed_at = newest;
		if (below(state, 2) == 0)
			value->observed_at -= (int64_t)below(state, UINT32_MAX);
	}
	vs_facts_set(&client->facts, names, values, count);
	for (size_t i = 0; i < count; i++)
		vs_free((void *)(uintptr_t)values[i].value.ptr);
}

static inline void randomize_verdicts(struct vs_client *client, uint64_t *state)
{
	uint8_t verdict[VS_QUESTIONS], confidence[VS_QUESTIONS];
	char *evidence[VS_QUESTIONS];

	if (below(state, 5) == 0)
		return;
	for (int q = 0; q < VS_QUESTIONS; q++) {
		verdict[q] = (uint8_t)below(state, VS_VERDICT_DOWN + 1);
		confidence[q] = (uint8_t)below(state, VS_CONFIDENCE_HIGH + 1);
		evidence[q] = vs_strdup(random_text(state, 300));
	}
	vs_verdicts_set(&client->verdicts, verdict, confidence, (const char *const *)evidence);
	for (int q = 0; q < VS_QUESTIONS; q++)
		vs_free(evidence[q]);
}

static inline void randomize_streaks(struct vs_client *client, uint64_t *state)
{
	for (int i = 0; i < VS_STREAKS; i++) {
		struct vs_streak *streak = &client->streaks[i];

		streak->good = (uint8_t)below(state, UINT8_MAX + 1);
		streak->bad = (uint8_t)(below(state, 2) == 0 ? 0 : below(state, UINT8_MAX + 1));
		streak->first_bad_at = streak->bad == 0 ? 0 : random_time(state);
	}
}

static inline void randomize_rules(struct vs_client *client, uint64_t *state)
{
	for (int q = 0; q < VS_QUESTIONS; q++)
		client->rule[q] = (uint8_t)below(state, UINT8_MAX + 1);
	client->cause = (uint8_t)below(state, VS_CAUSES);
	client->late_told = (uint8_t)(below(state, 2) == 0 ? 0 : below(state, 1U << VS_STREAKS) & 0x7f);
	client->late_until = client->late_told == 0 ? 0 : (uint32_t)random_number(state, 32);
}

static inline void randomize_failures(struct vs_client *client, uint64_t *state)
{
	struct vs_buf packed;

	vs_buf_init(&packed);
	for (uint64_t i = below(state, 4); i > 0; i--) {
		vs_buf_printf(&packed, "source%u", (unsigned)i);
		vs_buf_add_char(&packed, '\0');
		vs_buf_add_text(&packed, random_text(state, 200));
		vs_buf_add_char(&packed, '\0');
	}
	client->failures = packed.len == 0 ? NULL : vs_buf_take(&packed);
	vs_buf_fini(&packed);
}

static inline void randomize_incidents(struct vs_client *client, uint64_t *state)
{
	client->incident_count = (uint32_t)(below(state, 3) == 0 ? below(state, 4) : 0);
	if (client->incident_count == 0)
		return;
	client->incidents = vs_calloc(client->incident_count, sizeof(*client->incidents));
	for (uint32_t i = 0; i < client->incident_count; i++) {
		struct vs_incident *incident = &client->incidents[i];

		vs_incident_init(
			incident, (enum vs_kind)(VS_KIND_BYPASS + below(state, 6)), client->id, NOON);
		for (size_t at = 0; at < sizeof(incident->id) - 1; at++)
			incident->id[at] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[below(state, 32)];
		incident->open = below(state, 2) == 0;
		incident->acknowledged = below(state, 2) == 0;
		incident->severity = (uint8_t)(1 + below(state, 3));
		incident->confidence = (uint8_t)below(state, 4);
		incident->flaps = (uint32_t)below(state, 1000);
		incident->cause = (uint8_t)below(state, VS_CAUSES);
		incident->exposed_bytes = below(state, 2) == 0 ? -1 : (int64_t)below(state, UINT32_MAX);
		incident->first_bad_at = NOON - (int64_t)below(state, HOUR);
		incident->last_bad_at = NOON + (int64_t)below(state, HOUR);
		incident->good_since = below(state, 2) == 0 ? 0 : NOON + 1;
		incident->resolved_at = incident->open ? 0 : NOON + (int64_t)below(state, HOUR);
		vs_incident_set_evidence(incident, random_text(state, 200));
	}
}

static inline void random_client(struct vs_client *client, struct vs_names *names, uint64_t *state)
{
	char id[VS_CLIENT_ID_MAX + 1] = {0};
	size_t len = 1 + below(state, below(state, 8) == 0 ? VS_CLIENT_ID_MAX : 20);

	for (size_t i = 0; i < len; i++)
		id[i] = "aZ09._-"[below(state, 7)];
	vs_client_init(client, id);
	client->first_seen = random_time(state);
	client->last_seen = random_time(state);
	client->started_at = random_time(state);
	client->seq = random_number(state, 64);
	client->interval_ms = (uint32_t)random_number(state, 32);
	client->version = random_name(state, names, 100);
	client->told_version =
		below(state, 2) == 0
			? random_name(state, names, 100)
			: vs_names_hold(names, vs_view_of(vs_names_text(names, client->version)));
	client->tags = random_name(state, names, 1050);
	client->source = random_addr(state);
	client->told_exit = random_addr(state);
	client->liveness = (uint8_t)below(state, VS_LIVENESS_LOST + 1);
	client->side = (uint8_t)below(state, VS_SIDE_HOME + 1);
	client->told = (uint8_t)below(state, 2);
	randomize_facts(client, names, state);
	randomize_verdicts(client, state);
	randomize_streaks(client, state);
	randomize_rules(client, state);
	randomize_failures(client, state);
	randomize_incidents(client, state);
}

static inline void encode(const struct vs_client *client, const struct vs_names *names, struct vs_buf *record)
{
	vs_buf_clear(record);
	vs_client_encode(client, names, record);
}

static inline void assert_decodes(
	struct vs_client *client, struct vs_names *names, const struct vs_buf *record)
{
	struct vs_err err = {0};

	if (vs_client_decode(client, names, vs_buf_view(record), &err) < 0)
		fail_msg("%s", err.text);
}

static inline void assert_same_facts(const struct vs_client *a, const struct vs_names *a_names,
	const struct vs_client *b, const struct vs_names *b_names)
{
	struct vs_facts_cursor at_a = {0}, at_b = {0};
	struct vs_fact_value x, y;

	assert_int_equal(vs_facts_count(&a->facts), vs_facts_count(&b->facts));
	while (vs_facts_next(&a->facts, a_names, &at_a, &x)) {
		assert_true(vs_facts_next(&b->facts, b_names, &at_b, &y));
		assert_string_equal(x.name, y.name);
		assert_string_equal(x.source, y.source);
		assert_true(vs_view_equal(x.value, y.value));
		assert_int_equal(x.observed_at, y.observed_at);
		assert_int_equal(x.type, y.type);
		assert_int_equal(x.known, y.known);
	}
}

static inline void assert_same_incident(const struct vs_incident *a, const struct vs_incident *b)
{
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->severity, b->severity);
	assert_int_equal(a->confidence, b->confidence);
	assert_int_equal(a->open, b->open);
	assert_int_equal(a->acknowledged, b->acknowledged);
	assert_int_equal(a->flaps, b->flaps);
	assert_int_equal(a->opened_at, b->opened_at);
	assert_int_equal(a->first_bad_at, b->first_bad_at);
	assert_int_equal(a->last_bad_at, b->last_bad_at);
	assert_int_equal(a->good_since, b->good_since);
	assert_int_equal(a->resolved_at, b->resolved_at);
	assert_int_equal(a->cause, b->cause);
	assert_int_equal(a->exposed_bytes, b->exposed_bytes);
	assert_string_equal(a->client, b->client);
	assert_string_equal(a->evidence, b->evidence);
}

static inline void assert_same_state(const struct vs_client *a, const struct vs_names *a_names,
	const struct vs_client *b, const struct vs_names *b_names)
{
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->first_seen, b->first_seen);
	assert_int_equal(a->last_seen, b->last_seen);
	assert_int_equal(a->started_at, b->started_at);
	assert_true(a->seq == b->seq);
	assert_int_equal(a->interval_ms, b->interval_ms);
	assert_string_equal(vs_names_text(a_names, a->version), vs_names_text(b_names, b->version));
	assert_string_equal(vs_names_text(a_names, a->told_version), vs_names_text(b_names, b->told_version));
	assert_string_equal(vs_names_text(a_names, a->tags), vs_names_text(b_names, b->tags));
	assert_true(vs_addr_equal(&a->source, &b->source));
	assert_true(vs_addr_equal(&a->told_exit, &b->told_exit));
	assert_int_equal(a->liveness, b->liveness);
	assert_int_equal(a->side, b->side);
	assert_int_equal(a->told, b->told);
	assert_int_equal(a->late_told, b->late_told);
	assert_int_equal(a->late_until, b->late_until);
}

/* Every member, each in its own table of names. */
static inline void assert_same_client(const struct vs_client *a, const struct vs_names *a_names,
	const struct vs_client *b, const struct vs_names *b_names)
{
	struct vs_failure x = {0}, y = {0};

	assert_same_state(a, a_names, b, b_names);
	assert_same_facts(a, a_names, b, b_names);
	assert_memory_equal(a->verdicts.verdict, b->verdicts.verdict, VS_QUESTIONS);
	assert_memory_equal(a->verdicts.confidence, b->verdicts.confidence, VS_QUESTIONS);
	for (int q = 0; q < VS_QUESTIONS; q++)
		assert_string_equal(vs_verdicts_evidence(&a->verdicts, (enum vs_question)q),
			vs_verdicts_evidence(&b->verdicts, (enum vs_question)q));
	for (int i = 0; i < VS_STREAKS; i++) {
		assert_int_equal(a->streaks[i].first_bad_at, b->streaks[i].first_bad_at);
		assert_int_equal(a->streaks[i].bad, b->streaks[i].bad);
		assert_int_equal(a->streaks[i].good, b->streaks[i].good);
	}
	assert_memory_equal(a->rule, b->rule, VS_QUESTIONS);
	assert_int_equal(a->cause, b->cause);
	while (vs_client_next_failure(a, &x)) {
		assert_true(vs_client_next_failure(b, &y));
		assert_string_equal(x.source, y.source);
		assert_string_equal(x.reason, y.reason);
	}
	assert_false(vs_client_next_failure(b, &y));
	assert_int_equal(a->incident_count, b->incident_count);
	for (uint32_t i = 0; i < a->incident_count; i++)
		assert_same_incident(&a->incidents[i], &b->incidents[i]);
	assert_int_equal(vs_client_size(a), vs_client_size(b));
}

#endif
