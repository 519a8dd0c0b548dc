#include "ifconfig_co_reply.h"

#include <string.h>

int ifconfig_co_reply_parse(struct geo_place *place, const char *body, size_t len, char *why)
{
	json_t *object = geo_object(body, len, why);
	int rc = -1;

	memset(place, 0, sizeof(*place));
	if (object != NULL && geo_take_ip(place, object, "ip", why) == 0) {
		geo_take_text(place, object, "city", place->city);
		geo_take_text(place, object, "region_name", place->region);
		geo_take_country(place, object, "country_iso");
		geo_take_text(place, object, "time_zone", place->timezone);
		geo_take_text(place, object, "asn_org", place->org);
		geo_take_asn(place, object, "asn");
		rc = 0;
	}
	json_decref(object);
	return rc;
}
