/* Is this text a value of that type? The host drops what is not; the testkit fails on it. */
#include "kit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int text_is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t code;
	int more;
	int i;

	while (*at != '\0') {
		if (*at < 0x80) {
			at++;
			continue;
		}
		more = *at >= 0xf0 && *at < 0xf5   ? 3
		       : *at >= 0xe0 && *at < 0xf0 ? 2
						   : *at >= 0xc2 && *at < 0xe0;
		if (more == 0)
			return 0;
		code = *at & (0x3fU >> more);
		for (i = 1; i <= more; i++) {
			if ((at[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (at[i] & 0x3fU);
		}
		if ((more == 2 && code < 0x800) || (more == 3 && code < 0x10000) || code > 0x10ffff ||
			(code >= 0xd800 && code <= 0xdfff))
			return 0;
		at += more + 1;
	}
	return 1;
}

static int is_addr(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static int is_prefix(const char *text)
{
	const char *slash = strchr(text, '/');
	char addr[64];
	int64_t bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(addr))
		return 0;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	return is_addr(addr) && value_int(&bits, slash + 1) == 0 && bits >= 0 &&
	       bits <= (strchr(addr, ':') != NULL ? 128 : 32);
}

static int is_asn(const char *text)
{
	int64_t number;

	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	return isdigit((unsigned char)*text) && value_int(&number, text) == 0 && number > 0 &&
	       number <= UINT32_MAX;
}

static int is_country(const char *text)
{
	return strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

static int is_time(const char *text)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
			return 0;
	}
	return text[i] != '\0'; /* a zone must follow */
}

static int value_fits(uint32_t type, const char *text)
{
	int64_t number;
	double real;

	switch (type) {
	case VPNS_FACT_TEXT:
		return *text != '\0';
	case VPNS_FACT_INT:
		return value_int(&number, text) == 0;
	case VPNS_FACT_REAL:
		return value_real(&real, text) == 0;
	case VPNS_FACT_BOOL:
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	case VPNS_FACT_ADDR:
		return is_addr(text);
	case VPNS_FACT_PREFIX:
		return is_prefix(text);
	case VPNS_FACT_ASN:
		return is_asn(text);
	case VPNS_FACT_COUNTRY:
		return is_country(text);
	case VPNS_FACT_DURATION:
		return value_scaled(&number, text, 0, 0) == 0;
	case VPNS_FACT_TIME:
		return is_time(text);
	default:
		return 0;
	}
}

void fact_check(const struct vpns_plugin *plugin, const struct vpns_fact *fact)
{
	const char *base = (const char *)plugin->facts;
	const struct vpns_fact_decl *decl;
	uint32_t i;

	if (fact->name == NULL || fact->value == NULL)
		fail_msg("a fact without a name or a value");
	for (i = 0; i < plugin->fact_count; i++) {
		decl = (const struct vpns_fact_decl *)(const void *)(base + (size_t)i * plugin->fact_stride);
		if (strcmp(decl->name, fact->name) != 0)
			continue;
		if (strlen(fact->value) > VPNS_FACT_VALUE_MAX || !text_is_utf8(fact->value) ||
			!value_fits(decl->type, fact->value))
			fail_msg("fact %s cannot be \"%s\"", fact->name, fact->value);
		return;
	}
	fail_msg("fact %s is not declared by %s", fact->name, plugin->name);
}
