#include "dns_resolver_seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t find(const struct dns_resolver_seen *seen, const char *text)
{
	uint32_t i;

	for (i = 0; i < seen->count; i++)
		if (strcmp(seen->rows[i].text, text) == 0)
			break;
	return i;
}

static uint32_t find_oldest(const struct dns_resolver_seen *seen)
{
	uint32_t oldest = 0;
	uint32_t i;

	for (i = 1; i < seen->count; i++)
		if (seen->rows[i].at_ms < seen->rows[oldest].at_ms)
			oldest = i;
	return oldest;
}

int dns_resolver_seen_add(
	struct dns_resolver_seen *seen, const char *text, uint32_t technique, uint64_t now_ms)
{
	uint32_t at = find(seen, text);
	int is_new = at == seen->count;
	uint32_t i;

	for (i = 0; i < seen->count; i++)
		seen->rows[i].since++;
	if (is_new && seen->count == DNS_RESOLVER_SEEN_MAX)
		at = find_oldest(seen);
	else if (is_new)
		seen->count++;
	if (is_new) {
		snprintf(seen->rows[at].text, sizeof(seen->rows[at].text), "%s", text);
		seen->rows[at].techniques = 0;
	}
	seen->rows[at].techniques |= technique;
	seen->rows[at].at_ms = now_ms;
	seen->rows[at].since = 0;
	return is_new;
}

void dns_resolver_seen_age(
	struct dns_resolver_seen *seen, uint64_t window_ms, uint32_t answers, uint64_t now_ms)
{
	uint32_t kept = 0;
	uint32_t i;

	for (i = 0; i < seen->count; i++) {
		if (now_ms - seen->rows[i].at_ms > window_ms || seen->rows[i].since >= answers)
			continue;
		if (kept != i)
			seen->rows[kept] = seen->rows[i];
		kept++;
	}
	seen->count = kept;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void dns_resolver_seen_write(const struct dns_resolver_seen *seen, char *out, size_t size)
{
	const char *sorted[DNS_RESOLVER_SEEN_MAX];
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < seen->count; i++)
		sorted[i] = seen->rows[i].text;
	qsort(sorted, seen->count, sizeof(sorted[0]), by_text);
	out[0] = '\0';
	for (i = 0; i < seen->count && len + strlen(sorted[i]) + 2 < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? " " : "", sorted[i]);
}

uint32_t dns_resolver_seen_techniques(const struct dns_resolver_seen *seen)
{
	uint32_t bits = 0;
	uint32_t i;

	for (i = 0; i < seen->count; i++)
		bits |= seen->rows[i].techniques;
	return bits;
}
