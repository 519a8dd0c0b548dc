#include "cloudflare_trace_reply.h"

#include <arpa/inet.h>
#include <string.h>

/* The value of the first line that begins with key (which ends in "="), or NULL. */
static const char *value_of(const char *body, size_t len, const char *key, size_t *value_len)
{
	size_t key_len = strlen(key);
	const char *end = body + len;
	const char *stop;

	while (body < end) {
		stop = memchr(body, '\n', (size_t)(end - body));
		if (stop == NULL)
			stop = end;
		if ((size_t)(stop - body) >= key_len && memcmp(body, key, key_len) == 0) {
			*value_len = (size_t)(stop - body) - key_len;
			if (*value_len > 0 && stop[-1] == '\r')
				(*value_len)--;
			return body + key_len;
		}
		body = stop < end ? stop + 1 : end;
	}
	return NULL;
}

/* Copies a value of visible ASCII that fits; anything else reads as absent. */
static int take(char *out, size_t size, const char *body, size_t len, const char *key)
{
	size_t value_len = 0;
	const char *value = value_of(body, len, key, &value_len);
	size_t i;

	if (value == NULL || value_len == 0 || value_len >= size)
		return -1;
	for (i = 0; i < value_len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return -1;
	}
	memcpy(out, value, value_len);
	out[value_len] = '\0';
	return 0;
}

static int take_ip(struct cloudflare_trace_reply *reply, const char *body, size_t len)
{
	unsigned char bytes[16];
	char text[46];
	int family;

	if (take(text, sizeof(text), body, len, "ip=") < 0)
		return -1;
	family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, bytes) != 1)
		return -1;
	return inet_ntop(family, bytes, reply->ip, sizeof(reply->ip)) != NULL ? 0 : -1;
}

static void take_loc(struct cloudflare_trace_reply *reply, const char *body, size_t len)
{
	char loc[3] = "";
	size_t ignored;

	if (take(loc, sizeof(loc), body, len, "loc=") == 0 && loc[0] >= 'A' && loc[0] <= 'Z' &&
		loc[1] >= 'A' && loc[1] <= 'Z' && strcmp(loc, "XX") != 0)
		memcpy(reply->loc, loc, sizeof(loc));
	else
		reply->loc_unknown = value_of(body, len, "loc=", &ignored) != NULL;
}

static void take_word(char *out, size_t size, const char *body, size_t len, const char *key)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (take(out, size, body, len, key) < 0 || strspn(out, word) != strlen(out))
		out[0] = '\0';
}

int cloudflare_trace_reply_parse(struct cloudflare_trace_reply *reply, const char *body, size_t len)
{
	memset(reply, 0, sizeof(*reply));
	if (take_ip(reply, body, len) < 0)
		return -1;
	take_loc(reply, body, len);
	take_word(reply->colo, sizeof(reply->colo), body, len, "colo=");
	take_word(reply->warp, sizeof(reply->warp), body, len, "warp=");
	return 0;
}
