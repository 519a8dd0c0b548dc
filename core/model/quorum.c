#include "model/quorum.h"

#include <string.h>

#include "model/country.h"
#include "model/sentence.h"

/* Answers about the address that was asked for. */
struct voters {
	const struct vs_place_answer *answers[VS_QUORUM_ANSWERS_MAX];
	char countries[VS_QUORUM_ANSWERS_MAX][3];
	size_t count;
	size_t needed;
};

static bool is_about(const struct vs_place_answer *answer, const struct vs_addr *addr)
{
	return answer->addr.family == 0 || vs_addr_equal(&answer->addr, addr);
}

static void gather(struct voters *voters, const struct vs_addr *addr, const struct vs_place_answer *answers,
	size_t count, uint8_t needed)
{
	voters->count = 0;
	voters->needed = needed == 0 ? VS_QUORUM_NEEDED : needed;
	for (size_t i = 0; i < count && voters->count < VS_QUORUM_ANSWERS_MAX; i++) {
		const char *country = answers[i].country;

		if (!is_about(&answers[i], addr))
			continue;
		voters->answers[voters->count] = &answers[i];
		vs_country_find(voters->countries[voters->count], vs_view_of(country == NULL ? "" : country));
		voters->count++;
	}
}

/* What is asked of the voters: an opinion (0: none) each. */
typedef uint32_t (*vs_opinion)(const struct voters *voters, size_t index);

static uint32_t asn_of(const struct voters *voters, size_t index)
{
	return voters->answers[index]->asn;
}

static uint32_t country_of(const struct voters *voters, size_t index)
{
	const char *code = voters->countries[index];

	return (uint32_t)(unsigned char)code[0] << 8 | (code[0] == '\0' ? 0 : (unsigned char)code[1]);
}

static uint32_t hosting_of(const struct voters *voters, size_t index)
{
	return voters->answers[index]->hosting;
}

/* The outcome of one vote. */
struct vote {
	size_t winner; /* the first voter of those who agree */
	size_t agreed; /* 0: nobody said anything, or as many said something else */
	size_t said; /* how many said anything */
	bool unanimous; /* of those */
};

static size_t count_like(const struct voters *voters, vs_opinion opinion, size_t index)
{
	size_t count = 0;

	for (size_t i = 0; i < voters->count; i++)
		count += opinion(voters, i) == opinion(voters, index);
	return count;
}

static struct vote hold(const struct voters *voters, vs_opinion opinion)
{
	struct vote vote = {0, 0, 0, true};
	bool tied = false;

	for (size_t i = 0; i < voters->count; i++) {
		size_t like;

		if (opinion(voters, i) == 0)
			continue;
		vote.said++;
		like = count_like(voters, opinion, i);
		if (vote.agreed > 0 && opinion(voters, i) != opinion(voters, vote.winner)) {
			vote.unanimous = false;
			tied = like == vote.agreed || (tied && like < vote.agreed);
		}
		if (like > vote.agreed) {
			vote.winner = i;
			vote.agreed = like;
			tied = false;
		}
	}
	if (tied)
		vote.agreed = 0;
	return vote;
}

/* Enough agree, or it is all that is known and nobody contradicts. */
static bool stands(const struct voters *voters, const struct vote *vote)
{
	return vote->agreed >= voters->needed || (vote->agreed > 0 && vote->unanimous);
}

static void say_disagreement(struct vs_sentence *to, const struct voters *voters, const struct vote *asn,
	const struct vote *country)
{
	const char *before = to->len > 0 ? "; country: " : "country: ";

	for (size_t i = 0; !country->unanimous && i < voters->count; i++) {
		if (country_of(voters, i) == 0)
			continue;
		vs_say(to, "%s%s %s", before, voters->answers[i]->source, voters->countries[i]);
		before = ", ";
	}
	before = to->len > 0 ? "; network: " : "network: ";
	for (size_t i = 0; !asn->unanimous && i < voters->count; i++) {
		if (asn_of(voters, i) == 0)
			continue;
		vs_say(to, "%s%s AS%u", before, voters->answers[i]->source, (unsigned)asn_of(voters, i));
		before = ", ";
	}
}

static void say_strangers(struct vs_sentence *to, const struct vs_addr *addr,
	const struct vs_place_answer *answers, size_t count)
{
	char text[VS_ADDR_TEXT];

	for (size_t i = 0; i < count; i++) {
		if (is_about(&answers[i], addr))
			continue;
		vs_addr_format(&answers[i].addr, text);
		vs_say(to, "%s%s answered about %s", to->len > 0 ? "; " : "", answers[i].source, text);
	}
}

