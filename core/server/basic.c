#include "server/basic.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <glib.h>

#include "base/err.h"

#define SCHEME "Basic "

/* GLib skips what is no base64; what leads to a key should have one spelling. */
static bool is_base64(struct vs_view text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t padding = 0;
	size_t i;

	if (text.len == 0 || text.len % 4 != 0)
		return false;
	while (padding < 2 && text.ptr[text.len - 1 - padding] == '=')
		padding++;
	for (i = 0; i < text.len - padding; i++) {
		if (text.ptr[i] == '\0' || strchr(alphabet, text.ptr[i]) == NULL)
			return false;
	}
	return true;
}

static int take_password(const char *bytes, size_t len, char *password, size_t size)
{
	const char *colon = memchr(bytes, ':', len);
	size_t rest;
	size_t i;

	if (colon == NULL)
		return VS_ERR_INVALID;
	rest = len - (size_t)(colon + 1 - bytes);
	if (rest >= size)
		return VS_ERR_TOO_BIG;
	for (i = 1; i <= rest; i++) {
		if ((unsigned char)colon[i] < 0x20 || colon[i] == 0x7f)
			return VS_ERR_INVALID;
	}
	memcpy(password, colon + 1, rest);
	password[rest] = '\0';
	return 0;
}

int vs_basic_password(struct vs_view value, char *password, size_t size)
{
	char text[1024];
	gsize len = 0;
	int rc;

	password[0] = '\0';
	if (value.len < strlen(SCHEME) || strncasecmp(value.ptr, SCHEME, strlen(SCHEME)) != 0)
		return VS_ERR_INVALID;
	value.ptr += strlen(SCHEME);
	value.len -= strlen(SCHEME);
	value = vs_view_trim(value);
	if (!is_base64(value))
		return VS_ERR_INVALID;
	if (value.len >= sizeof(text))
		return VS_ERR_TOO_BIG;
	memcpy(text, value.ptr, value.len);
	text[value.len] = '\0';
	g_base64_decode_inplace(text, &len);
	rc = take_password(text, len, password, size);
	explicit_bzero(text, sizeof(text));
	return rc;
}
