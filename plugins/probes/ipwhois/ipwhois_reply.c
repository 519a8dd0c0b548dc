#include "ipwhois_reply.h"

#include <stdio.h>
#include <string.h>

static int take_success(const json_t *object, char *why)
{
	const json_t *success = json_object_get(object, "success");
	char message[64];

	if (json_is_true(success))
		return 0;
	geo_words(message, sizeof(message), json_object_get(object, "message"));
	if (!json_is_false(success))
		snprintf(why, GEO_WHY_SIZE, "the reply does not say whether it is a success");
	else
		snprintf(why, GEO_WHY_SIZE, "it says \"%s\"", message[0] != '\0' ? message : "no success");
	return -1;
}

/* Today's form nests the network and the zone; the older one of ipwhois.app is flat. */
static void take_network(struct geo_place *place, const json_t *object)
{
	const json_t *nested = json_object_get(object, "connection");
	const json_t *from = json_is_object(nested) ? nested : object;

	geo_take_text(place, from, "org", place->org);
	if (place->org[0] == '\0')
		geo_take_text(place, from, "isp", place->org);
	geo_take_asn(place, from, "asn");
}

static void take_zone(struct geo_place *place, const json_t *object)
{
	const json_t *nested = json_object_get(object, "timezone");

	if (json_is_object(nested))
		geo_take_text(place, nested, "id", place->timezone);
	else
		geo_take_text(place, object, "timezone", place->timezone);
}

int ipwhois_reply_parse(struct geo_place *place, const char *body, size_t len, char *why)
{
	json_t *object = geo_object(body, len, why);
	int rc = -1;

	memset(place, 0, sizeof(*place));
	if (object != NULL && take_success(object, why) == 0 && geo_take_ip(place, object, "ip", why) == 0) {
		geo_take_text(place, object, "city", place->city);
		geo_take_text(place, object, "region", place->region);
		geo_take_country(place, object, "country_code");
		take_network(place, object);
		take_zone(place, object);
		rc = 0;
	}
	json_decref(object);
	return rc;
}
