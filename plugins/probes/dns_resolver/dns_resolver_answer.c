#include "dns_resolver_answer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORD = 64 };

int dns_resolver_address(char out[DNS_RESOLVER_ADDR], const char *text)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const unsigned char nothing[16] = {0};
	unsigned char raw[16];

	out[0] = '\0';
	if (inet_pton(AF_INET, text, raw) == 1)
		return raw[0] != 0 && inet_ntop(AF_INET, raw, out, DNS_RESOLVER_ADDR) != NULL;
	if (inet_pton(AF_INET6, text, raw) != 1 || memcmp(raw, nothing, sizeof(raw)) == 0)
		return 0;
	if (memcmp(raw, mapped, sizeof(mapped)) == 0)
		return inet_ntop(AF_INET, raw + 12, out, DNS_RESOLVER_ADDR) != NULL;
	return inet_ntop(AF_INET6, raw, out, DNS_RESOLVER_ADDR) != NULL;
}

static void mask(unsigned char *raw, int size, int bits)
{
	int i;

	for (i = 0; i < size; i++, bits -= 8) {
		if (bits <= 0)
			raw[i] = 0;
		else if (bits < 8)
			raw[i] = (unsigned char)(raw[i] & (0xff << (8 - bits)));
	}
}

/* Digits of a number up to most, and what may follow them; -1 when it is something else. */
static int read_bits(const char *text, int most)
{
	int bits = 0;
	int digits = 0;

	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 4; digits++)
		bits = bits * 10 + (text[digits] - '0');
	if (digits == 0 || digits > 3 || bits > most || (text[digits] != '\0' && text[digits] != '/'))
		return -1;
	return bits;
}

int dns_resolver_prefix(char out[DNS_RESOLVER_PREFIX], const char *text)
{
	size_t len = strcspn(text, "/");
	char address[DNS_RESOLVER_ADDR];
	unsigned char raw[16];
	int family = AF_INET;
	int bits;

	out[0] = '\0';
	if (text[len] != '/' || len >= sizeof(address))
		return 0;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, raw) != 1) {
		family = AF_INET6;
		if (inet_pton(AF_INET6, address, raw) != 1)
			return 0;
	}
	bits = read_bits(text + len + 1, family == AF_INET ? 32 : 128);
	if (bits <= 0)
		return 0;
	mask(raw, family == AF_INET ? 4 : 16, bits);
	if (inet_ntop(family, raw, address, sizeof(address)) == NULL)
		return 0;
	snprintf(out, DNS_RESOLVER_PREFIX, "%s/%u", address, (unsigned)bits % 1000);
	return 1;
}

/* The word of text that begins at *at, which moves behind it; too long ones come out empty. */
static void take_word(const char **at, char word[WORD])
{
	size_t len;

	*at += strspn(*at, " \t");
	len = strcspn(*at, " \t");
	word[0] = '\0';
	if (len < WORD) {
		memcpy(word, *at, len);
		word[len] = '\0';
	}
	*at += len;
}

/* The first two words of a record, whether they are strings of their own or not. */
static void read_words(const struct vpns_dns_record *record, char first[WORD], char second[WORD])
{
	const char *at = record->text;

	if (record->string_count >= 2) {
		at = record->strings[0];
		take_word(&at, first);
		at = record->strings[1];
	} else {
		take_word(&at, first);
	}
	take_word(&at, second);
}

static void read_record(struct dns_resolver_answer *answer, const struct vpns_dns_record *record)
{
	char first[WORD];
	char second[WORD];
	const char *address = first;

	read_words(record, first, second);
	if (strcasecmp(first, "ecs") == 0 || strcasecmp(first, "edns0-client-subnet") == 0) {
		if (answer->ecs[0] == '\0')
			(void)dns_resolver_prefix(answer->ecs, second);
		return;
	}
	if (strcasecmp(first, "ns") == 0 || strcasecmp(first, "resolver") == 0)
		address = second;
	else if (second[0] != '\0')
		return; /* a hint of another sort */
	if (answer->resolver[0] == '\0')
		(void)dns_resolver_address(answer->resolver, address);
}

void dns_resolver_answer_read(
	struct dns_resolver_answer *answer, const struct vpns_dns_record *records, uint32_t count)
{
	uint32_t i;

	memset(answer, 0, sizeof(*answer));
	for (i = 0; i < count; i++) {
		if (records[i].type == VPNS_DNS_TXT)
			read_record(answer, &records[i]);
		else if ((records[i].type == VPNS_DNS_A || records[i].type == VPNS_DNS_AAAA) &&
			 answer->resolver[0] == '\0')
			(void)dns_resolver_address(answer->resolver, records[i].text);
	}
}
