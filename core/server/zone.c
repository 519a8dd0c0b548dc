/* By GLib: the C library has no zone that is not the process's own. */
#include "server/zone.h"

#include <stdio.h>

#include <glib.h>

#include "base/alloc.h"
#include "model/mute.h"

struct vs_zone {
	GTimeZone *zone;
};

struct vs_zone *vs_zone_create(const char *name)
{
	struct vs_zone *zone = vs_zalloc(sizeof(*zone));

	zone->zone = g_time_zone_new_identifier(name != NULL ? name : "UTC");
	if (zone->zone == NULL)
		zone->zone = g_time_zone_new_utc();
	return zone;
}

bool vs_zone_is_known(const char *name)
{
	GTimeZone *zone = g_time_zone_new_identifier(name);

	if (zone == NULL)
		return false;
	g_time_zone_unref(zone);
	return true;
}

void vs_zone_destroy(struct vs_zone *zone)
{
	if (zone == NULL)
		return;
	g_time_zone_unref(zone->zone);
	vs_free(zone);
}

void vs_zone_words(const struct vs_zone *zone, char *text, size_t size, int64_t wall_ms)
{
	GDateTime *utc = g_date_time_new_from_unix_utc(wall_ms / 1000);
	GDateTime *here = utc != NULL ? g_date_time_to_timezone(utc, zone->zone) : NULL;
	gchar *words = NULL;

	if (here != NULL)
		words = g_date_time_format(
			here, g_date_time_get_utc_offset(here) == 0 ? "%F %T %Z" : "%F %T %Z (%:z)");
	snprintf(text, size, "%s", words != NULL ? words : "?");
	g_free(words);
	if (here != NULL)
		g_date_time_unref(here);
	if (utc != NULL)
		g_date_time_unref(utc);
}

/* A moment that no calendar holds is Monday's midnight. */
void vs_zone_local(const struct vs_zone *zone, int64_t wall_ms, struct vs_local_time *local)
{
	GDateTime *utc = g_date_time_new_from_unix_utc(wall_ms / 1000);
	GDateTime *here = utc != NULL ? g_date_time_to_timezone(utc, zone->zone) : NULL;

	*local = (struct vs_local_time){0, 0};
	if (here != NULL) {
		local->weekday = (uint8_t)(g_date_time_get_day_of_week(here) - 1);
		local->minute = (uint16_t)(g_date_time_get_hour(here) * 60 + g_date_time_get_minute(here));
		g_date_time_unref(here);
	}
	if (utc != NULL)
		g_date_time_unref(utc);
}
