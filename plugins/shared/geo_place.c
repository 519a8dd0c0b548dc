#include "geo_place.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

json_t *geo_object(const char *body, size_t len, char *why)
{
	/* A service may write an IPv6 address as a number of 128 bits: no integer of C holds it. */
	json_t *object = json_loadb(body, len, JSON_DECODE_INT_AS_REAL, NULL);

	if (object == NULL) {
		snprintf(why, GEO_WHY_SIZE, "the reply is not JSON");
	} else if (!json_is_object(object)) {
		snprintf(why, GEO_WHY_SIZE, "the reply is not a JSON object");
		json_decref(object);
		object = NULL;
	}
	return object;
}

static const json_t *said(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL || json_is_null(value) || json_is_false(value) ||
		(json_is_string(value) && json_string_length(value) == 0))
		return NULL;
	return value;
}

int geo_copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);
	size_t i;

	if (len >= size)
		return -1;
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return -1;
	}
	memcpy(out, text, len + 1);
	return 0;
}

void geo_take_text(struct geo_place *place, const json_t *object, const char *name, char out[GEO_TEXT_SIZE])
{
	const json_t *value = said(object, name);

	if (value != NULL &&
		(!json_is_string(value) || geo_copy(out, GEO_TEXT_SIZE, json_string_value(value)) < 0))
		place->strange = name;
}

void geo_take_country(struct geo_place *place, const json_t *object, const char *name)
{
	const json_t *value = said(object, name);
	const char *text = json_string_value(value);
	size_t i;

	if (value == NULL)
		return;
	for (i = 0; text != NULL && i < 2 && text[i] != '\0'; i++) {
		place->country[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32) : text[i];
		if (place->country[i] < 'A' || place->country[i] > 'Z')
			break;
	}
	if (i == 2 && text[2] == '\0')
		return;
	memset(place->country, 0, sizeof(place->country));
	place->strange = name;
}

/* The number at the front, and where it ends; 0 when there is none that an AS can have. */
static uint32_t asn_of(const char *text, const char **rest)
{
	uint64_t number = 0;
	size_t digits = 0;

	if (strncmp(text, "AS", 2) != 0)
		return 0;
	text += 2;
	while (digits < 10 && text[digits] >= '0' && text[digits] <= '9')
		number = number * 10 + (uint64_t)(text[digits++] - '0');
	*rest = text + digits;
	return number <= UINT32_MAX && (**rest == ' ' || **rest == '\0') ? (uint32_t)number : 0;
}

void geo_take_asn(struct geo_place *place, const json_t *object, const char *name)
{
	const json_t *value = said(object, name);
	const char *rest = "";
	uint32_t number = 0;
	double real;

	if (value == NULL)
		return;
	if (json_is_string(value)) {
		number = asn_of(json_string_value(value), &rest);
	} else if (json_is_number(value)) {
		real = json_number_value(value);
		if (real >= 1 && real <= UINT32_MAX && real == (double)(uint32_t)real)
			number = (uint32_t)real;
	}
	if (number == 0) {
		place->strange = name;
		return;
	}
	snprintf(place->asn, sizeof(place->asn), "AS%u", (unsigned)number);
	if (place->org[0] == '\0' && geo_copy(place->org, sizeof(place->org), rest + strspn(rest, " ")) < 0)
		place->strange = name;
}

void geo_take_hosting(struct geo_place *place, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_boolean(value))
		place->hosting = json_is_true(value) ? GEO_HOSTING_YES : GEO_HOSTING_NO;
	else if (said(object, name) != NULL)
		place->strange = name;
}

int geo_take_ip(struct geo_place *place, const json_t *object, const char *name, char *why)
{
	const json_t *value = json_object_get(object, name);

	if (geo_ip(place->ip, json_string_value(value)) != 0)
		return 0;
	snprintf(why, GEO_WHY_SIZE,
		value == NULL ? "the reply names no %s" : "the %s in the reply is not an address", name);
	return -1;
}

void geo_words(char *out, size_t size, const json_t *value)
{
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	size_t i;

	/* ASCII alone: cut anywhere it is still text. */
	for (i = 0; i + 1 < size && text[i] != '\0'; i++)
		out[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	out[i] = '\0';
}
