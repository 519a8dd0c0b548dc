/* Probe mmdb: where an address is, by databases in the MaxMind format that the user keeps on this machine. */
#include "vpn_sentinel/plugin.h"

#include "geo_ask.h"
#include "mmdb_entry.h"
#include "mmdb_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_CITY, FILE_ASN, FILE_COUNTRY, FILES };

static const int64_t old_s = 90 * 86400; /* databases of addresses change every few weeks */

struct config {
	const char *city;
	const char *asn;
	const char *country;
};

static const struct vpns_option options[] = {
	{"city", VPNS_PATH(struct config, city), 0, NULL, 0, 0, 0, NULL,
		"database of cities: GeoLite2-City.mmdb, dbip-city-lite.mmdb"},
	{"asn", VPNS_PATH(struct config, asn), 0, NULL, 0, 0, 0, NULL,
		"database of networks: GeoLite2-ASN.mmdb, dbip-asn-lite.mmdb"},
	{"country", VPNS_PATH(struct config, country), 0, NULL, 0, 0, 0, NULL,
		"database of countries, where there is none of cities"},
};

static const struct vpns_fact_decl facts[] = {GEO_FACT_ROWS};

struct mmdb {
	const struct vpns_host *host;
	struct mmdb_file files[FILES];
};

static const char *const file_names[FILES] = {"city", "asn", "country"};

static void finish(
	struct mmdb *self, vpns_op op, uint32_t status, const struct geo_place *place, const char *reason)
{
	struct vpns_probe_result result = {.head = {sizeof(result), VPNS_KIND_PROBE}, .status = status};
	struct vpns_fact told[GEO_FACTS_MAX];

	if (place != NULL)
		result.fact_count = geo_facts(told, place, 0);
	result.facts = told;
	result.reason = status != VPNS_PROBE_PASS ? reason : NULL;
	self->host->finish(self->host, op, &result.head);
}

static void add_reason(char *reason, size_t size, const char *name, const char *why)
{
	size_t len = strlen(reason);

	snprintf(reason + len, size - len, "%s%s: %s", len > 0 ? "; " : "", name, why);
}

static void add_age(struct mmdb *self, char *reason, size_t size, const char *name, const MMDB_s *db)
{
	int64_t age_s = self->host->wall_ms(self->host) / 1000 - (int64_t)db->metadata.build_epoch;
	char why[64];

	if (age_s <= old_s)
		return;
	snprintf(why, sizeof(why), "built %lld days ago, fetch a newer one", (long long)(age_s / 86400));
	add_reason(reason, size, name, why);
}

/* Asks every file there is; reason collects what is to be said of them. */
static int ask_files(struct mmdb *self, struct geo_place *place, const char *ip, char *reason, size_t size)
{
	char why[GEO_WHY_SIZE];
	int known = 0;
	int i;

	for (i = 0; i < FILES; i++) {
		struct mmdb_file *file = &self->files[i];
		int rc;

		mmdb_file_refresh(file);
		if (file->path != NULL && file->failed)
			add_reason(reason, size, file_names[i], file->why);
		if (!file->is_open)
			continue;
		add_age(self, reason, size, file_names[i], &file->db);
		rc = mmdb_entry_read(place, &file->db, ip, why);
		if (rc < 0)
			add_reason(reason, size, file_names[i], why);
		known |= rc > 0;
	}
	return known;
}

static int32_t locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	struct mmdb *self = state;
	struct geo_place place;
	char reason[400] = "";
	int known;

	memset(&place, 0, sizeof(place));
	if (geo_ip(place.ip, request->address) == 0)
		return VPNS_E_INVALID;
	known = ask_files(self, &place, place.ip, reason, sizeof(reason));
	if (!known && reason[0] == '\0')
		snprintf(reason, sizeof(reason), "no database here knows %s", place.ip);
	finish(self, op,
		!known              ? VPNS_PROBE_UNKNOWN
		: reason[0] == '\0' ? VPNS_PROBE_PASS
				    : VPNS_PROBE_WARN,
		known ? &place : NULL, reason);
	return VPNS_OK;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	(void)request;
	finish(state, op, VPNS_PROBE_UNKNOWN, NULL,
		"a database on this machine sees no exit: list mmdb under locate, not under probes");
	return VPNS_OK;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const struct config *mine = config;
	const char *const paths[FILES] = {mine->city, mine->asn, mine->country};
	struct mmdb *self;
	char line[256];
	int i;

	if (mine->city == NULL && mine->asn == NULL && mine->country == NULL) {
		snprintf(error->text, sizeof(error->text),
			"give at least one of the options city, asn and country");
		return NULL;
	}
	self = calloc(1, sizeof(*self));
	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	for (i = 0; i < FILES; i++) {
		mmdb_file_init(&self->files[i], paths[i]);
		mmdb_file_refresh(&self->files[i]);
		if (paths[i] == NULL || !self->files[i].failed)
			continue;
		/* Whoever fetches it every month may not have fetched it yet. */
		snprintf(line, sizeof(line), "the database of the option %s cannot be used yet: %s",
			file_names[i], self->files[i].why);
		host->log(host, VPNS_LOG_WARN, line);
	}
	return self;
}

static void destroy(void *state)
{
	struct mmdb *self = state;
	int i;

	for (i = 0; i < FILES; i++)
		mmdb_file_fini(&self->files[i]);
	free(self);
}

static const struct vpns_probe_ops ops = {
	sizeof(ops),
	0,
	create,
	start,
	NULL,
	destroy,
	NULL,
	locate,
};

VPNS_PROBE_PLUGIN("mmdb", "1.0.0", "place and network of an address, from databases on this machine", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, VPNS_FACTS(facts), &ops);
