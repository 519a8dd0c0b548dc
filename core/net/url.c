#include "net/url.h"

#include <string.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"

static int refuse(struct vs_err *err, const char *why)
{
	return vs_err_set(err, VS_ERR_INVALID, "the URL is not usable: %s", why);
}

static struct vs_view from(struct vs_view text, size_t offset)
{
	return (struct vs_view){text.ptr + offset, text.len - offset};
}

static bool has_blank_or_control(struct vs_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static bool take_scheme(struct vs_url *url, struct vs_view *rest)
{
	static const struct {
		const char *text;
		bool https;
	} schemes[] = {{"http://", false}, {"https://", true}};
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].text);

		if (rest->len < len)
			continue;
		if (!vs_view_equal_nocase((struct vs_view){rest->ptr, len}, schemes[i].text))
			continue;
		url->https = schemes[i].https;
		*rest = from(*rest, len);
		return true;
	}
	return false;
}

static bool is_host_byte(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '.' || c == '_';
}

static int parse_port(struct vs_url *url, struct vs_view text, struct vs_err *err)
{
	int64_t port;

	if (vs_int_parse(&port, text) < 0 || port < 1 || port > 65535)
		return refuse(err, "its port is not a number from 1 to 65535");
	url->port = (uint16_t)port;
	return 0;
}

static int parse_bracketed(struct vs_url *url, struct vs_view text, struct vs_err *err)
{
	const char *end = memchr(text.ptr, ']', text.len);
	struct vs_addr addr;
	struct vs_view rest;

	if (end == NULL)
		return refuse(err, "a ']' is missing after its IPv6 address");
	url->host = (struct vs_view){text.ptr + 1, (size_t)(end - text.ptr) - 1};
	if (memchr(url->host.ptr, ':', url->host.len) == NULL || vs_addr_parse(&addr, url->host) < 0)
		return refuse(err, "what stands in brackets is not an IPv6 address");
	rest = from(text, url->host.len + 2);
	if (rest.len == 0)
		return 0;
	if (rest.ptr[0] != ':')
		return refuse(err, "something other than a port follows its IPv6 address");
	return parse_port(url, from(rest, 1), err);
}

static int parse_host(struct vs_url *url, struct vs_view text, struct vs_err *err)
{
	const char *colon;
	size_t i;

	if (text.len > 0 && text.ptr[0] == '[')
		return parse_bracketed(url, text, err);
	colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
	url->host = (struct vs_view){text.ptr, colon != NULL ? (size_t)(colon - text.ptr) : text.len};
	if (url->host.len == 0)
		return refuse(err, "it names no host");
	for (i = 0; i < url->host.len; i++)
		if (!is_host_byte((unsigned char)url->host.ptr[i]))
			return refuse(err, "its host name holds a character that no host name has");
	return colon != NULL ? parse_port(url, from(text, url->host.len + 1), err) : 0;
}

int vs_url_parse(struct vs_url *url, struct vs_view text, struct vs_err *err)
{
	struct vs_view rest = text;
	struct vs_view authority;
	size_t len = 0;
	size_t i;

	memset(url, 0, sizeof(*url));
	if (text.len == 0)
		return refuse(err, "it is empty");
	if (text.len > VS_URL_MAX)
		return refuse(err, "it is longer than 8192 bytes");
	if (has_blank_or_control(text))
		return refuse(err, "it holds a blank or a control character; write %20 for a blank");
	if (!take_scheme(url, &rest))
		return refuse(err, "it must begin with http:// or https://");
	url->port = url->https ? 443 : 80;
	while (len < rest.len && strchr("/?#", rest.ptr[len]) == NULL)
		len++;
	authority = (struct vs_view){rest.ptr, len};
	url->target = from(rest, len);
	for (i = authority.len; i > 0; i--) {
		if (authority.ptr[i - 1] != '@')
			continue;
		url->has_user = true;
		authority = from(authority, i);
		break;
	}
	return parse_host(url, authority, err);
}
