/* Values of a configuration that are more than a row can say: addresses to listen at, places, zones. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "config/listen.h"
#include "config/option.h"
#include "config/places.h"
#include "config/prefixes.h"
#include "config/zone.h"

#define ITEMS_MAX 64

void fuzz_begin(void)
{
}

static void check_rc(int rc, const struct vs_err *err)
{
	if (rc < 0) {
		VS_REQUIRE(err->code == rc && err->text[0] != '\0');
		VS_REQUIRE(memchr(err->text, '\0', sizeof(err->text)) != NULL);
	}
}

static void check_listen(struct vs_view input, struct vs_arena *arena)
{
	struct vs_listen_conf listen = {0};
	struct vs_err err = {0};
	int rc = vs_listen_parse(&listen, input, arena, &err);

	check_rc(rc, &err);
	if (rc == 0)
		VS_REQUIRE((listen.host != NULL) != (listen.path != NULL));
	if (rc == 0 && listen.path != NULL)
		VS_REQUIRE(listen.path[0] == '/' && strlen(listen.path) <= 107);
}

/* As a list option would give them. */
static uint32_t split(struct vs_view input, struct vs_arena *arena, const char *items[ITEMS_MAX])
{
	struct vs_view rest = input;
	struct vs_view item;
	uint32_t count = 0;

	while (count < ITEMS_MAX && vs_list_next(&rest, ',', &item)) {
		VS_REQUIRE(item.len > 0);
		items[count++] = vs_arena_text(arena, item);
	}
	return count;
}

static void check_places(const struct vpns_list *list, struct vs_arena *arena)
{
	struct vs_tolerance_conf tolerance = {0};
	struct vs_prefixes prefixes = {0};
	struct vs_listen_conf listen = {0};
	struct vs_places places = {0};
	struct vs_err err = {0};
	int rc = vs_places_parse(&places, list, VS_PLACES_HOME, arena, &err);

	check_rc(rc, &err);
	if (rc == 0)
		VS_REQUIRE(
			places.country_count == 0 && places.asn_count + places.prefix_count == list->count);
	rc = vs_places_parse(&places, list, VS_PLACES_ANY, arena, &err);
	check_rc(rc, &err);
	for (size_t i = 0; rc == 0 && i < places.country_count; i++)
		VS_REQUIRE(strlen(places.countries[i]) == 2);
	rc = vs_tolerance_conf_parse(&tolerance, list, arena, &err);
	check_rc(rc, &err);
	VS_REQUIRE(rc < 0 || tolerance.rounds <= 100);
	rc = vs_prefixes_parse(&prefixes, list, arena, &err);
	check_rc(rc, &err);
	if (rc == 0) {
		VS_REQUIRE(prefixes.count == list->count);
		(void)vs_prefixes_hold_all(&prefixes);
	}
	rc = vs_serve_parse(&listen, list, &err);
	check_rc(rc, &err);
}

static void check_zone(struct vs_view input, struct vs_arena *arena)
{
	char *text = vs_strndup(input.ptr, input.len);
	const char *zone = NULL;
	struct vs_err err = {0};
	int rc = vs_zone_resolve(&zone, text, arena, &err);

	check_rc(rc, &err);
	if (rc == 0)
		VS_REQUIRE(zone[0] != '\0' && zone[0] != ':' && strstr(zone, "..") == NULL);
	vs_free(text);
}

void fuzz_one(struct vs_view input)
{
	const char *items[ITEMS_MAX];
	struct vs_arena arena = {0};
	struct vpns_list list = {items, 0, 0};

	check_listen(input, &arena);
	list.count = split(input, &arena, items);
	check_places(&list, &arena);
	check_zone(input, &arena);
	vs_arena_fini(&arena);
}
