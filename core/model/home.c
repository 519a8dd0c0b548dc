#include "model/home.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/text.h"
#include "model/network.h"
#include "model/place.h"

#define LEARNED_MAX 8
#define SOURCE_MAX 64
#define DATA_CENTRE6 64

struct learned {
	struct vs_addr exit;
	int64_t seen_at;
	uint32_t asn;
	uint8_t hosting;
	char source[SOURCE_MAX + 1];
};

struct vs_home {
	uint64_t edition;
	struct vs_home_settings settings;
	struct vs_prefix *prefixes;
	size_t prefix_count;
	uint32_t *asns;
	size_t asn_count;
	struct learned learned[LEARNED_MAX]; /* newest first */
	size_t learned_count;
};

struct vs_home *vs_home_create(void)
{
	struct vs_home *home = vs_zalloc(sizeof(*home));

	vs_random(&home->edition, sizeof(home->edition));
	home->settings = (struct vs_home_settings){true, VS_HOME_ASN_AUTO, VS_HOME_PREFIX4, VS_HOME_PREFIX6};
	return home;
}

void vs_home_destroy(struct vs_home *home)
{
	if (home == NULL)
		return;
	vs_free(home->prefixes);
	vs_free(home->asns);
	vs_free(home);
}

void vs_home_configure(struct vs_home *home, const struct vs_home_settings *settings)
{
	const struct vs_home_settings *had = &home->settings;

	if (had->learn != settings->learn || had->asn != settings->asn || had->prefix4 != settings->prefix4 ||
		had->prefix6 != settings->prefix6)
		home->edition++;
	home->settings = *settings;
	if (!settings->learn)
		home->learned_count = 0;
}

const struct vs_home_settings *vs_home_settings(const struct vs_home *home)
{
	return &home->settings;
}

static bool starts_like_asn(struct vs_view text)
{
	return text.len > 2 && (text.ptr[0] == 'A' || text.ptr[0] == 'a') &&
	       (text.ptr[1] == 'S' || text.ptr[1] == 's');
}

int vs_home_list(struct vs_home *home, struct vs_view text, struct vs_err *err)
{
	struct vs_prefix prefix;
	uint32_t asn;

	home->edition++;
	text = vs_view_trim(text);
	if (starts_like_asn(text) && vs_asn_parse(&asn, text) == 0) {
		home->asns = vs_realloc(home->asns, (home->asn_count + 1) * sizeof(*home->asns));
		home->asns[home->asn_count++] = asn;
		return 0;
	}
	if (vs_prefix_parse(&prefix, text) < 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"\"%.*s\" is neither an address, a prefix (203.0.113.0/24) nor a network (AS64500)",
			(int)(text.len > 60 ? 60 : text.len), text.len == 0 ? "" : text.ptr);
	home->prefixes = vs_realloc(home->prefixes, (home->prefix_count + 1) * sizeof(*home->prefixes));
	home->prefixes[home->prefix_count++] = prefix;
	return 0;
}

void vs_home_clear_list(struct vs_home *home)
{
	home->prefix_count = 0;
	home->asn_count = 0;
	home->edition++;
}

static void forget(struct vs_home *home, size_t index)
{
	home->learned_count--;
	memmove(&home->learned[index], &home->learned[index + 1],
		(home->learned_count - index) * sizeof(home->learned[0]));
}

/*
 * The network that a learned exit stands for. Data centres give each server a /64 at most: its neighbours are
 * other people's, perhaps the very VPN's.
 */
static struct vs_prefix network_of(const struct vs_home *home, const struct learned *learned)
{
	const struct vs_home_settings *settings = &home->settings;
	uint8_t bits = learned->exit.family == 4 ? settings->prefix4 : settings->prefix6;
	struct vs_prefix network;

	if (learned->exit.family == 6 && learned->hosting == VS_HOSTING_YES && bits < DATA_CENTRE6)
		bits = DATA_CENTRE6;
	vs_prefix_of(&network, &learned->exit, bits);
	return network;
}

/* Where the network of addr is in the list, learned_count when it is not. */
static size_t position(const struct vs_home *home, const struct vs_addr *addr)
{
	size_t i = 0;

	while (i < home->learned_count) {
		struct vs_prefix network = network_of(home, &home->learned[i]);

		if (vs_prefix_contains(&network, addr))
			break;
		i++;
	}
	return i;
}

/* Learning it once more tells nothing but that it is still so. */
static bool is_newest(const struct vs_home *home, const struct vs_addr *exit, const char *source)
{
	const struct learned *newest = &home->learned[0];

	return home->learned_count > 0 && vs_addr_equal(&newest->exit, exit) &&
	       strncmp(newest->source, source, SOURCE_MAX) == 0;
}

bool vs_home_learn(struct vs_home *home, const struct vs_addr *exit, const char *source, int64_t now)
{
	size_t at = position(home, exit);
	bool changed = at == home->learned_count;
	struct learned fresh = {.exit = *exit, .seen_at = now};

	if (!home->settings.learn || exit->family == 0 || vs_addr_is_private(exit))
		return false;
	if (!changed) {
		fresh.asn = home->learned[at].asn;
		fresh.hosting = home->learned[at].hosting;
	}
	if (!is_newest(home, exit, source))
		home->edition++;
	if (!changed)
		forget(home, at);
	for (size_t i = home->learned_count; i-- > 0;)
		if (now - home->learned[i].seen_at > VS_HOME_MEMORY_MS) {
			forget(home, i);
			changed = true;
			home->edition++;
		}
	if (home->learned_count == LEARNED_MAX)
		home->learned_count--;
	memmove(&home->learned[1], &home->learned[0], home->learned_count * sizeof(home->learned[0]));
	home->learned[0] = fresh;
	snprintf(home->learned[0].source, sizeof(home->learned[0].source), "%s", source);
	home->learned_count++;
	return changed;
}

