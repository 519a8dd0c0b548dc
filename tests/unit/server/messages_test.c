/*
 * Every kind of message, in every language: English and Spanish against the files of golden/, all against a
 * language that is none, which shows whatever did not pass a catalog.
 */
#include "golden.h"
#include "server_test.h"

#include "vpn_sentinel/notifier.h"

#include "base/text.h"
#include "model/cause.h"
#include "model/incident.h"
#include "model/tongue.h"
#include "model/transition.h"
#include "model/words.h"
#include "server/ack.h"
#include "server/alert.h"
#include "server/channel_inside.h"
#include "server/delivery.h"
#include "server/forget.h"
#include "server/language.h"
#include "server/zone.h"

#define CLIENT "7-4" /* values without a letter, so that letters are ours */
#define EVIDENCE "0.0.0.0 > 1.1.1.1"
#define BYTES_MANY "4404019"

static const char *const languages[] = {"de", "es", "fr", "pt", "ro"};

/* --- all messages ---------------------------------------------------------------------- */

struct book {
	struct vs_buf text;
	const struct vs_tongue *tongue;
	struct vs_zone *zone;
};

static void write_text(struct book *book, const struct vs_alert_text *text)
{
	const struct vpns_alert *alert = vs_alert_text_get(text);

	vs_buf_printf(&book->text, "%s\n%s\n", alert->title, alert->body);
	for (uint32_t i = 0; i < alert->field_count; i++)
		vs_buf_printf(&book->text, "%s: %s\n", alert->fields[i].label, alert->fields[i].value);
	vs_buf_add_char(&book->text, '\n');
}

static void write_alert(struct book *book, const struct vs_transition *transition, bool marked)
{
	struct vs_delivery *delivery =
		vs_delivery_create("01ARYZ6S411000000000000000", "oncall", transition, NOON);
	struct vs_alert_text *text;

	delivery->unsure = delivery->combined = marked;
	delivery->held_until = marked ? NOON : 0;
	text = vs_alert_text_create(delivery, book->zone, book->tongue, NULL, marked);
	write_text(book, text);
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
}

static struct vs_transition made(enum vs_kind kind, enum vs_change change)
{
	const char *client = vs_kind_is_of_server(kind) ? "" : CLIENT;
	struct vs_transition transition;
	struct vs_incident incident;

	if (vs_kind_is_notice(kind)) {
		vs_transition_init_notice(&transition, kind, client, NOON);
	} else {
		vs_incident_init(&incident, kind, client, NOON - 26 * HOUR);
		incident.resolved_at = incident.good_since = change == VS_CHANGE_RESOLVED ? NOON : 0;
		incident.first_bad_at = incident.last_bad_at = NOON - 26 * HOUR;
		vs_transition_init_incident(&transition, change, &incident, NOON);
		vs_incident_fini(&incident);
	}
	vs_transition_set_evidence(&transition, EVIDENCE);
	transition.confidence = VS_CONFIDENCE_HIGH;
	if (change == VS_CHANGE_REMINDED)
		transition.duration_ms = 26 * HOUR;
	if (change == VS_CHANGE_ACKNOWLEDGED)
		vs_transition_add(&transition, "who", "8");
	return transition;
}

/* A message about 500, of whom so many are over. */
static void write_group(struct book *book, enum vs_kind kind, enum vs_change change, size_t over, bool mixed)
{
	struct vs_transition transition = made(kind, change);
	struct vs_delivery *delivery =
		vs_delivery_create("01ARYZ6S411000000000000000", "oncall", &transition, NOON);
	struct vs_alert_text *text = vs_alert_text_create(delivery, book->zone, book->tongue, NULL, false);
	struct vs_group_text group = {.count = 500, .over = over, .mixed = mixed};

	vs_group_text_add(&group, vs_alert_name(&transition, mixed, book->tongue));
	transition.kind = mixed ? VS_KIND_IPV6_LEAK : transition.kind;
	vs_transition_set_evidence(&transition, "2.2.2.2");
	vs_group_text_add(&group, vs_alert_name(&transition, mixed, book->tongue));
	if (over > 0 && over < group.count) {
		vs_group_text_care(&group, "8", "7-4");
		vs_group_text_care(&group, "9", "7-5");
		vs_group_text_care(&group, "8", "7-6");
	}
	vs_alert_text_group(text, &group, book->tongue);
	write_text(book, text);
	vs_group_text_fini(&group);
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_transition_fini(&transition);
}

