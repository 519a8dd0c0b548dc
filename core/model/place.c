#include "model/place.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "model/country.h"
#include "model/record.h"

#define RECORD_VERSION 1
#define PREFIX_BITS 128

void vs_place_init(struct vs_place *place)
{
	*place = (struct vs_place){
		.org = "",
		.city = "",
		.region = "",
		.timezone = "",
		.sources = "",
		.disagreement = "",
	};
}

bool vs_place_equal(const struct vs_place *a, const struct vs_place *b)
{
	return vs_addr_equal(&a->prefix.addr, &b->prefix.addr) && a->prefix.bits == b->prefix.bits &&
	       a->asn == b->asn && strcmp(a->country, b->country) == 0 && a->hosting == b->hosting &&
	       a->asked == b->asked && a->agreed == b->agreed && a->stale == b->stale &&
	       strcmp(a->org, b->org) == 0 && strcmp(a->city, b->city) == 0 &&
	       strcmp(a->region, b->region) == 0 && strcmp(a->timezone, b->timezone) == 0 &&
	       strcmp(a->sources, b->sources) == 0 && strcmp(a->disagreement, b->disagreement) == 0;
}

/* --- the record ------------------------------------------------------------------------ */

static void put_text(struct vs_buf *out, const char *text)
{
	vs_record_put_text(out, vs_view_of(text));
}

static const char *get_text(struct vs_record_reader *in)
{
	struct vs_view text = vs_record_get_text(in);

	if (text.len > VS_PLACE_TEXT_MAX)
		vs_record_refuse(in, "a text that is too long");
	return text.ptr;
}

void vs_place_encode(const struct vs_addr *addr, const struct vs_place *place, struct vs_buf *out)
{
	vs_record_put_uint(out, RECORD_VERSION);
	vs_record_put_addr(out, addr);
	vs_record_put_addr(out, &place->prefix.addr);
	vs_record_put_uint(out, place->prefix.bits);
	vs_record_put_uint(out, place->asn);
	put_text(out, place->country);
	vs_record_put_uint(out, place->hosting);
	vs_record_put_uint(out, place->asked);
	vs_record_put_uint(out, place->agreed);
	vs_record_put_time(out, place->at, 0);
	put_text(out, place->org);
	put_text(out, place->city);
	put_text(out, place->region);
	put_text(out, place->timezone);
	put_text(out, place->sources);
	put_text(out, place->disagreement);
}

static void get_prefix(struct vs_record_reader *in, struct vs_prefix *prefix)
{
	struct vs_addr addr = {0};
	unsigned bits;

	vs_record_get_addr(in, &addr);
	bits = (unsigned)vs_record_get_uint(in, PREFIX_BITS);
	if (addr.family == 4 ? bits > 32 : addr.family == 0 && bits > 0)
		vs_record_refuse(in, "a prefix that is too long");
	else if (vs_record_ok(in) && addr.family != 0)
		vs_prefix_of(prefix, &addr, (uint8_t)bits);
}

static void get_country(struct vs_record_reader *in, char country[3])
{
	struct vs_view code = vs_record_get_text(in);

	if (code.len == 0)
		return;
	if (!vs_country_is_code(code))
		vs_record_refuse(in, "not the code of a country");
	else
		memcpy(country, code.ptr, 3);
}

static void get_place(struct vs_record_reader *in, struct vs_place *place)
{
	get_prefix(in, &place->prefix);
	place->asn = (uint32_t)vs_record_get_uint(in, UINT32_MAX);
	get_country(in, place->country);
	place->hosting = (uint8_t)vs_record_get_uint(in, VS_HOSTING_YES);
	place->asked = (uint8_t)vs_record_get_uint(in, UINT8_MAX);
	place->agreed = (uint8_t)vs_record_get_uint(in, UINT8_MAX);
	place->at = vs_record_get_time(in, 0);
	place->org = get_text(in);
	place->city = get_text(in);
	place->region = get_text(in);
	place->timezone = get_text(in);
	place->sources = get_text(in);
	place->disagreement = get_text(in);
}

int vs_place_decode(struct vs_addr *addr, struct vs_place *place, struct vs_view bytes, struct vs_err *err)
{
	struct vs_record_reader in;

	*addr = (struct vs_addr){0};
	vs_place_init(place);
	vs_record_open(&in, bytes);
	if (vs_record_get_uint(&in, UINT64_MAX) != RECORD_VERSION)
		vs_record_refuse(&in, "not a place of version 1");
	vs_record_get_addr(&in, addr);
	if (vs_record_ok(&in) && addr->family == 0)
		vs_record_refuse(&in, "a place of no address");
	get_place(&in, place);
	if (vs_record_ok(&in))
		return 0;
	vs_place_init(place);
	*addr = (struct vs_addr){0};
	return vs_err_set(err, VS_ERR_INVALID, "%s (byte %zu)", in.problem, vs_record_position(&in));
}

/* --- as facts -------------------------------------------------------------------------- */

struct exit_facts {
	enum vs_fact country, asn, org, city, region, timezone, hosting; /* VS_FACT_OTHER: there is none */
};

static const struct exit_facts of_exit = {VS_FACT_EXIT_COUNTRY, VS_FACT_EXIT_ASN, VS_FACT_EXIT_ORG,
	VS_FACT_EXIT_CITY, VS_FACT_EXIT_REGION, VS_FACT_EXIT_TIMEZONE, VS_FACT_EXIT_HOSTING};
static const struct exit_facts of_exit6 = {
	VS_FACT_EXIT6_COUNTRY, VS_FACT_EXIT6_ASN, VS_FACT_EXIT6_ORG, 0, 0, 0, 0};

struct adding {
	struct vs_fact_value *values;
	size_t count;
	int64_t at;
};

static void add(struct adding *to, enum vs_fact known, const char *text)
{
	if (known == VS_FACT_OTHER || *text == '\0')
		return;
	to->values[to->count++] = (struct vs_fact_value){
		.name = vs_fact_name(known),
		.source = VS_PLACE_SOURCE,
		.value = vs_view_of(text),
		.observed_at = to->at,
		.type = vs_fact_type(known),
		.known = known,
	};
}

size_t vs_place_facts(const struct vs_place *place, uint8_t family, int64_t now,
	struct vs_fact_value values[VS_PLACE_FACTS_MAX], struct vs_place_texts *texts)
{
	static const char *const hosting[] = {"", "false", "true"};
	const struct exit_facts *facts = family == 6 ? &of_exit6 : &of_exit;
	struct adding to = {values, 0, place->stale ? place->at : now};

	texts->asn[0] = '\0';
	if (place->asn != 0)
		snprintf(texts->asn, sizeof(texts->asn), "AS%u", (unsigned)place->asn);
	add(&to, facts->country, place->country);
	add(&to, facts->asn, texts->asn);
	add(&to, facts->org, place->org);
	add(&to, facts->city, place->city);
	add(&to, facts->region, place->region);
	add(&to, facts->timezone, place->timezone);
	add(&to, facts->hosting, hosting[place->hosting <= VS_HOSTING_YES ? place->hosting : 0]);
	return to.count;
}
