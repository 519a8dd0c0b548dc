#include "ip_api_reply.h"

#include <stdio.h>
#include <string.h>

static int take_status(const json_t *object, char *why)
{
	const char *status = json_string_value(json_object_get(object, "status"));
	char message[64];

	if (status != NULL && strcmp(status, "success") == 0)
		return 0;
	geo_words(message, sizeof(message), json_object_get(object, "message"));
	if (status == NULL)
		snprintf(why, GEO_WHY_SIZE, "the reply names no status");
	else
		snprintf(why, GEO_WHY_SIZE, "it says \"%s\"", message[0] != '\0' ? message : "fail");
	return -1;
}

int ip_api_reply_parse(struct geo_place *place, const char *body, size_t len, char *why)
{
	json_t *object = geo_object(body, len, why);
	int rc = -1;

	memset(place, 0, sizeof(*place));
	if (object != NULL && take_status(object, why) == 0 &&
		geo_take_ip(place, object, "query", why) == 0) {
		geo_take_text(place, object, "city", place->city);
		geo_take_text(place, object, "regionName", place->region);
		geo_take_text(place, object, "timezone", place->timezone);
		geo_take_country(place, object, "countryCode");
		geo_take_asn(place, object, "as");
		if (place->org[0] == '\0')
			geo_take_text(place, object, "org", place->org);
		if (place->org[0] == '\0')
			geo_take_text(place, object, "isp", place->org);
		geo_take_hosting(place, object, "hosting");
		rc = 0;
	}
	json_decref(object);
	return rc;
}

/* A whole number of at most a million; -1 when text is none. */
static int64_t number(const char *text)
{
	int64_t value = 0;
	size_t i;

	for (i = 0; text != NULL && text[i] >= '0' && text[i] <= '9' && value < 1000000; i++)
		value = value * 10 + (text[i] - '0');
	return i > 0 ? value : -1;
}

uint64_t ip_api_rest_ms(const char *left, const char *seconds)
{
	int64_t rest = number(seconds);

	if (number(left) != 0)
		return 0;
	if (rest < 0)
		return 60000;
	return (uint64_t)(rest < 86400 ? rest : 86400) * 1000;
}
