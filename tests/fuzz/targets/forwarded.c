/* X-Forwarded-For and Forwarded, which anybody may have written to the left of what a proxy wrote. */
#include "fuzz.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "net/http_message.h"
#include "server/forwarded.h"

typedef enum vs_hop last_fn(struct vs_view *rest, struct vs_addr *addr);

static struct vs_prefix trusted[3];

void fuzz_begin(void)
{
	static const char *const texts[] = {"10.0.0.0/8", "2001:db8::/32", "127.0.0.1"};

	for (size_t i = 0; i < 3; i++)
		VS_REQUIRE(vs_prefix_parse(&trusted[i], vs_view_of(texts[i])) == 0);
}

/* The whole header ends after at most as many elements as it has bytes. */
static void check_elements(struct vs_view input, last_fn *last)
{
	struct vs_view rest = input;
	size_t count = 0;
	enum vs_hop hop;

	do {
		struct vs_addr addr = {0};
		size_t before = rest.len;

		hop = last(&rest, &addr);
		VS_REQUIRE(rest.ptr == input.ptr && rest.len <= before);
		VS_REQUIRE(hop != VS_HOP_ADDRESS || addr.family == 4 || addr.family == 6);
		VS_REQUIRE(count++ <= input.len);
	} while (hop != VS_HOP_NONE);
	VS_REQUIRE(rest.len == 0);
}

/* Whatever a stranger writes, what a trusted proxy adds to it is what counts. */
static void check_what_the_proxy_adds(struct vs_view input, last_fn *last, const char *added)
{
	struct vs_view rest;
	struct vs_addr addr = {0};
	struct vs_addr said;
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_add(&text, input.ptr, input.len);
	vs_buf_add_text(&text, added);
	rest = vs_buf_view(&text);
	VS_REQUIRE(last(&rest, &addr) == VS_HOP_ADDRESS);
	VS_REQUIRE(vs_addr_parse(&said, vs_view_of("192.0.2.7")) == 0 && vs_addr_equal(&addr, &said));
	vs_buf_fini(&text);
}

static void add_field(struct vs_http_message *message, const char *name, struct vs_view value)
{
	struct vs_http_field *field = &message->fields[message->field_count++];

	field->name = (uint16_t)message->bytes.len;
	field->name_len = (uint16_t)strlen(name);
	vs_buf_add(&message->bytes, name, strlen(name) + 1);
	field->value = (uint16_t)message->bytes.len;
	field->value_len = (uint16_t)value.len;
	vs_buf_add(&message->bytes, value.ptr, value.len);
	vs_buf_add_char(&message->bytes, '\0');
}

/* Each line of the input is a header line. */
static void check_message(struct vs_view input, enum vs_forwarded_header header)
{
	struct vs_http_message *message = vs_zalloc(sizeof(*message));
	struct vs_proxies proxies = {trusted, 3, header};
	struct vs_proxies none = {NULL, 0, header};
	struct vs_view rest = input;
	struct vs_addr addr;

	while (rest.len > 0 && message->field_count < 10) {
		struct vs_view line = fuzz_line(&rest);

		if (line.len < 2000 && memchr(line.ptr, '\0', line.len) == NULL)
			add_field(message, line.len % 2 == 0 ? "X-Forwarded-For" : "forwarded", line);
	}
	message->head_len = message->bytes.len;
	VS_REQUIRE(vs_addr_parse(&message->peer, vs_view_of("10.1.2.3")) == 0);
	VS_REQUIRE(vs_forwarded_resolve(&proxies, message, &addr) <= VS_FORWARDED_MALFORMED);
	VS_REQUIRE(addr.family == 4 || addr.family == 6);
	VS_REQUIRE(vs_forwarded_resolve(&none, message, &addr) == VS_FORWARDED_NOT);
	VS_REQUIRE(vs_addr_equal(&addr, &message->peer));
	VS_REQUIRE(vs_addr_parse(&message->peer, vs_view_of("192.0.2.1")) == 0);
	VS_REQUIRE(vs_forwarded_resolve(&proxies, message, &addr) == VS_FORWARDED_NOT);
	VS_REQUIRE(vs_addr_equal(&addr, &message->peer)); /* a stranger is not asked whom it speaks for */
	vs_buf_fini(&message->bytes);
	vs_free(message);
}

void fuzz_one(struct vs_view input)
{
	check_elements(input, vs_forwarded_last_for);
	check_elements(input, vs_forwarded_last);
	check_what_the_proxy_adds(input, vs_forwarded_last_for, ", 192.0.2.7");
	check_what_the_proxy_adds(input, vs_forwarded_last, ", for=192.0.2.7");
	check_what_the_proxy_adds(input, vs_forwarded_last, ",for=\"192.0.2.7:80\";proto=http");
	check_message(input, VS_FORWARDED_AUTO);
	check_message(input, VS_FORWARDED_X_FORWARDED_FOR);
	check_message(input, VS_FORWARDED_FORWARDED);
}
