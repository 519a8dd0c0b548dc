#include "server/quiet.h"

#include "base/alloc.h"
#include "config/quiet_conf.h"
#include "model/mute.h"
#include "server/zone.h"

#define MINUTE_MS 60000

struct vs_quiet {
	struct vs_mute mute; /* its hours: nothing else of it counts */
	struct vs_zone *zone;
	uint8_t severities;
};

struct vs_quiet *vs_quiet_create(const struct vs_quiet_conf *conf, const char *zone)
{
	struct vs_quiet *quiet;

	if (conf->severities == 0)
		return NULL;
	quiet = vs_zalloc(sizeof(*quiet));
	quiet->severities = conf->severities;
	quiet->mute.starts_at = INT64_MIN;
	quiet->mute.weekdays = conf->weekdays;
	quiet->mute.from = conf->from;
	quiet->mute.to = conf->to;
	quiet->zone = vs_zone_create(conf->zone != NULL ? conf->zone : zone);
	return quiet;
}

void vs_quiet_destroy(struct vs_quiet *quiet)
{
	if (quiet == NULL)
		return;
	vs_zone_destroy(quiet->zone);
	vs_free(quiet);
}

uint8_t vs_quiet_held(const struct vs_quiet *quiet, int64_t wall)
{
	struct vs_local_time local;

	if (quiet == NULL)
		return 0;
	vs_zone_local(quiet->zone, wall, &local);
	return vs_mute_is_on(&quiet->mute, wall, &local) ? quiet->severities : 0;
}

uint64_t vs_quiet_look_again(int64_t wall)
{
	int64_t into = wall % MINUTE_MS;

	return (uint64_t)(MINUTE_MS - (into < 0 ? into + MINUTE_MS : into));
}
