#include "net/dns_server.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

#define PORT 53
#define RESOLV_CONF_MAX 65536

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

/* The word at the front of line, which becomes what follows it. */
static struct vs_view take_word(struct vs_view *line)
{
	struct vs_view word;
	size_t len = 0;

	*line = vs_view_trim(*line);
	while (len < line->len && line->ptr[len] != ' ' && line->ptr[len] != '\t')
		len++;
	word = (struct vs_view){line->ptr, len};
	line->ptr += len;
	line->len -= len;
	return word;
}

size_t vs_dns_servers_parse(struct vs_dns_server servers[VS_DNS_SERVERS_MAX], struct vs_view text)
{
	struct vs_view line;
	size_t count = 0;

	while (count < VS_DNS_SERVERS_MAX && vs_view_split(&text, '\n', &line)) {
		if (vs_view_equal_text(take_word(&line), "nameserver") &&
			vs_dns_server_parse(&servers[count], take_word(&line)) == 0)
			count++;
	}
	return count;
}

size_t vs_dns_servers_read(struct vs_dns_server servers[VS_DNS_SERVERS_MAX], const char *path)
{
	struct vs_buf text;
	size_t count = 0;

	vs_buf_init(&text);
	if (vs_file_read(&text, path, RESOLV_CONF_MAX, NULL) == 0)
		count = vs_dns_servers_parse(servers, vs_buf_view(&text));
	vs_buf_fini(&text);
	if (count > 0)
		return count;
	VS_REQUIRE(vs_dns_server_parse(&servers[0], vs_view_of("127.0.0.1")) == 0);
	return 1;
}
