/* A connection's bytes as requests: the same ones however they are cut into pieces. */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/http_message.h"
#include "net/http_parse.h"
#include "net/http_problem.h"

#define REQUESTS_MAX 8 /* pipelined; more tell nothing new */
#define ALL_CUTS_MAX 48 /* bytes of inputs that are cut at every place */

static const struct vs_http_sizes sizes = {.head = 2048, .url = 300, .body = 200};

void fuzz_begin(void)
{
}

static void add_view(struct vs_buf *seen, struct vs_view view)
{
	vs_buf_printf(seen, "%zu:", view.len);
	vs_buf_add(seen, view.ptr, view.len);
	vs_buf_add_char(seen, '\n');
}

/* Whatever a handler may look at lies inside the message's own bytes, and ends with a NUL. */
static void check_inside(const struct vs_http_message *message, struct vs_view view)
{
	VS_REQUIRE(view.ptr >= message->bytes.ptr);
	VS_REQUIRE(view.ptr + view.len < message->bytes.ptr + message->head_len);
	VS_REQUIRE(strlen(view.ptr) == view.len);
}

static void check_head(const struct vs_http_message *message)
{
	struct vs_view name;
	struct vs_view value;

	for (size_t i = 0; vs_http_message_field(message, i, &name, &value); i++) {
		VS_REQUIRE(name.len > 0);
		check_inside(message, name);
		check_inside(message, value);
		VS_REQUIRE(strpbrk(value.ptr, "\r\n") == NULL);
	}
	check_inside(message, message->path);
	check_inside(message, message->query);
	VS_REQUIRE(message->path.len > 0 &&
		   (message->path.ptr[0] == '/' || strcmp(message->path.ptr, "*") == 0));
	VS_REQUIRE(message->method != VS_HTTP_NO_METHOD && message->minor <= 1);
	VS_REQUIRE(vs_http_message_header_count(message, "Host") <= 1);
	VS_REQUIRE(message->minor == 0 || vs_http_message_header_count(message, "Host") == 1);
	/* What a proxy before us could read in another way than we do. */
	VS_REQUIRE(vs_http_message_header_count(message, "Transfer-Encoding") <= 1);
	VS_REQUIRE(vs_http_message_header_count(message, "Content-Length") <= 1);
	VS_REQUIRE(!message->chunked || vs_http_message_header_count(message, "Content-Length") == 0);
	VS_REQUIRE(message->chunked == (vs_http_message_header_count(message, "Transfer-Encoding") == 1));
}

static void note_head(struct vs_buf *seen, const struct vs_http_message *message)
{
	struct vs_view name;
	struct vs_view value;

	check_head(message);
	vs_buf_printf(seen, "%d.%d %d%d%d %llu\n", message->method, message->minor, message->keep_alive,
		message->chunked, message->expects_continue, (unsigned long long)message->content_length);
	add_view(seen, message->path);
	add_view(seen, message->query);
	for (size_t i = 0; vs_http_message_field(message, i, &name, &value); i++) {
		add_view(seen, name);
		add_view(seen, value);
	}
}

static void note_body(struct vs_buf *seen, const struct vs_http_message *message)
{
	VS_REQUIRE(message->body.len <= sizes.body);
	VS_REQUIRE(message->chunked || message->body.len == message->content_length);
	VS_REQUIRE(message->body.ptr + message->body.len == message->bytes.ptr + message->bytes.len);
	check_head(message); /* its views moved with the body */
	vs_buf_add_text(seen, "body ");
	add_view(seen, message->body);
}

struct run {
	struct vs_http_parse *parse;
	struct vs_http_message message;
	struct vs_buf seen; /* all that a handler could see, and how it ended */
	unsigned requests;
	bool over;
};

/* One piece of the connection. */
static void feed(struct run *run, struct vs_view piece)
{
	char *copy = fuzz_copy(piece); /* reading past a piece, or into one before, is then a fault */
	struct vs_view input = {copy, piece.len};
	enum vs_http_parsed parsed = VS_HTTP_PARSED_PART;

	while (!run->over) {
		parsed = vs_http_parse_feed(run->parse, &input);
		VS_REQUIRE(input.ptr >= copy && input.ptr + input.len == copy + piece.len);
		if (parsed == VS_HTTP_PARSED_HEAD) {
			note_head(&run->seen, &run->message);
		} else if (parsed == VS_HTTP_PARSED_ALL) {
			note_body(&run->seen, &run->message);
			run->over = ++run->requests == REQUESTS_MAX;
			vs_http_parse_begin(run->parse, &run->message);
			if (input.len == 0)
				break;
		} else if (parsed == VS_HTTP_PARSED_BAD) {
			/* Which of several is told of may depend on the pieces. */
			VS_REQUIRE(vs_http_parse_problem(run->parse) != VS_HTTP_NO_PROBLEM);
			vs_buf_add_text(&run->seen, "bad\n");
			run->over = true;
		} else {
			VS_REQUIRE(input.len == 0);
			break;
		}
	}
	vs_free(copy);
}

