#include "server/forwarded.h"

#include <string.h>

#include "base/err.h"
#include "net/http_message.h"

#define X_FORWARDED_FOR "X-Forwarded-For"
#define FORWARDED "Forwarded"
#define PORT_MAX 5 /* digits */

typedef enum vs_hop last_fn(struct vs_view *rest, struct vs_addr *addr);

/* --- one node: an address with or without a port, or a name for nobody --------------------- */

static bool all_of(struct vs_view text, const char *set)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || strchr(set, text.ptr[i]) == NULL)
			return false;
	return true;
}

static bool is_obfuscated(struct vs_view text)
{
	return text.len > 1 && text.ptr[0] == '_' &&
	       all_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}

static bool is_port(struct vs_view text)
{
	return is_obfuscated(text) || (text.len > 0 && text.len <= PORT_MAX && all_of(text, "0123456789"));
}

/* Takes ":port" off the end, unless the colon belongs to an IPv6 address. */
static bool drop_port(struct vs_view *text)
{
	const char *from = text->ptr[0] == '[' ? memchr(text->ptr, ']', text->len) : text->ptr;
	const char *colon;
	struct vs_view port;

	if (from == NULL)
		return false;
	colon = memchr(from, ':', text->len - (size_t)(from - text->ptr));
	if (colon == NULL)
		return true;
	port = (struct vs_view){colon + 1, text->len - (size_t)(colon + 1 - text->ptr)};
	if (text->ptr[0] != '[' && memchr(port.ptr, ':', port.len) != NULL)
		return true;
	text->len = (size_t)(colon - text->ptr);
	return is_port(port);
}

static enum vs_hop read_node(struct vs_view text, struct vs_addr *addr)
{
	bool bracketed;

	if (text.len == 0 || !drop_port(&text) || text.len == 0)
		return VS_HOP_MALFORMED;
	if (vs_view_equal_nocase(text, "unknown") || is_obfuscated(text))
		return VS_HOP_HIDDEN;
	bracketed = text.ptr[0] == '[';
	if (bracketed) {
		if (text.ptr[text.len - 1] != ']' || memchr(text.ptr, ':', text.len) == NULL)
			return VS_HOP_MALFORMED;
		text = (struct vs_view){text.ptr + 1, text.len - 2};
	}
	return vs_addr_parse(addr, text) == 0 ? VS_HOP_ADDRESS : VS_HOP_MALFORMED;
}

/* --- from right to left -------------------------------------------------------------------- */

