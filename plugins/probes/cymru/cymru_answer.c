#include "cymru_answer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int write_nibbles(char name[CYMRU_NAME], const unsigned char raw[16], const char *zone)
{
	size_t len = 0;
	int i;

	for (i = 15; i >= 0; i--)
		len += (size_t)snprintf(name + len, CYMRU_NAME - len, "%x.%x.", raw[i] & 15u, raw[i] >> 4);
	return (size_t)snprintf(name + len, CYMRU_NAME - len, "origin6.%s", zone) < CYMRU_NAME - len ? 0 : -1;
}

int cymru_origin_name(char name[CYMRU_NAME], const char *address, const char *zone)
{
	unsigned char raw[16];
	int len;

	if (inet_pton(AF_INET6, address, raw) == 1)
		return write_nibbles(name, raw, zone);
	if (inet_pton(AF_INET, address, raw) != 1)
		return -1;
	len = snprintf(name, CYMRU_NAME, "%u.%u.%u.%u.origin.%s", raw[3], raw[2], raw[1], raw[0], zone);
	return len < CYMRU_NAME ? 0 : -1;
}

int cymru_as_name(char name[CYMRU_NAME], uint32_t asn, const char *zone)
{
	return snprintf(name, CYMRU_NAME, "AS%u.%s", (unsigned)asn, zone) < CYMRU_NAME ? 0 : -1;
}

/* The field at *at without the blanks around it; *at moves behind the bar after it, or becomes NULL at the
 * end. */
static size_t take_field(const char **at, const char **field)
{
	size_t len = strcspn(*at, "|");
	const char *next = (*at)[len] == '|' ? *at + len + 1 : NULL;

	*field = *at + strspn(*at, " ");
	len = *field < *at + len ? len - (size_t)(*field - *at) : 0;
	while (len > 0 && (*field)[len - 1] == ' ')
		len--;
	*at = next;
	return len;
}

/* Digits at the front of text; how many there were, 0 when it is no AS number. */
static size_t take_number(uint32_t *number, const char *text, size_t len)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < len && i < 10 && text[i] >= '0' && text[i] <= '9'; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	if (value == 0 || value > UINT32_MAX || (i < len && text[i] != ' '))
		return 0;
	*number = (uint32_t)value;
	return i;
}

static int read_numbers(struct cymru_origin *origin, const char *text, size_t len)
{
	uint32_t number;
	size_t used = take_number(&origin->asn, text, len);

	if (used == 0)
		return -1;
	while (used < len) {
		while (used < len && text[used] == ' ')
			used++;
		len -= used;
		text += used;
		used = take_number(&number, text, len);
		if (used == 0)
			return -1;
		origin->others++;
	}
	return 0;
}

static int read_prefix(struct cymru_origin *origin, const char *text, size_t len)
{
	unsigned char raw[16];
	unsigned bits = 0;
	char *slash;
	int is_v4;
	size_t i;

	if (len >= CYMRU_PREFIX)
		return -1;
	memcpy(origin->prefix, text, len);
	origin->prefix[len] = '\0';
	slash = strchr(origin->prefix, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	is_v4 = inet_pton(AF_INET, origin->prefix, raw) == 1;
	if (!is_v4 && inet_pton(AF_INET6, origin->prefix, raw) != 1)
		return -1;
	*slash = '/';
	for (i = 1; slash[i] >= '0' && slash[i] <= '9' && i < 5; i++)
		bits = bits * 10 + (unsigned)(slash[i] - '0');
	if (i == 1 || slash[i] != '\0' || bits > (is_v4 ? 32u : 128u))
		return -1;
	origin->bits = (uint8_t)bits;
	return 0;
}

int cymru_origin_parse(struct cymru_origin *origin, const char *text)
{
	const char *at = text;
	const char *field;
	size_t len;

	memset(origin, 0, sizeof(*origin));
	len = take_field(&at, &field);
	if (at == NULL || read_numbers(origin, field, len) < 0)
		return -1;
	len = take_field(&at, &field);
	if (at == NULL || read_prefix(origin, field, len) < 0)
		return -1;
	len = take_field(&at, &field);
	if (len == 2 && field[0] >= 'A' && field[0] <= 'Z' && field[1] >= 'A' && field[1] <= 'Z') {
		memcpy(origin->country, field, 2);
		origin->country[2] = '\0';
	}
	return 0;
}

static int is_country(const char *text)
{
	return text[0] == ',' && text[1] == ' ' && text[2] >= 'A' && text[2] <= 'Z' && text[3] >= 'A' &&
	       text[3] <= 'Z';
}

int cymru_as_parse(char org[CYMRU_TEXT], uint32_t asn, const char *text)
{
	const char *at = text;
	const char *field;
	uint32_t number;
	size_t len;
	size_t i;

	org[0] = '\0';
	len = take_field(&at, &field);
	if (at == NULL || take_number(&number, field, len) != len || number != asn)
		return -1;
	for (i = 0; i < 4 && at != NULL; i++)
		len = take_field(&at, &field);
	if (i < 4)
		return -1;
	if (at != NULL)
		len = strlen(field); /* a name may hold a bar */
	while (len > 0 && field[len - 1] == ' ')
		len--;
	if (len >= 4 && is_country(field + len - 4))
		len -= 4;
	if (len == 0 || len >= CYMRU_TEXT)
		return -1;
	for (i = 0; i < len; i++)
		if (field[i] < ' ' || field[i] > '~')
			return -1;
	memcpy(org, field, len);
	org[len] = '\0';
	return 0;
}