/* In pieces of step bytes, after a first one of its own size. */
static void parse(struct vs_buf *seen, struct vs_view input, size_t first, size_t step)
{
	struct run *run = vs_zalloc(sizeof(*run));
	size_t at = 0;

	run->parse = vs_http_parse_create(&sizes);
	vs_http_parse_begin(run->parse, &run->message);
	while (at < input.len && !run->over) {
		size_t wanted = at == 0 && first > 0 ? first : step;
		size_t len = input.len - at < wanted ? input.len - at : wanted;

		feed(run, (struct vs_view){input.ptr + at, len});
		at += len;
	}
	*seen = run->seen;
	vs_buf_fini(&run->message.bytes);
	vs_http_parse_destroy(run->parse);
	vs_free(run);
}

static void require_same(const struct vs_buf *whole, struct vs_view input, size_t first, size_t step)
{
	struct vs_buf seen;

	parse(&seen, input, first, step);
	VS_REQUIRE(vs_view_equal(vs_buf_view(&seen), vs_buf_view(whole)));
	vs_buf_fini(&seen);
}

/* --- what others who read the same bytes must see as well ------------------------------------ */

/* Takes a line off the front: its end is CR LF, and neither stands in it alone. */
static struct vs_view take_line(struct vs_view *rest)
{
	const char *end = memmem(rest->ptr, rest->len, "\r\n", 2);
	struct vs_view line = {rest->ptr, 0};

	VS_REQUIRE(end != NULL);
	line.len = (size_t)(end - rest->ptr);
	VS_REQUIRE(memchr(line.ptr, '\r', line.len) == NULL && memchr(line.ptr, '\n', line.len) == NULL);
	rest->ptr += line.len + 2;
	rest->len -= line.len + 2;
	return line;
}

static void check_raw_head(struct vs_view raw, const struct vs_http_message *message)
{
	struct vs_view line;
	size_t fields = 0;

	do
		line = take_line(&raw);
	while (line.len == 0); /* blank lines before a request are no part of it */
	while ((line = take_line(&raw)).len > 0) {
		VS_REQUIRE(line.ptr[0] != ' ' && line.ptr[0] != '\t' && line.ptr[0] != ':');
		VS_REQUIRE(memchr(line.ptr, ':', line.len) != NULL);
		fields++;
	}
	VS_REQUIRE(raw.len == 0 && fields == message->field_count);
}

static size_t hex_size(struct vs_view line)
{
	size_t size = 0;
	size_t at = 0;

	for (; at < line.len && isxdigit((unsigned char)line.ptr[at]); at++) {
		unsigned char c = (unsigned char)tolower((unsigned char)line.ptr[at]);

		VS_REQUIRE(size <= sizes.body);
		size = size * 16 + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	VS_REQUIRE(at > 0 && (at == line.len || line.ptr[at] == ';'));
	return size;
}

/* Chunks as RFC 9112 has them, and nothing that only we would take for such. */
static void check_raw_chunks(struct vs_view raw, struct vs_view body)
{
	size_t size;

	while ((size = hex_size(take_line(&raw))) > 0) {
		VS_REQUIRE(size <= body.len && size + 2 <= raw.len);
		VS_REQUIRE(memcmp(raw.ptr, body.ptr, size) == 0 && memcmp(raw.ptr + size, "\r\n", 2) == 0);
		body.ptr += size;
		body.len -= size;
		raw.ptr += size + 2;
		raw.len -= size + 2;
	}
	VS_REQUIRE(body.len == 0);
	while (take_line(&raw).len > 0)
		;
	VS_REQUIRE(raw.len == 0);
}

static void check_raw(struct vs_view input)
{
	struct vs_http_parse *parser = vs_http_parse_create(&sizes);
	struct vs_http_message *message = vs_zalloc(sizeof(*message));
	struct vs_view rest = input;

	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		const char *start = rest.ptr;
		const char *body;

		vs_http_parse_begin(parser, message);
		if (vs_http_parse_feed(parser, &rest) != VS_HTTP_PARSED_HEAD)
			break;
		check_raw_head((struct vs_view){start, (size_t)(rest.ptr - start)}, message);
		body = rest.ptr;
		if (vs_http_parse_feed(parser, &rest) != VS_HTTP_PARSED_ALL)
			break;
		if (message->chunked)
			check_raw_chunks((struct vs_view){body, (size_t)(rest.ptr - body)}, message->body);
		else
			VS_REQUIRE(vs_view_equal(
				message->body, (struct vs_view){body, (size_t)(rest.ptr - body)}));
	}
	vs_buf_fini(&message->bytes);
	vs_free(message);
	vs_http_parse_destroy(parser);
}

void fuzz_one(struct vs_view input)
{
	struct vs_buf whole;

	if (input.len == 0)
		return;
	check_raw(input);
	parse(&whole, input, 0, input.len);
	require_same(&whole, input, 0, 1);
	require_same(&whole, input, 0, 1 + fuzz_choice(input, 1, input.len));
	if (input.len <= ALL_CUTS_MAX) {
		for (size_t cut = 1; cut < input.len; cut++)
			require_same(&whole, input, cut, input.len);
	} else {
		for (size_t salt = 2; salt < 5; salt++)
			require_same(&whole, input, 1 + fuzz_choice(input, salt, input.len - 1), input.len);
	}
	vs_buf_fini(&whole);
}