/* A quotation mark within a quoted string has a backslash before it, which has none. */
static bool is_escaped(struct vs_view text, size_t at)
{
	size_t slashes = 0;

	while (slashes < at && text.ptr[at - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

/*
 * Takes off what follows the last comma that is not quoted. Read from the right, since that is
 * where the trusted part ends in order: whatever a stranger left open is to the left of it.
 */
static bool take_last(struct vs_view *rest, bool quotes, struct vs_view *element)
{
	bool quoted = false;
	size_t at = rest->len;

	if (rest->len == 0)
		return false;
	while (at > 0 && (quoted || rest->ptr[at - 1] != ',')) {
		at--;
		if (quotes && rest->ptr[at] == '"' && !(quoted && is_escaped(*rest, at)))
			quoted = !quoted;
	}
	*element = vs_view_trim((struct vs_view){rest->ptr + at, rest->len - at});
	rest->len = at > 0 ? at - 1 : 0;
	return true;
}

static bool take_last_with_content(struct vs_view *rest, bool quotes, struct vs_view *element)
{
	while (take_last(rest, quotes, element))
		if (element->len > 0)
			return true;
	return false;
}

enum vs_hop vs_forwarded_last_for(struct vs_view *rest, struct vs_addr *addr)
{
	struct vs_view element;

	return take_last_with_content(rest, false, &element) ? read_node(element, addr) : VS_HOP_NONE;
}

/* --- an element of Forwarded: name=value;name=value ---------------------------------------- */

/* Takes a value off the front of text. A quoted one loses its quotes; no node needs an escape. */
static bool take_value(struct vs_view *text, struct vs_view *value)
{
	size_t len = 0;

	if (text->len > 0 && text->ptr[0] == '"') {
		for (len = 1; len < text->len && text->ptr[len] != '"'; len++)
			len += text->ptr[len] == '\\';
		if (len >= text->len)
			return false;
		*value = (struct vs_view){text->ptr + 1, len - 1};
		len++;
	} else {
		while (len < text->len && memchr("; \t\"", text->ptr[len], 4) == NULL)
			len++;
		*value = (struct vs_view){text->ptr, len};
	}
	text->ptr += len;
	text->len -= len;
	return true;
}

static bool take_pair(struct vs_view *text, struct vs_view *name, struct vs_view *value)
{
	const char *equals = memchr(text->ptr, '=', text->len);

	if (equals == NULL)
		return false;
	*name = vs_view_trim((struct vs_view){text->ptr, (size_t)(equals - text->ptr)});
	text->len -= (size_t)(equals + 1 - text->ptr);
	text->ptr = equals + 1;
	if (name->len == 0 || memchr(name->ptr, ';', name->len) != NULL || !take_value(text, value))
		return false;
	*text = vs_view_trim(*text);
	if (text->len == 0)
		return true;
	if (text->ptr[0] != ';')
		return false;
	text->ptr++;
	text->len--;
	*text = vs_view_trim(*text);
	return true;
}

enum vs_hop vs_forwarded_last(struct vs_view *rest, struct vs_addr *addr)
{
	enum vs_hop hop = VS_HOP_HIDDEN;
	struct vs_view element;
	struct vs_view name;
	struct vs_view value;
	bool named = false;

	if (!take_last_with_content(rest, true, &element))
		return VS_HOP_NONE;
	while (element.len > 0) {
		if (!take_pair(&element, &name, &value))
			return VS_HOP_MALFORMED;
		if (!vs_view_equal_nocase(name, "for"))
			continue;
		if (named)
			return VS_HOP_MALFORMED;
		named = true;
		hop = read_node(value, addr);
	}
	return hop;
}

/* --- all lines of the header ---------------------------------------------------------------- */

static bool is_trusted(const struct vs_proxies *proxies, const struct vs_addr *addr)
{
	size_t i;

	for (i = 0; i < proxies->count; i++)
		if (vs_prefix_contains(&proxies->trusted[i], addr))
			return true;
	return false;
}

static bool has(const struct vs_http_message *message, const char *name)
{
	return vs_http_message_header(message, name).ptr != NULL;
}

/* The value of the last line of that name before index, which it lowers; false: there is none. */
static bool line_before(
	const struct vs_http_message *message, const char *wanted, size_t *index, struct vs_view *value)
{
	struct vs_view name;

	while (*index > 0) {
		--*index;
		if (vs_http_message_field(message, *index, &name, value) &&
			vs_view_equal_nocase(name, wanted))
			return true;
	}
	return false;
}

/* From the peer, which is trusted, to the first who is not. */
static enum vs_forwarded_result walk(const struct vs_proxies *proxies, const struct vs_http_message *message,
	bool rfc, struct vs_addr *addr)
{
	enum vs_forwarded_result result = VS_FORWARDED_NOT;
	last_fn *last = rfc ? vs_forwarded_last : vs_forwarded_last_for;
	size_t index = message->field_count;
	struct vs_view value = {NULL, 0};
	struct vs_addr named;
	unsigned hops = 0;

	while (is_trusted(proxies, addr)) {
		enum vs_hop hop = last(&value, &named);

		if (hop == VS_HOP_NONE &&
			line_before(message, rfc ? FORWARDED : X_FORWARDED_FOR, &index, &value))
			continue;
		if (hop == VS_HOP_NONE || hop == VS_HOP_HIDDEN)
			break;
		if (hop == VS_HOP_MALFORMED || ++hops > VS_FORWARDED_HOPS_MAX)
			return VS_FORWARDED_MALFORMED;
		*addr = named;
		result = VS_FORWARDED_TAKEN;
	}
	return result;
}

/*
 * A proxy writes one of the headers and may pass on the other as a stranger sent it. Nobody here knows
 * which is which, so two that do not say the same say nothing.
 */
static enum vs_forwarded_result walk_both(
	const struct vs_proxies *proxies, const struct vs_http_message *message, struct vs_addr *addr)
{
	struct vs_addr other = *addr;
	enum vs_forwarded_result result = walk(proxies, message, false, addr);

	if (walk(proxies, message, true, &other) == result && vs_addr_equal(addr, &other))
		return result;
	*addr = message->peer;
	return VS_FORWARDED_MALFORMED;
}

enum vs_forwarded_result vs_forwarded_resolve(
	const struct vs_proxies *proxies, const struct vs_http_message *message, struct vs_addr *addr)
{
	*addr = message->peer;
	/* Of a head that broke off, what the proxy wrote may be missing. */
	if (message->head_len == 0 || !is_trusted(proxies, addr))
		return VS_FORWARDED_NOT;
	if (proxies->header != VS_FORWARDED_AUTO)
		return walk(proxies, message, proxies->header == VS_FORWARDED_FORWARDED, addr);
	if (has(message, X_FORWARDED_FOR) && has(message, FORWARDED))
		return walk_both(proxies, message, addr);
	return walk(proxies, message, has(message, FORWARDED), addr);
}