static void write_groups(struct book *book)
{
	write_group(book, VS_KIND_TUNNEL_LOST, VS_CHANGE_OPENED, 0, false);
	write_group(book, VS_KIND_TUNNEL_LOST, VS_CHANGE_OPENED, 412, false);
	write_group(book, VS_KIND_TUNNEL_LOST, VS_CHANGE_OPENED, 500, false);
	write_group(book, VS_KIND_BYPASS, VS_CHANGE_OPENED, 412, false);
	write_group(book, VS_KIND_BYPASS, VS_CHANGE_OPENED, 500, false);
	write_group(book, VS_KIND_BYPASS, VS_CHANGE_REMINDED, 0, false);
	write_group(book, VS_KIND_TUNNEL_LOST, VS_CHANGE_RESOLVED, 0, false);
	write_group(book, VS_KIND_CHANNEL_BROKEN, VS_CHANGE_OPENED, 0, false);
	write_group(book, VS_KIND_BYPASS, VS_CHANGE_OPENED, 412, true);
	write_group(book, VS_KIND_CONNECTED, VS_CHANGE_NOTICE, 0, false);
}

static void write_kind(struct book *book, enum vs_kind kind)
{
	static const enum vs_change changes[] = {VS_CHANGE_OPENED, VS_CHANGE_ESCALATED,
		VS_CHANGE_ACKNOWLEDGED, VS_CHANGE_REMINDED, VS_CHANGE_RESOLVED};
	size_t count = vs_kind_is_notice(kind) ? 1 : COUNT(changes);

	for (size_t i = 0; i < count; i++) {
		struct vs_transition transition = made(kind, changes[i]);

		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
}

/* One message with one detail; of kind as it opens. */
static void write_detail(struct book *book, enum vs_kind kind, const char *key, const char *value)
{
	struct vs_transition transition = made(kind, VS_CHANGE_OPENED);

	vs_transition_add(&transition, key, value);
	write_alert(book, &transition, false);
	vs_transition_fini(&transition);
}

static void write_details(struct book *book)
{
	static const char *const literal[] = {"exit", "previous", "location", "provider", "dns", "source",
		"version", "tags", "instance", "reason", "told_before"};
	char source[128];

	for (size_t i = 0; i < COUNT(literal); i++)
		write_detail(book, VS_KIND_POLICY, literal[i], "<1>&{{7*7}}%1$2\xf0\x9f\x98\x80");
	for (int side = VS_SIDE_EXIT; side <= VS_SIDE_HOME; side++) {
		snprintf(source, sizeof(source), "10.0.0.2, %s", vs_side_words((enum vs_side)side));
		write_detail(book, VS_KIND_POLICY, "source", source);
	}
	for (int cause = VS_CAUSE_NONE + 1; cause < VS_CAUSES; cause++)
		write_detail(book, VS_KIND_TUNNEL_LOST, "cause", vs_cause_name((enum vs_cause)cause));
	write_detail(book, VS_KIND_BYPASS, "exposed", "512");
	write_detail(book, VS_KIND_BYPASS, "exposed", BYTES_MANY);
	write_detail(book, VS_KIND_BYPASS, "closed", VS_FORGET_DELETED);
	write_detail(book, VS_KIND_BYPASS, "closed", VS_FORGET_SILENT);
}

static void write_connected(struct book *book)
{
	for (int verdict = 0; verdict <= VS_VERDICT_DOWN; verdict++) {
		struct vs_transition transition = made(VS_KIND_CONNECTED, VS_CHANGE_NOTICE);

		transition.verdict = (uint8_t)verdict;
		transition.confidence = (uint8_t)(verdict % (VS_CONFIDENCE_HIGH + 1));
		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
	for (int kind = 0; kind < VS_KINDS; kind++)
		if (*vs_words_kind((enum vs_kind)kind) != '\0')
			write_detail(book, VS_KIND_CONNECTED, "suspected", vs_kind_name((enum vs_kind)kind));
}

static void write_durations(struct book *book)
{
	static const int64_t lengths[] = {
		0, 45, 1500, 59 * SECOND, 18 * MINUTE, 135 * MINUTE, 3 * DAY + 4 * HOUR};

	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct vs_transition transition = made(VS_KIND_BYPASS, VS_CHANGE_RESOLVED);

		transition.duration_ms = lengths[i];
		vs_transition_add(&transition, "exposed", BYTES_MANY);
		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
}

static void write_late(struct book *book)
{
	static const char *const states[] = {VS_LATE_OVER, VS_LATE_ON, VS_LATE_UNKNOWN};

	for (size_t i = 0; i < COUNT(states); i++) {
		struct vs_transition transition;

		vs_transition_init_notice(&transition, VS_KIND_BYPASS, CLIENT, NOON);
		transition.confidence = VS_CONFIDENCE_HIGH;
		vs_transition_set_evidence(&transition, EVIDENCE);
		vs_transition_add(&transition, VS_LATE_KEY, states[i]);
		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
}

/* Who looks after it: a name is a value like any other, and so is what they write. */
static void write_acknowledged(struct book *book)
{
	static const char *const notes[] = {"", "<1>&{{7*7}}%1$2\xf0\x9f\x98\x80"};

	for (size_t i = 0; i < COUNT(notes); i++) {
		struct vs_transition transition = made(VS_KIND_BYPASS, VS_CHANGE_OPENED);
		const struct vs_ack ack = {.who = "8 {{7*7}} %2", .note = notes[i], .at = NOON};

		transition.change = VS_CHANGE_ACKNOWLEDGED;
		vs_ack_tell(&ack, &transition);
		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
}

/* An hour across a change of the clock, in either direction: since, until and how long agree. */
static void write_changes_of_the_clock(struct book *book)
{
	static const char *const begins[] = {"2026-10-25T00:30:00Z", "2026-03-29T00:30:00Z"};

	for (size_t i = 0; i < COUNT(begins); i++) {
		struct vs_transition transition = made(VS_KIND_DNS_LEAK, VS_CHANGE_RESOLVED);

		assert_int_equal(vs_time_parse(&transition.since, vs_view_of(begins[i])), 0);
		transition.at = transition.since + HOUR;
		transition.duration_ms = HOUR;
		write_alert(book, &transition, false);
		vs_transition_fini(&transition);
	}
}

/* Of what is likely only, and with every sentence that delivery adds. */
static void write_rest(struct book *book)
{
	struct vs_transition transition = made(VS_KIND_DNS_LEAK, VS_CHANGE_OPENED);

	transition.confidence = VS_CONFIDENCE_MEDIUM;
	write_alert(book, &transition, true);
	vs_transition_fini(&transition);
}

/* --- digests of quiet hours ------------------------------------------------------------ */

static void add_waiting(struct vs_channel *channel, enum vs_kind kind, enum vs_change change, bool over)
{
	struct vs_transition transition = made(kind, change);
	struct vs_delivery *delivery;

	transition.at += (int64_t)channel->member_count * MINUTE;
	delivery = vs_delivery_create("01ARYZ6S411000000000000000", "oncall", &transition, NOON);
	delivery->quieted = true;
	delivery->combined = over;
	channel->members[channel->member_count++] = delivery;
	vs_transition_fini(&transition);
}

/* The newest of the same incident is told, and no other. */
static void be_one_incident(struct vs_channel *channel)
{
	for (size_t i = 0; i < channel->member_count; i++) {
		struct vs_delivery *delivery = channel->members[i];

		snprintf(delivery->transition.incident, sizeof(delivery->transition.incident), "%s",
			"01ARYZ6S411000000000000001");
		delivery->next_same = i + 1 < channel->member_count ? channel->members[i + 1] : NULL;
	}
}

/* So many lines, and so many that came and went. */
static void write_digest(struct book *book, size_t lines, size_t over, bool one_incident, bool unsure)
{
	static const struct {
		enum vs_kind kind;
		enum vs_change change;
	} told[] = {{VS_KIND_CONNECTED, VS_CHANGE_NOTICE}, {VS_KIND_DNS_LEAK, VS_CHANGE_OPENED},
		{VS_KIND_CHANNEL_BROKEN, VS_CHANGE_REMINDED}, {VS_KIND_TUNNEL_LOST, VS_CHANGE_RESOLVED}};
	struct vs_delivery *members[16];
	struct vs_channel channel = {.members = members, .zone = book->zone};
	struct vs_alert_text *text;
	size_t i;

	assert_true(lines + over <= COUNT(members));
	for (i = 0; i < lines; i++)
		add_waiting(&channel, told[i % COUNT(told)].kind, told[i % COUNT(told)].change, false);
	for (i = 0; i < over; i++)
		add_waiting(&channel, VS_KIND_TUNNEL_LOST, VS_CHANGE_RESOLVED, true);
	if (one_incident)
		be_one_incident(&channel);
	channel.current = members[0];
	channel.current->unsure = unsure;
	assert_true(vs_channel_is_digest(&channel));
	text = vs_channel_digest(&channel, book->tongue);
	write_text(book, text);
	vs_alert_text_destroy(text);
	for (i = 0; i < channel.member_count; i++)
		vs_delivery_destroy(members[i]);
}

static void write_digests(struct book *book)
{
	write_digest(book, 4, 0, false, false);
	write_digest(book, 2, 1, false, false);
	write_digest(book, 1, 3, false, false);
	write_digest(book, 0, 2, false, false);
	write_digest(book, 0, 1, false, false);
	write_digest(book, 2, 0, true, false); /* one alone, that changed meanwhile */
	write_digest(book, 12, 2, false, false);
	write_digest(book, 0, 2, false, true);
	write_digest(book, 2, 0, false, true);
}

/* The caller frees. */
static char *all_messages(const struct vs_tongue *tongue)
{
	struct book book = {.tongue = tongue, .zone = vs_zone_create("Europe/Bucharest")};

	vs_buf_init(&book.text);
	for (int kind = 0; kind < VS_KINDS; kind++)
		write_kind(&book, (enum vs_kind)kind);
	write_details(&book);
	write_connected(&book);
	write_durations(&book);
	write_changes_of_the_clock(&book);
	write_late(&book);
	write_acknowledged(&book);
	write_groups(&book);
	write_digests(&book);
	write_rest(&book);
	vs_zone_destroy(book.zone);
	return vs_buf_take(&book.text);
}

/* --- against files --------------------------------------------------------------------- */

static char *messages_in(const char *language)
{
	struct vs_language *spoken = vs_language_create(language);
	char *text = all_messages(vs_language_tongue(spoken));

	vs_language_destroy(spoken);
	return text;
}

static void english_messages_are_those_of_the_golden_file(void **state)
{
	(void)state;
	golden_compare("messages", "en", messages_in("en"));
}

static void spanish_messages_are_those_of_the_golden_file(void **state)
{
	(void)state;
	golden_compare("messages", "es", messages_in("es"));
}

/* --- a language that is none ----------------------------------------------------------- */

struct asked {
	struct {
		char *english;
		const char *one; /* of many, which is looked up by its singular; else NULL */
		char *disguised;
	} texts[512];
	size_t count;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters become signs, but for those of holes. */
static const char *disguise(struct asked *asked, const char *english, const char *one)
{
	bool in_hole = false;
	char *text;

	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->texts[i].english, english) == 0)
			return asked->texts[i].disguised;
	assert_true(asked->count < COUNT(asked->texts));
	text = vs_strdup(english);
	for (char *at = text; *at != '\0'; at++) {
		in_hole = *at == '{' || (in_hole && *at != '}');
		if (!in_hole && is_letter(*at))
			*at = '~';
	}
	asked->texts[asked->count].english = vs_strdup(english);
	asked->texts[asked->count].one = one;
	asked->texts[asked->count++].disguised = text;
	return text;
}

static const char *disguised(void *arg, const char *english)
{
	return disguise(arg, english, NULL);
}

static const char *disguised_count(void *arg, const char *one, const char *many, uint64_t count)
{
	return count == 1 ? disguise(arg, one, NULL) : disguise(arg, many, one);
}

static void forget_asked(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++) {
		vs_free(asked->texts[i].english);
		vs_free(asked->texts[i].disguised);
	}
	asked->count = 0;
}

/* Letters that belong to no language: zones, and units that are the same everywhere. */
static size_t length_of_sign(const char *at)
{
	static const char *const signs[] = {"EEST", "EET", "MiB"};

	for (size_t i = 0; i < COUNT(signs); i++)
		if (strncmp(at, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return 0;
}

static void no_text_bypasses_the_catalogs(void **state)
{
	struct asked asked = {.count = 0};
	const struct vs_tongue tongue = {.text = disguised, .count = disguised_count, .arg = &asked};
	char *text = all_messages(&tongue);

	(void)state;
	for (const char *at = text; *at != '\0'; at++) {
		at += length_of_sign(at);
		if (is_letter(*at))
			fail_msg("written past the catalogs: \"%.40s\"", at);
	}
	assert_true(asked.count > 120);
	vs_free(text);
	forget_asked(&asked);
}

static const char *find(const struct vs_tongue *tongue, const char *english, const char *one)
{
	return one != NULL ? vs_tongue_count(tongue, one, english, 2) : vs_tongue_text(tongue, english);
}

static void every_language_has_every_text_that_is_looked_up(void **state)
{
	struct asked asked = {.count = 0};
	const struct vs_tongue tongue = {.text = disguised, .count = disguised_count, .arg = &asked};

	(void)state;
	vs_free(all_messages(&tongue));
	for (size_t l = 0; l < COUNT(languages); l++) {
		struct vs_language *language = vs_language_create(languages[l]);

		assert_true(vs_language_is_there(languages[l]));
		assert_non_null(vs_language_tongue(language));
		for (size_t i = 0; i < asked.count; i++) {
			const char *english = asked.texts[i].english;

			if (find(vs_language_tongue(language), english, asked.texts[i].one) == english)
				fail_msg("%s lacks \"%s\"", languages[l], english);
		}
		vs_language_destroy(language);
	}
	forget_asked(&asked);
}

static void foreign_values_are_literal_in_every_language(void **state)
{
	static const char *const hostile[] = {"<b>", "&amp;", "{{7*7}}", "%s%n",
		"{client}{evidence}{headline}", "{n}", "\xf0\x9f\x98\x80", "Exit", "secure"};

	(void)state;
	for (size_t l = 0; l < COUNT(languages); l++) {
		struct vs_language *language = vs_language_create(languages[l]);

		for (size_t i = 0; i < COUNT(hostile); i++) {
			struct book book = {
				.tongue = vs_language_tongue(language), .zone = vs_zone_create(NULL)};
			struct vs_transition transition = made(VS_KIND_POLICY, VS_CHANGE_REMINDED);
			char line[128];

			vs_buf_init(&book.text);
			vs_transition_set_evidence(&transition, hostile[i]);
			vs_transition_add(&transition, "tags", hostile[i]);
			vs_transition_add(&transition, "provider", hostile[i]);
			write_alert(&book, &transition, false);
			snprintf(line, sizeof(line), ": %s\n", hostile[i]);
			assert_contains(vs_buf_text(&book.text), line);
			assert_contains(strstr(vs_buf_text(&book.text), line) + 1, line);
			snprintf(line, sizeof(line), "%s%s%s", l == 0 ? "„" : "", hostile[i],
				l == 0 ? "“" : "");
			assert_contains(vs_buf_text(&book.text), line);
			vs_transition_fini(&transition);
			vs_zone_destroy(book.zone);
			vs_buf_fini(&book.text);
		}
		vs_language_destroy(language);
	}
}

static void languages_are_there_at_once(void **state)
{
	struct vs_language *spanish = vs_language_create("es");
	struct vs_language *romanian = vs_language_create("ro");

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		assert_string_equal(vs_tongue_text(vs_language_tongue(spanish), "DNS leak"), "Fuga de DNS");
		assert_string_equal(vs_tongue_text(vs_language_tongue(romanian), "DNS leak"), "Scurgere DNS");
		assert_string_equal(vs_tongue_text(NULL, "DNS leak"), "DNS leak");
	}
	vs_language_destroy(spanish);
	assert_string_equal(vs_tongue_text(vs_language_tongue(romanian), "Connected"), "Conectat");
	vs_language_destroy(romanian);
}

static void what_a_catalog_does_not_know_stays_as_it_is(void **state)
{
	struct vs_language *spanish = vs_language_create("es");

	(void)state;
	assert_string_equal(
		vs_tongue_text(vs_language_tongue(spanish), "Nobody says that"), "Nobody says that");
	assert_string_equal(vs_tongue_text(vs_language_tongue(spanish), ""), "");
	assert_string_equal(vs_tongue_count(vs_language_tongue(spanish), "a cow", "cows", 1), "a cow");
	assert_string_equal(vs_tongue_count(vs_language_tongue(spanish), "a cow", "cows", 2), "cows");
	vs_language_destroy(spanish);
}

static void a_language_without_a_catalog_is_english(void **state)
{
	static const char *const none[] = {"xx", "", "../../es", "ES", "a-language-of-a-very-long-name"};

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		struct vs_language *language = vs_language_create(none[i]);

		assert_false(vs_language_is_there(none[i]));
		assert_null(vs_language_tongue(language));
		vs_language_destroy(language);
	}
	assert_true(vs_language_is_there("en"));
	assert_true(vs_language_is_there(NULL));
	vs_language_destroy(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(english_messages_are_those_of_the_golden_file),
		cmocka_unit_test(spanish_messages_are_those_of_the_golden_file),
		cmocka_unit_test(no_text_bypasses_the_catalogs),
		cmocka_unit_test(every_language_has_every_text_that_is_looked_up),
		cmocka_unit_test(foreign_values_are_literal_in_every_language),
		cmocka_unit_test(languages_are_there_at_once),
		cmocka_unit_test(what_a_catalog_does_not_know_stays_as_it_is),
		cmocka_unit_test(a_language_without_a_catalog_is_english),
	};

	if (argc > 1 && strcmp(argv[1], "--take") == 0)
		return golden_take("messages", "en", messages_in("en")) |
		       golden_take("messages", "es", messages_in("es"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
