#include "killswitch_target.h"

#include <arpa/inet.h>
#include <string.h>

static int take_address(struct killswitch_target *target, const char *text, size_t len, int family)
{
	unsigned char bytes[16];
	char copy[46];

	if (len == 0 || len >= sizeof(copy))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	target->family = family == AF_INET ? 4 : 6;
	if (inet_pton(family, copy, bytes) != 1)
		return -1;
	return inet_ntop(family, bytes, target->address, sizeof(target->address)) != NULL ? 0 : -1;
}

/* Digits up to '/' or the end. The rest, or NULL. */
static const char *take_port(struct killswitch_target *target, const char *text)
{
	uint32_t port = 0;

	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		port = port * 10 + (uint32_t)(*text - '0');
		if (port > 65535)
			return NULL;
	}
	target->port = (uint16_t)port;
	return port > 0 ? text : NULL;
}

int killswitch_target_parse(struct killswitch_target *target, const char *text)
{
	const char *end;
	int rc;

	memset(target, 0, sizeof(*target));
	if (text[0] == '[') {
		end = strstr(text, "]:");
		rc = end == NULL ? -1 : take_address(target, text + 1, (size_t)(end - text) - 1, AF_INET6);
		text = end == NULL ? text : end + 2;
	} else {
		end = strchr(text, ':');
		rc = end == NULL ? -1 : take_address(target, text, (size_t)(end - text), AF_INET);
		text = end == NULL ? text : end + 1;
	}
	if (rc < 0)
		return -1;
	text = take_port(target, text);
	if (text == NULL)
		return -1;
	target->tcp = strcmp(text, "/tcp") == 0;
	return *text == '\0' || target->tcp || strcmp(text, "/udp") == 0 ? 0 : -1;
}
