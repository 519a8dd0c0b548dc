#include "tunnel_resolv.h"

#include <arpa/inet.h>
#include <string.h>

static const char keyword[] = "nameserver";

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Cuts "%eth0" off; -1 when the name of the device is none. */
static int take_device(struct tunnel_server *server, char *text)
{
	char *percent = strchr(text, '%');
	size_t len, i;

	if (percent == NULL)
		return 0;
	*percent = '\0';
	len = strlen(percent + 1);
	if (len == 0 || len >= sizeof(server->device))
		return -1;
	for (i = 0; i < len; i++)
		if (percent[1 + i] <= ' ' || percent[1 + i] > '~')
			return -1;
	memcpy(server->device, percent + 1, len + 1);
	return 0;
}

int tunnel_server_parse(struct tunnel_server *server, const char *text, size_t len)
{
	unsigned char bytes[16];
	char copy[TUNNEL_ADDRESS];
	int family;

	memset(server, 0, sizeof(*server));
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (take_device(server, copy) < 0)
		return -1;
	family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, copy, bytes) != 1 ||
		inet_ntop(family, bytes, server->address, sizeof(server->address)) == NULL)
		return -1;
	server->family = family == AF_INET ? 4 : 6;
	server->loopback = family == AF_INET ? bytes[0] == 127 : strcmp(server->address, "::1") == 0;
	return 0;
}

size_t tunnel_resolv_read(struct tunnel_server servers[TUNNEL_SERVERS_MAX], const char *bytes, size_t len)
{
	const char *end = bytes + len;
	size_t count = 0;

	while (bytes < end && count < TUNNEL_SERVERS_MAX) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *word = bytes + sizeof(keyword) - 1;
		const char *word_end;

		if (stop == NULL)
			stop = end;
		if (word < stop && memcmp(bytes, keyword, sizeof(keyword) - 1) == 0 && is_blank(*word)) {
			while (word < stop && is_blank(*word))
				word++;
			for (word_end = word; word_end < stop && !is_blank(*word_end); word_end++)
				;
			if (tunnel_server_parse(&servers[count], word, (size_t)(word_end - word)) == 0)
				count++;
		}
		bytes = stop < end ? stop + 1 : end;
	}
	return count;
}
