#include "ipinfo_reply.h"

#include "geo_place.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The text of an optional member: NULL when it is absent, null, empty, or no text (then strange). */
static const char *text_of(struct ipinfo_reply *reply, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL || json_is_null(value))
		return NULL;
	if (!json_is_string(value)) {
		reply->strange = name;
		return NULL;
	}
	return json_string_length(value) > 0 ? json_string_value(value) : NULL;
}

static void take_member(struct ipinfo_reply *reply, const json_t *object, const char *name, char *out)
{
	const char *text = text_of(reply, object, name);

	if (text != NULL && geo_copy(out, IPINFO_TEXT_SIZE, text) < 0)
		reply->strange = name;
}

/* In the Lite form "country" is a name, and the code stands beside it. */
static void take_country(struct ipinfo_reply *reply, const json_t *object)
{
	const char *name = json_object_get(object, "country_code") != NULL ? "country_code" : "country";
	const char *text = text_of(reply, object, name);
	size_t i;

	if (text == NULL)
		return;
	for (i = 0; i < 2 && text[i] != '\0'; i++) {
		reply->country[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32) : text[i];
		if (reply->country[i] < 'A' || reply->country[i] > 'Z')
			break;
	}
	if (i == 2 && text[2] == '\0')
		return;
	memset(reply->country, 0, sizeof(reply->country));
	reply->strange = name;
}

/* "AS46562 Performive LLC" is a number and a name; other texts are a name. */
static void take_org(struct ipinfo_reply *reply, const json_t *object)
{
	const char *text = text_of(reply, object, "org");
	uint64_t number = 0;
	size_t digits = 0;

	if (text == NULL)
		return;
	if (strncmp(text, "AS", 2) == 0) {
		while (digits < 10 && text[2 + digits] >= '0' && text[2 + digits] <= '9')
			number = number * 10 + (uint64_t)(text[2 + digits++] - '0');
	}
	if (number > 0 && number <= UINT32_MAX && (text[2 + digits] == ' ' || text[2 + digits] == '\0')) {
		memcpy(reply->asn, text, 2 + digits);
		text += 2 + digits;
		text += strspn(text, " ");
	}
	if (geo_copy(reply->org, sizeof(reply->org), text) < 0)
		reply->strange = "org";
}

/* The Lite form says apart what "org" says together. */
static void take_network(struct ipinfo_reply *reply, const json_t *object)
{
	const char *text = json_string_value(json_object_get(object, "asn"));
	size_t digits = text != NULL && strncmp(text, "AS", 2) == 0 ? strspn(text + 2, "0123456789") : 0;

	if (digits > 0 && digits <= 10 && text[2 + digits] == '\0' && strtoull(text + 2, NULL, 10) > 0 &&
		strtoull(text + 2, NULL, 10) <= UINT32_MAX && reply->asn[0] == '\0')
		memcpy(reply->asn, text, digits + 3);
	if (reply->org[0] == '\0')
		take_member(reply, object, "as_name", reply->org);
}

/* Only told to accounts that pay for it: as one word about the network, or about privacy. */
static void take_hosting(struct ipinfo_reply *reply, const json_t *object)
{
	const json_t *told = json_object_get(json_object_get(object, "privacy"), "hosting");
	const char *type = json_string_value(json_object_get(json_object_get(object, "asn"), "type"));

	reply->hosting = -1;
	if (json_is_boolean(told))
		reply->hosting = json_is_true(told);
	else if (type != NULL && type[0] != '\0')
		reply->hosting = strcmp(type, "hosting") == 0;
}

static int take_ip(struct ipinfo_reply *reply, const json_t *object)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	const char *text = json_string_value(json_object_get(object, "ip"));
	unsigned char bytes[16];

	if (text == NULL)
		return -1;
	if (inet_pton(AF_INET, text, bytes) == 1)
		inet_ntop(AF_INET, bytes, reply->ip, sizeof(reply->ip));
	else if (inet_pton(AF_INET6, text, bytes) != 1)
		return -1;
	else if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, bytes + sizeof(mapped), reply->ip, sizeof(reply->ip));
	else
		inet_ntop(AF_INET6, bytes, reply->ip, sizeof(reply->ip));
	return 0;
}

int ipinfo_reply_parse(struct ipinfo_reply *reply, const char *body, size_t len, const char **why)
{
	json_t *object;
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	object = json_loadb(body, len, 0, NULL);
	if (object == NULL) {
		*why = "the reply is not JSON";
	} else if (!json_is_object(object)) {
		*why = "the reply is not a JSON object";
	} else if (take_ip(reply, object) < 0) {
		*why = json_object_get(object, "ip") == NULL ? "the reply names no ip"
							     : "the ip in the reply is not an address";
	} else {
		take_member(reply, object, "hostname", reply->hostname);
		take_member(reply, object, "city", reply->city);
		take_member(reply, object, "region", reply->region);
		take_member(reply, object, "timezone", reply->timezone);
		take_country(reply, object);
		take_org(reply, object);
		take_network(reply, object);
		take_hosting(reply, object);
		reply->bogon = json_is_true(json_object_get(object, "bogon"));
		rc = 0;
	}
	json_decref(object);
	return rc;
}