bool vs_home_locate(struct vs_home *home, const struct vs_addr *exit, const struct vs_place *place)
{
	bool changed = false;

	for (size_t i = 0; i < home->learned_count; i++) {
		struct learned *learned = &home->learned[i];
		uint8_t hosting = vs_network_hosting(place->hosting, place->asn, place->org);

		if (!vs_addr_equal(&learned->exit, exit) ||
			(learned->asn == place->asn && learned->hosting == hosting))
			continue;
		learned->asn = place->asn;
		learned->hosting = hosting;
		home->edition++;
		changed = true;
	}
	return changed;
}

static bool asn_is_used(const struct vs_home *home, const struct learned *learned)
{
	return home->settings.asn == VS_HOME_ASN_AUTO && learned->asn != 0 &&
	       learned->hosting != VS_HOSTING_YES;
}

bool vs_home_exit_at(const struct vs_home *home, size_t index, struct vs_home_exit *exit)
{
	const struct learned *learned;

	if (index >= home->learned_count)
		return false;
	learned = &home->learned[index];
	*exit = (struct vs_home_exit){
		.addr = learned->exit,
		.network = network_of(home, learned),
		.asn = learned->asn,
		.asn_used = asn_is_used(home, learned),
		.hosting = learned->hosting,
		.seen_at = learned->seen_at,
		.source = learned->source,
	};
	return true;
}

bool vs_home_prefix_at(const struct vs_home *home, size_t index, struct vs_prefix *prefix)
{
	if (index >= home->prefix_count)
		return false;
	*prefix = home->prefixes[index];
	return true;
}

bool vs_home_asn_at(const struct vs_home *home, size_t index, uint32_t *asn)
{
	if (index >= home->asn_count)
		return false;
	*asn = home->asns[index];
	return true;
}

uint64_t vs_home_edition(const struct vs_home *home)
{
	return home->edition;
}

bool vs_home_knows(const struct vs_home *home, uint8_t family, uint32_t asn)
{
	if (asn != 0 && home->asn_count > 0 && home->settings.asn != VS_HOME_ASN_OFF)
		return true;
	for (size_t i = 0; i < home->prefix_count; i++)
		if (home->prefixes[i].addr.family == family)
			return true;
	for (size_t i = 0; i < home->learned_count; i++)
		if (home->learned[i].exit.family == family)
			return true;
	return false;
}

static void say(char *why, size_t size, const char *start, const char *what)
{
	if (why != NULL && size > 0)
		snprintf(why, size, "%s%s", start, what);
}

static bool contains_asn(const struct vs_home *home, uint32_t asn, char *why, size_t size)
{
	char text[16];

	for (size_t i = 0; asn != 0 && home->settings.asn != VS_HOME_ASN_OFF && i < home->asn_count; i++) {
		if (home->asns[i] != asn)
			continue;
		snprintf(text, sizeof(text), "AS%" PRIu32, asn);
		say(why, size, "belongs to the home network ", text);
		return true;
	}
	return false;
}

static bool contains_learned(const struct vs_home *home, const struct vs_addr *addr, char *why, size_t size)
{
	size_t at = position(home, addr);
	const struct learned *learned;
	struct vs_prefix network;
	char text[VS_PREFIX_TEXT];

	if (at == home->learned_count)
		return false;
	learned = &home->learned[at];
	if (vs_addr_equal(&learned->exit, addr)) {
		say(why, size, "is the server's own exit, seen by ", learned->source);
		return true;
	}
	network = network_of(home, learned);
	vs_prefix_format(&network, text);
	if (why != NULL && size > 0)
		snprintf(why, size, "is in the network of the server's own exit, %s, seen by %s", text,
			learned->source);
	return true;
}

bool vs_home_contains(
	const struct vs_home *home, const struct vs_addr *addr, uint32_t asn, char *why, size_t size)
{
	char text[VS_PREFIX_TEXT];

	if (addr->family != 0 && contains_learned(home, addr, why, size))
		return true;
	for (size_t i = 0; addr->family != 0 && i < home->prefix_count; i++) {
		if (!vs_prefix_contains(&home->prefixes[i], addr))
			continue;
		vs_prefix_format(&home->prefixes[i], text);
		say(why, size, "is in the home network ", text);
		return true;
	}
	return contains_asn(home, asn, why, size);
}

bool vs_home_shares_asn(const struct vs_home *home, uint32_t asn, char *why, size_t size)
{
	char text[VS_ADDR_TEXT];

	for (size_t i = 0; asn != 0 && i < home->learned_count; i++) {
		const struct learned *learned = &home->learned[i];

		if (learned->asn != asn || !asn_is_used(home, learned))
			continue;
		vs_addr_format(&learned->exit, text);
		if (why != NULL && size > 0)
			snprintf(why, size,
				"belongs to AS%" PRIu32 ", the network of the server's own exit %s", asn,
				text);
		return true;
	}
	return false;
}

bool vs_home_exit(const struct vs_home *home, struct vs_addr *exit)
{
	const struct learned *best = NULL;

	for (size_t i = 0; i < home->learned_count; i++)
		if (best == NULL || (home->learned[i].exit.family == 4 && best->exit.family != 4))
			best = &home->learned[i];
	if (best != NULL)
		*exit = best->exit;
	return best != NULL;
}
