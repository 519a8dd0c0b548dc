#include "net/dns_ask.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define PORT 53

/* Splits the port off the end of text; where there is none it stays as it is. */
static int take_port(struct vs_view *text, uint16_t *port)
{
	const char *last = memrchr(text->ptr, ':', text->len);
	bool bracketed = text->ptr[0] == '[';
	struct vs_view digits;
	int64_t number;

	*port = PORT;
	if (last == NULL || (bracketed && last[-1] != ']') ||
		(!bracketed && memchr(text->ptr, ':', (size_t)(last - text->ptr)) != NULL))
		return 0;
	digits = (struct vs_view){last + 1, text->len - (size_t)(last + 1 - text->ptr)};
	if (vs_int_parse(&number, digits) < 0 || number < 1 || number > UINT16_MAX)
		return VS_ERR_INVALID;
	*port = (uint16_t)number;
	text->len = (size_t)(last - text->ptr);
	return 0;
}

int vs_dns_server_parse(struct vs_dns_server *server, struct vs_view text)
{
	memset(server, 0, sizeof(*server));
	if (text.len == 0 || take_port(&text, &server->port) < 0)
		return VS_ERR_INVALID;
	if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') {
		text = (struct vs_view){text.ptr + 1, text.len - 2};
		if (memchr(text.ptr, ':', text.len) == NULL)
			return VS_ERR_INVALID;
	}
	return vs_addr_parse(&server->addr, text);
}

void vs_dns_server_format(const struct vs_dns_server *server, char text[VS_DNS_SERVER_TEXT])
{
	char addr[VS_ADDR_TEXT];

	vs_addr_format(&server->addr, addr);
	if (server->port == PORT)
		(void)snprintf(text, VS_DNS_SERVER_TEXT, "%s", addr);
	else
		(void)snprintf(text, VS_DNS_SERVER_TEXT, server->addr.family == 6 ? "[%s]:%u" : "%s:%u", addr,
			server->port);
}
