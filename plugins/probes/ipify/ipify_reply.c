#include "ipify_reply.h"

#include <string.h>

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int ipify_reply_parse(struct ipify_reply *reply, const char *body, size_t len)
{
	char text[GEO_IP_SIZE];

	memset(reply, 0, sizeof(*reply));
	while (len > 0 && is_blank(body[len - 1]))
		len--;
	if (len == 0 || len >= sizeof(text) || memchr(body, '\0', len) != NULL)
		return -1;
	memcpy(text, body, len);
	text[len] = '\0';
	reply->family = geo_ip(reply->ip, text);
	if (reply->family == 0)
		return -1;
	reply->bogon = geo_ip_is_bogon(reply->ip);
	return 0;
}