static const char *first_text(const char *a, const char *b)
{
	return a != NULL && *a != '\0' ? a : b == NULL ? "" : b;
}

/* Texts of those who agree on the network and the country: other sources speak of other places. */
static void add_texts(struct vs_place *place, const struct voters *voters, const struct vote *asn,
	const struct vote *country)
{
	for (size_t i = 0; i < voters->count; i++) {
		const struct vs_place_answer *answer = voters->answers[i];
		bool same_asn =
			answer->asn == 0 || asn->agreed == 0 || answer->asn == asn_of(voters, asn->winner);
		bool same_country =
			country->agreed == 0 || country_of(voters, i) == country_of(voters, country->winner);

		if (same_asn && (place->asn == 0 || answer->asn == place->asn)) {
			place->org = first_text(place->org, answer->org);
			if (place->prefix.addr.family == 0)
				place->prefix = answer->prefix;
		}
		if (!same_country || place->country[0] == '\0')
			continue;
		place->timezone = first_text(place->timezone, answer->timezone);
		if (*place->city != '\0' || answer->city == NULL || *answer->city == '\0')
			continue;
		place->city = answer->city; /* and the region of the same source */
		place->region = first_text(answer->region, "");
	}
}

static void say_sources(struct vs_sentence *to, const struct voters *voters)
{
	for (size_t i = 0; i < voters->count; i++)
		vs_say(to, "%s%s", i > 0 ? ", " : "", voters->answers[i]->source);
}

/* How many say nothing else than what stands. */
static size_t count_agreed(const struct voters *voters, const struct vs_place *place)
{
	size_t count = 0;

	for (size_t i = 0; i < voters->count; i++) {
		bool asn = asn_of(voters, i) == 0 || asn_of(voters, i) == place->asn;
		bool country =
			country_of(voters, i) == 0 || strcmp(voters->countries[i], place->country) == 0;

		count += asn && country && (asn_of(voters, i) != 0 || country_of(voters, i) != 0);
	}
	return count;
}

static bool reached(const struct voters *voters, const struct vote *asn, const struct vote *country)
{
	bool asn_known = asn->agreed >= voters->needed, country_known = country->agreed >= voters->needed;

	/* A source that never tells networks, such as one of countries, does not keep the rest waiting. */
	return (asn_known && country_known) || (country_known && asn->said == 0) ||
	       (asn_known && country->said == 0);
}

void vs_quorum_decide(struct vs_quorum *quorum, const struct vs_addr *addr,
	const struct vs_place_answer *answers, size_t count, uint8_t needed, int64_t at)
{
	struct vs_sentence sources = {quorum->sources, sizeof(quorum->sources), 0};
	struct vs_sentence differences = {quorum->disagreement, sizeof(quorum->disagreement), 0};
	struct vs_place *place = &quorum->place;
	struct vote asn, country, hosting;
	struct voters voters;

	quorum->sources[0] = quorum->disagreement[0] = '\0';
	vs_place_init(place);
	gather(&voters, addr, answers, count, needed);
	asn = hold(&voters, asn_of);
	country = hold(&voters, country_of);
	hosting = hold(&voters, hosting_of);
	place->at = at;
	place->asked = (uint8_t)voters.count;
	if (stands(&voters, &asn))
		place->asn = asn_of(&voters, asn.winner);
	if (stands(&voters, &country))
		memcpy(place->country, voters.countries[country.winner], sizeof(place->country));
	if (hosting.agreed > 0)
		place->hosting = voters.answers[hosting.winner]->hosting;
	add_texts(place, &voters, &asn, &country);
	place->agreed = (uint8_t)count_agreed(&voters, place);
	say_sources(&sources, &voters);
	say_disagreement(&differences, &voters, &asn, &country);
	say_strangers(&differences, addr, answers, count);
	place->sources = quorum->sources;
	place->disagreement = quorum->disagreement;
	quorum->reached = reached(&voters, &asn, &country);
}

bool vs_quorum_is_reached(
	const struct vs_addr *addr, const struct vs_place_answer *answers, size_t count, uint8_t needed)
{
	struct vote asn, country;
	struct voters voters;

	gather(&voters, addr, answers, count, needed);
	asn = hold(&voters, asn_of);
	country = hold(&voters, country_of);
	return reached(&voters, &asn, &country);
}
