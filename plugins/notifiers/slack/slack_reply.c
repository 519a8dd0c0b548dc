#include "slack_reply.h"

#include <string.h>

/* "ok", or the name of an error: small letters with an underscore in between. */
int slack_reply_parse(struct slack_reply *reply, const char *body, size_t len)
{
	size_t i;

	memset(reply, 0, sizeof(*reply));
	while (len > 0 && (body[len - 1] == '\n' || body[len - 1] == '\r'))
		len--;
	if (len == 2 && memcmp(body, "ok", 2) == 0) {
		reply->ok = 1;
		return 0;
	}
	if (len < 3 || len >= sizeof(reply->words) || memchr(body, '_', len) == NULL || body[0] == '_')
		return -1;
	for (i = 0; i < len; i++) {
		if ((body[i] < 'a' || body[i] > 'z') && body[i] != '_')
			return -1;
	}
	memcpy(reply->words, body, len);
	return 0;
}
