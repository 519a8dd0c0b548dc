#include "mmdb_entry.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PATH_MAX_PARTS 5

typedef const char *mmdb_path[PATH_MAX_PARTS];

/* The paths of MaxMind's own databases, which DB-IP follows; then those of IPinfo's. */
static const mmdb_path city_paths[] = {{"city", "names", "en", NULL}, {"city", NULL}};
static const mmdb_path region_paths[] = {{"subdivisions", "0", "names", "en", NULL}, {"region", NULL}};
static const mmdb_path country_paths[] = {
	{"country", "iso_code", NULL}, {"country_code", NULL}, {"country", NULL}};
static const mmdb_path zone_paths[] = {{"location", "time_zone", NULL}, {"timezone", NULL}};
static const mmdb_path org_paths[] = {{"autonomous_system_organization", NULL}, {"as_name", NULL}};
static const mmdb_path asn_paths[] = {{"autonomous_system_number", NULL}, {"asn", NULL}};
static const mmdb_path hosting_paths[] = {
	{"is_hosting_provider", NULL}, {"traits", "is_hosting_provider", NULL}};
#define COUNT(paths) (sizeof(paths) / sizeof((paths)[0]))

/* The first of the paths that leads to a value of one of the two types. */
static int find(MMDB_entry_s *entry, MMDB_entry_data_s *data, const mmdb_path *paths, size_t count,
	uint32_t type, uint32_t other)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (MMDB_aget_value(entry, data, paths[i]) == MMDB_SUCCESS && data->has_data &&
			(data->type == type || data->type == other))
			return 1;
	}
	return 0;
}

/* Texts of a file are no more to be trusted than those of a service. */
static int take(char *out, size_t size, const MMDB_entry_data_s *data)
{
	json_t *text;
	size_t i;

	if (data->data_size == 0 || data->data_size >= size)
		return 0;
	for (i = 0; i < data->data_size; i++) {
		if ((unsigned char)data->utf8_string[i] < 0x20 || data->utf8_string[i] == 0x7f)
			return 0;
	}
	text = json_stringn(data->utf8_string, data->data_size); /* NULL when it is not UTF-8 */
	if (text == NULL)
		return 0;
	json_decref(text);
	memcpy(out, data->utf8_string, data->data_size);
	out[data->data_size] = '\0';
	return 1;
}

static int take_text(char out[GEO_TEXT_SIZE], MMDB_entry_s *entry, const mmdb_path *paths, size_t count)
{
	MMDB_entry_data_s data;

	return out[0] == '\0' &&
	       find(entry, &data, paths, count, MMDB_DATA_TYPE_UTF8_STRING, MMDB_DATA_TYPE_UTF8_STRING) &&
	       take(out, GEO_TEXT_SIZE, &data);
}

static int take_country(struct geo_place *place, MMDB_entry_s *entry)
{
	char code[GEO_TEXT_SIZE] = "";

	if (place->country[0] != '\0' || !take_text(code, entry, country_paths, COUNT(country_paths)))
		return 0;
	if (strlen(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z')
		return 0;
	memcpy(place->country, code, 3);
	return 1;
}

static uint32_t asn_of_text(const MMDB_entry_data_s *data)
{
	uint64_t number = 0;
	uint32_t i;

	if (data->data_size < 3 || data->data_size > 12 || memcmp(data->utf8_string, "AS", 2) != 0)
		return 0;
	for (i = 2; i < data->data_size; i++) {
		if (data->utf8_string[i] < '0' || data->utf8_string[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(data->utf8_string[i] - '0');
	}
	return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static int take_asn(struct geo_place *place, MMDB_entry_s *entry)
{
	MMDB_entry_data_s data;
	uint32_t number;

	if (place->asn[0] != '\0' || !find(entry, &data, asn_paths, COUNT(asn_paths), MMDB_DATA_TYPE_UINT32,
					     MMDB_DATA_TYPE_UTF8_STRING))
		return 0;
	number = data.type == MMDB_DATA_TYPE_UINT32 ? data.uint32 : asn_of_text(&data);
	if (number > 0)
		snprintf(place->asn, sizeof(place->asn), "AS%u", (unsigned)number);
	return number > 0;
}

static int take_hosting(struct geo_place *place, MMDB_entry_s *entry)
{
	MMDB_entry_data_s data;

	if (place->hosting != GEO_HOSTING_UNKNOWN || !find(entry, &data, hosting_paths, COUNT(hosting_paths),
							     MMDB_DATA_TYPE_BOOLEAN, MMDB_DATA_TYPE_BOOLEAN))
		return 0;
	place->hosting = data.boolean ? GEO_HOSTING_YES : GEO_HOSTING_NO;
	return 1;
}

static int take_all(struct geo_place *place, MMDB_entry_s *entry)
{
	int told = 0;

	told |= take_text(place->city, entry, city_paths, COUNT(city_paths));
	told |= take_text(place->region, entry, region_paths, COUNT(region_paths));
	told |= take_text(place->timezone, entry, zone_paths, COUNT(zone_paths));
	told |= take_text(place->org, entry, org_paths, COUNT(org_paths));
	told |= take_country(place, entry);
	told |= take_asn(place, entry);
	told |= take_hosting(place, entry);
	return told;
}

/* The address as the library wants it. */
static void to_sockaddr(struct sockaddr_storage *to, const char *ip)
{
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, ip, &four->sin_addr) == 1) {
		to->ss_family = AF_INET;
	} else if (inet_pton(AF_INET6, ip, &six->sin6_addr) == 1) {
		to->ss_family = AF_INET6;
	}
}

int mmdb_entry_read(struct geo_place *place, const MMDB_s *db, const char *ip, char *why)
{
	struct sockaddr_storage address;
	MMDB_lookup_result_s found;
	int error = MMDB_SUCCESS;

	to_sockaddr(&address, ip);
	if (address.ss_family == 0 || (address.ss_family == AF_INET6 && db->metadata.ip_version == 4))
		return 0;
	found = MMDB_lookup_sockaddr(db, (const struct sockaddr *)&address, &error);
	if (error != MMDB_SUCCESS) {
		snprintf(why, GEO_WHY_SIZE, "damaged: %s", MMDB_strerror(error));
		return -1;
	}
	return found.found_entry ? take_all(place, &found.entry) : 0;
}
