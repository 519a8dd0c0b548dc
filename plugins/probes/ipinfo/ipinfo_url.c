#include "ipinfo_url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

int ipinfo_url_of(char *out, size_t size, const char *url, const char *address)
{
	static const char last[] = "/json";
	const size_t last_len = sizeof(last) - 1;
	const char *host = strstr(url, "://");
	size_t base = strcspn(url, "?#");
	const char *query = url + base;
	size_t path; /* what stands before it is whom to ask */
	unsigned char bytes[16];
	int len;

	if (inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
		return -1;
	path = host == NULL ? 0 : (size_t)(host - url) + 3;
	path += strcspn(url + path, "/?#");
	while (base > path && url[base - 1] == '/')
		base--;
	if (base >= path + last_len && memcmp(url + base - last_len, last, last_len) == 0)
		base -= last_len;
	while (base > path && url[base - 1] == '/')
		base--;
	len = snprintf(out, size, "%.*s/%s/json%s", (int)base, url, address, query);
	return len < 0 || (size_t)len >= size ? -1 : 0;
}
