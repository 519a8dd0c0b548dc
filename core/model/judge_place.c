/* Where addresses belong: what the client told about its exits, and what the atlas knows. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "model/atlas.h"
#include "model/country.h"
#include "model/judge_inside.h"
#include "model/network.h"
#include "model/place.h"

void vs_belongs_want(struct vs_scene *scene, const struct vs_addr *addr)
{
	struct vs_judgement *out = scene->out;

	if (scene->in->atlas == NULL || !vs_is_public(addr) || out->wanted_count == VS_WANTED_MAX)
		return;
	for (size_t i = 0; i < out->wanted_count; i++)
		if (vs_addr_equal(&out->wanted[i], addr))
			return;
	out->wanted[out->wanted_count++] = *addr;
}

static const struct vs_belongs nowhere = {.org = "", .sources = "", .disagreement = ""};

/* What the atlas says, whether or not that is wanted anew. */
static void look_up(const struct vs_scene *scene, const struct vs_addr *addr, struct vs_belongs *belongs)
{
	const struct vs_place *place =
		scene->in->atlas == NULL ? NULL : vs_atlas_find(scene->in->atlas, addr, scene->in->now);

	*belongs = nowhere;
	if (place == NULL)
		return;
	belongs->asn = place->asn;
	memcpy(belongs->country, place->country, sizeof(belongs->country));
	memcpy(belongs->placed, place->country, sizeof(belongs->placed));
	belongs->sources = place->sources;
	belongs->org = place->org;
	belongs->hosting = place->hosting;
	belongs->looked_up = true;
	belongs->stale = place->stale;
	belongs->agreed = place->agreed > 1;
	belongs->disagreement = place->disagreement;
}

void vs_belongs_of(struct vs_scene *scene, const struct vs_addr *addr, struct vs_belongs *belongs)
{
	look_up(scene, addr, belongs);
	if (!belongs->looked_up || belongs->stale)
		vs_belongs_want(scene, addr);
	belongs->hosting = vs_network_hosting(belongs->hosting, belongs->asn, belongs->org);
}

/* The fact that tells an address of which the other facts of its source are. */
static enum vs_fact address_of(enum vs_fact about)
{
	switch (about) {
	case VS_FACT_EXIT6_COUNTRY:
	case VS_FACT_EXIT6_ASN:
	case VS_FACT_EXIT6_ORG:
		return VS_FACT_EXIT6_IP;
	default:
		return VS_FACT_EXIT_IP;
	}
}

/* The source of a fact about an exit saw that exit; if it told no address, it is the preferred one. */
static bool is_about(const struct vs_seen *seen, const struct vs_fact_value *fact, const struct vs_addr *addr)
{
	enum vs_fact address = address_of(fact->known);

	for (size_t i = 0; i < seen->count; i++) {
		const struct vs_witness *witness = &seen->witnesses[i];

		if (witness->fact == address && strcmp(witness->source, fact->source) == 0)
			return vs_addr_equal(&witness->addr, addr);
	}
	if (address == VS_FACT_EXIT6_IP)
		return addr->family == 6;
	return seen->count > 0 && vs_addr_equal(&seen->witnesses[0].addr, addr);
}

/* The first fact of that kind which is about addr. */
static const struct vs_fact_value *told_of(
	const struct vs_scene *scene, enum vs_fact known, const struct vs_addr *addr)
{
	const struct vs_seen *seen = &scene->seen;

	if (seen->first[known] == 0)
		return NULL;
	for (size_t i = seen->first[known] - 1U; i < seen->fact_count; i++)
		if (seen->facts[i].known == known && is_about(seen, &seen->facts[i], addr))
			return &seen->facts[i];
	return NULL;
}

const struct vs_fact_value *vs_belongs_next_country(
	const struct vs_scene *scene, const struct vs_addr *addr, size_t *at)
{
	const struct vs_seen *seen = &scene->seen;

	while (*at < seen->fact_count) {
		const struct vs_fact_value *fact = &seen->facts[(*at)++];

		if ((fact->known == VS_FACT_EXIT_COUNTRY || fact->known == VS_FACT_EXIT6_COUNTRY) &&
			is_about(seen, fact, addr))
			return fact;
	}
	return NULL;
}

/* Facts have no room for two families: those of exit.* may be of an IPv6 exit as well. */
static const struct vs_fact_value *told_either(
	const struct vs_scene *scene, enum vs_fact known, enum vs_fact known6, const struct vs_addr *addr)
{
	const struct vs_fact_value *fact = addr->family == 6 ? told_of(scene, known6, addr) : NULL;

	return fact != NULL ? fact : told_of(scene, known, addr);
}

void vs_belongs_of_exit(struct vs_scene *scene, const struct vs_addr *addr, struct vs_belongs *belongs)
{
	const struct vs_fact_value *asn = told_either(scene, VS_FACT_EXIT_ASN, VS_FACT_EXIT6_ASN, addr);
	const struct vs_fact_value *country =
		told_either(scene, VS_FACT_EXIT_COUNTRY, VS_FACT_EXIT6_COUNTRY, addr);
	const struct vs_fact_value *hosting = told_of(scene, VS_FACT_EXIT_HOSTING, addr);
	uint32_t told;
	bool yes;

	look_up(scene, addr, belongs);
	if (asn == NULL || country == NULL) {
		if (!belongs->looked_up || belongs->stale)
			vs_belongs_want(scene, addr);
	}
	if (asn != NULL && vs_asn_parse(&told, asn->value) == 0) {
		if (told != belongs->asn)
			belongs->org = ""; /* another network's */
		belongs->asn = told;
	}
	if (country != NULL)
		vs_country_find(belongs->country, country->value);
	if (hosting != NULL && vs_bool_parse(&yes, hosting->value) == 0)
		belongs->hosting = yes ? VS_HOSTING_YES : VS_HOSTING_NO;
	belongs->hosting = vs_network_hosting(belongs->hosting, belongs->asn, belongs->org);
}

void vs_belongs_say(struct vs_sentence *to, const struct vs_belongs *belongs)
{
	struct vs_view org = vs_view_of(belongs->org);

	if (belongs->asn != 0)
		vs_say(to, "AS%" PRIu32 "%s%.*s", belongs->asn, org.len == 0 ? "" : " ",
			vs_say_length(org, 60), org.ptr);
}
