/* A database that somebody fetched from somewhere: what stands there about four addresses. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "probes/mmdb/mmdb_entry.h"

void fuzz_begin(void)
{
}

static void check_text(const char *text)
{
	fuzz_require_text(text, GEO_TEXT_SIZE);
	for (; *text != '\0'; text++)
		VS_REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void look_up(const MMDB_s *db, const char *ip)
{
	struct geo_place place;
	char why[GEO_WHY_SIZE];
	char code[3];
	uint32_t asn;
	int rc;

	memset(&place, 0, sizeof(place));
	memset(why, 'x', sizeof(why));
	rc = mmdb_entry_read(&place, db, ip, why);
	VS_REQUIRE(rc >= -1 && rc <= 1);
	if (rc < 0)
		fuzz_require_sentence(why, GEO_WHY_SIZE);
	check_text(place.city);
	check_text(place.region);
	check_text(place.org);
	check_text(place.timezone);
	if (place.country[0] != '\0')
		VS_REQUIRE(vs_country_parse(code, vs_view_of(place.country)) == 0);
	if (place.asn[0] != '\0')
		VS_REQUIRE(vs_asn_parse(&asn, vs_view_of(place.asn)) == 0);
}

void fuzz_one(struct vs_view input)
{
	static const char *const addresses[] = {
		"198.51.100.7", "198.51.100.200", "203.0.113.20", "2001:db8:9::7"};
	int fd = memfd_create("database", MFD_CLOEXEC);
	char path[32];
	MMDB_s db;
	size_t i;

	VS_REQUIRE(fd >= 0 && write(fd, input.ptr, input.len) == (ssize_t)input.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (input.len > 0 && MMDB_open(path, MMDB_MODE_MMAP, &db) == MMDB_SUCCESS) {
		for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
			look_up(&db, addresses[i]);
		MMDB_close(&db);
	}
	close(fd);
}
