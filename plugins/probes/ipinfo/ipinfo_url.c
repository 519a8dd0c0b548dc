#include "ipinfo_url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Drops slashes at the end of the first len bytes, but none before path. */
static size_t without_slashes(const char *url, size_t path, size_t len)
{
	while (len > path && url[len - 1] == '/')
		len--;
	return len;
}

static int ends_with(const char *url, size_t path, size_t len, const char *last)
{
	size_t last_len = strlen(last);

	return len >= path + last_len && memcmp(url + len - last_len, last, last_len) == 0;
}

int ipinfo_url_of(char *out, size_t size, const char *url, const char *address)
{
	const char *host = strstr(url, "://");
	size_t base = strcspn(url, "?#");
	const char *query = url + base;
	size_t path; /* what stands before it is whom to ask */
	unsigned char bytes[16];
	int is_lite;
	int len;

	if (inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
		return -1;
	path = host == NULL ? 0 : (size_t)(host - url) + 3;
	path += strcspn(url + path, "/?#");
	base = without_slashes(url, path, base);
	is_lite = ends_with(url, path, base, "/me");
	if (is_lite)
		base -= strlen("/me");
	else if (ends_with(url, path, base, "/json"))
		base -= strlen("/json");
	base = without_slashes(url, path, base);
	len = snprintf(out, size, "%.*s/%s%s%s", (int)base, url, address, is_lite ? "" : "/json", query);
	return len < 0 || (size_t)len >= size ? -1 : 0;
}
