#include "net/http_parse.h"

#include <llhttp.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"
#include "net/http_host.h"
#include "net/http_message.h"
#include "net/http_target.h"

/* Chunk lines, extensions and trailers may cost this much more than the body they carry. */
#define CHUNK_OVERHEAD_FIXED 16384
#define CHUNK_OVERHEAD_PER_BYTE 8

enum stage { IN_HEAD, HEAD_SEEN, IN_BODY, IN_TRAILERS, COMPLETE };

struct vs_http_parse {
	llhttp_t llhttp;
	const struct vs_http_sizes *sizes;
	struct vs_http_message *message;
	const char *input; /* what llhttp is reading; its first byte will stand at base */
	size_t base;
	enum stage stage;
	enum vs_http_problem problem;
	bool in_field;
	uint16_t url;
	uint16_t url_len;
	uint16_t path; /* offsets of the views: the bytes move when the body grows */
	uint16_t query;
	uint64_t raw_body; /* bytes after the head as they came */
	char last; /* byte of the trailers that was read, and before them a LF */
};

static int fail(struct vs_http_parse *parse, enum vs_http_problem problem)
{
	if (parse->problem == VS_HTTP_NO_PROBLEM)
		parse->problem = problem;
	return -1;
}

static uint16_t offset_of(const struct vs_http_parse *parse, const char *at)
{
	return (uint16_t)(parse->base + (size_t)(at - parse->input));
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
	struct vs_http_parse *parse = llhttp->data;

	if (parse->url_len == 0)
		parse->url = offset_of(parse, at);
	if (len > parse->sizes->url - parse->url_len)
		return fail(parse, VS_HTTP_P_TARGET_TOO_LONG);
	parse->url_len = (uint16_t)(parse->url_len + len);
	return 0;
}

static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
	struct vs_http_parse *parse = llhttp->data;
	struct vs_http_message *message = parse->message;
	struct vs_http_field *field;

	if (parse->stage != IN_HEAD) /* a trailer: nobody here reads them */
		return 0;
	if (!parse->in_field) {
		if (message->field_count == VS_HTTP_FIELDS_MAX)
			return fail(parse, VS_HTTP_P_HEAD_TOO_LARGE);
		field = &message->fields[message->field_count++];
		*field = (struct vs_http_field){.name = offset_of(parse, at)};
		parse->in_field = true;
	}
	field = &message->fields[message->field_count - 1];
	field->name_len = (uint16_t)(field->name_len + len);
	return 0;
}

static int on_field_complete(llhttp_t *llhttp)
{
	struct vs_http_parse *parse = llhttp->data;
	const struct vs_http_message *message = parse->message;

	if (parse->stage != IN_HEAD)
		return 0;
	/* llhttp takes ": value", which would otherwise go to the header before it. */
	if (!parse->in_field || message->fields[message->field_count - 1].name_len == 0)
		return fail(parse, VS_HTTP_P_BAD_REQUEST);
	parse->in_field = false;
	return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
	struct vs_http_parse *parse = llhttp->data;
	struct vs_http_field *field;

	if (parse->stage != IN_HEAD || len == 0)
		return 0;
	field = &parse->message->fields[parse->message->field_count - 1];
	if (field->value_len == 0)
		field->value = offset_of(parse, at);
	field->value_len = (uint16_t)(field->value_len + len);
	return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
	struct vs_http_parse *parse = llhttp->data;

	/* Offers to speak another protocol are ignored: the request is an ordinary one. */
	llhttp->upgrade = 0;
	parse->stage = HEAD_SEEN;
	return HPE_PAUSED;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
	struct vs_http_parse *parse = llhttp->data;
	struct vs_http_message *message = parse->message;
	size_t body = message->bytes.len - message->head_len;

	/* The limit may have been lowered since the body began. */
	if (body > parse->sizes->body || len > parse->sizes->body - body)
		return fail(parse, VS_HTTP_P_BODY_TOO_LARGE);
	vs_buf_add(&message->bytes, at, len);
	return 0;
}

/* The line of the last chunk, which has no bytes, is read. */
static int on_chunk_header(llhttp_t *llhttp)
{
	struct vs_http_parse *parse = llhttp->data;

	if (llhttp->content_length > 0)
		return 0;
	parse->stage = IN_TRAILERS;
	parse->last = '\n';
	return HPE_PAUSED;
}

static int on_message_complete(llhttp_t *llhttp)
{
	struct vs_http_parse *parse = llhttp->data;

	parse->stage = COMPLETE;
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_field_complete = on_field_complete,
	.on_header_value = on_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_chunk_header = on_chunk_header,
	.on_message_complete = on_message_complete,
};

struct vs_http_parse *vs_http_parse_create(const struct vs_http_sizes *sizes)
{
	struct vs_http_parse *parse = vs_zalloc(sizeof(*parse));

	VS_REQUIRE(sizes->head <= UINT16_MAX && sizes->url <= sizes->head);
	parse->sizes = sizes;
	return parse;
}

void vs_http_parse_destroy(struct vs_http_parse *parse)
{
	vs_free(parse);
}

void vs_http_parse_begin(struct vs_http_parse *parse, struct vs_http_message *message)
{
	const struct vs_http_sizes *sizes = parse->sizes;
	struct vs_buf bytes = message->bytes;

	memset(message, 0, offsetof(struct vs_http_message, fields));
	message->bytes = bytes;
	vs_buf_clear(&message->bytes);
	memset(parse, 0, sizeof(*parse));
	parse->sizes = sizes;
	parse->message = message;
	llhttp_init(&parse->llhttp, HTTP_REQUEST, &callbacks);
	parse->llhttp.data = parse;
}

/* Every LF ends a line together with a CR, and no line goes on with a blank in the next. */
static bool lines_are_clean(const struct vs_buf *head)
{
	const char *end = head->ptr + head->len;
	const char *at = head->ptr;

	/* Of blank lines before the request llhttp takes half ones, too. */
	for (; at < end && *at == '\r'; at += 2)
		if (at + 1 == end || at[1] != '\n')
			return false;
	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (at == head->ptr || at[-1] != '\r')
			return false;
		at++;
		if (at < end && (*at == ' ' || *at == '\t'))
			return false;
	}
	return true;
}

/* "METHOD target HTTP/1.x" with one blank at each place, where llhttp lets more pass. */
static bool request_line_is_exact(const struct vs_http_parse *parse)
{
	const struct vs_buf *head = &parse->message->bytes;
	const char *target = head->ptr + parse->url;
	const char *after = target + parse->url_len;

	if (parse->url < 2 || parse->url_len == 0 || head->len - parse->url - parse->url_len < 11)
		return false;
	return target[-1] == ' ' && target[-2] != ' ' && memcmp(after, " HTTP/1.", 8) == 0 &&
	       after[9] == '\r' && after[10] == '\n';
}

static enum vs_http_method method_of(const llhttp_t *llhttp)
{
	switch (llhttp->method) {
#define METHOD_CASE(name)                                                                                    \
	case HTTP_##name:                                                                                    \
		return VS_HTTP_##name;
		VS_HTTP_METHOD_ROWS(METHOD_CASE)
#undef METHOD_CASE
	default:
		return VS_HTTP_NO_METHOD;
	}
}

/* Trims each value and ends each name and value with a NUL, over bytes that have been read. */
static void end_fields(struct vs_http_message *message)
{
	char *bytes = message->bytes.ptr;
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		struct vs_http_field *field = &message->fields[i];

		if (field->value_len == 0)
			field->value = (uint16_t)(field->name + field->name_len);
		while (field->value_len > 0 && (bytes[field->value + field->value_len - 1] == ' ' ||
						       bytes[field->value + field->value_len - 1] == '\t'))
			field->value_len--;
		bytes[field->name + field->name_len] = '\0';
		bytes[field->value + field->value_len] = '\0';
	}
}

/* The headers that decide how the request is read. */
static enum vs_http_problem check_fields(struct vs_http_message *message)
{
	struct vs_view name;
	struct vs_view value;
	unsigned hosts = 0;
	unsigned codings = 0;
	size_t i;

	for (i = 0; vs_http_message_field(message, i, &name, &value); i++) {
		if (vs_view_equal_nocase(name, "host")) {
			if (++hosts > 1 || !vs_http_host_is_valid(value))
				return VS_HTTP_P_BAD_HOST;
		} else if (vs_view_equal_nocase(name, "transfer-encoding")) {
			/* With a tab behind it llhttp knows no coding, and would refuse it behind the head.
			 */
			if (++codings > 1 || message->minor == 0 || !message->chunked ||
				!vs_view_equal_nocase(value, "chunked"))
				return VS_HTTP_P_BAD_REQUEST;
		} else if (message->minor > 0 && vs_view_equal_nocase(name, "expect")) {
			if (!vs_view_equal_nocase(value, "100-continue"))
				return VS_HTTP_P_BAD_EXPECT;
			message->expects_continue = true;
		}
	}
	return hosts == 0 && message->minor > 0 ? VS_HTTP_P_BAD_HOST : VS_HTTP_NO_PROBLEM;
}

/* The bytes move when the body grows. */
static void set_views(struct vs_http_parse *parse)
{
	struct vs_http_message *message = parse->message;

	message->path.ptr = message->bytes.ptr + parse->path;
	message->query.ptr = message->bytes.ptr + parse->query;
	message->body.ptr = message->bytes.ptr + message->head_len;
}

static enum vs_http_problem finish_head(struct vs_http_parse *parse)
{
	struct vs_http_message *message = parse->message;
	struct vs_http_target target;
	enum vs_http_problem problem;

	message->head_len = message->bytes.len;
	message->method = method_of(&parse->llhttp);
	message->minor = parse->llhttp.http_minor;
	message->keep_alive = llhttp_should_keep_alive(&parse->llhttp) != 0;
	message->chunked = (parse->llhttp.flags & F_CHUNKED) != 0;
	message->content_length = message->chunked ? 0 : parse->llhttp.content_length;
	if (!lines_are_clean(&message->bytes))
		return VS_HTTP_P_BAD_REQUEST;
	if (parse->llhttp.http_major != 1 || message->minor > 1)
		return VS_HTTP_P_BAD_VERSION;
	if (message->method == VS_HTTP_NO_METHOD)
		return VS_HTTP_P_BAD_METHOD;
	if (!request_line_is_exact(parse))
		return VS_HTTP_P_BAD_REQUEST;
	end_fields(message);
	problem = check_fields(message);
	if (problem != VS_HTTP_NO_PROBLEM)
		return problem;
	if (!vs_http_target_parse(&target, message->bytes.ptr + parse->url, parse->url_len,
		    message->method == VS_HTTP_OPTIONS))
		return VS_HTTP_P_BAD_TARGET;
	parse->path = (uint16_t)(parse->url + target.path);
	parse->query = (uint16_t)(parse->url + target.query);
	message->path.len = target.path_len;
	message->query.len = target.query_len;
	set_views(parse);
	return VS_HTTP_NO_PROBLEM;
}

static enum vs_http_parsed bad(struct vs_http_parse *parse, enum vs_http_problem problem)
{
	(void)fail(parse, problem);
	return VS_HTTP_PARSED_BAD;
}

/* Runs llhttp over input; returns how far it came, and whether it likes what it saw. */
static size_t execute(struct vs_http_parse *parse, struct vs_view input, bool *good)
{
	llhttp_errno_t error;

	parse->input = input.ptr;
	parse->base = parse->message->bytes.len;
	llhttp_resume(&parse->llhttp);
	error = llhttp_execute(&parse->llhttp, input.ptr, input.len);
	*good = error == HPE_OK || error == HPE_PAUSED;
	return error == HPE_PAUSED ? (size_t)(llhttp_get_error_pos(&parse->llhttp) - input.ptr) : input.len;
}

static void take(struct vs_view *input, size_t len)
{
	if (len == 0) /* of nothing at all: that may be at NULL, from where there is no way on */
		return;
	input->ptr += len;
	input->len -= len;
}

static enum vs_http_parsed feed_head(struct vs_http_parse *parse, struct vs_view *input)
{
	struct vs_http_message *message = parse->message;
	size_t room = parse->sizes->head - message->bytes.len;
	struct vs_view slice = {input->ptr, input->len < room ? input->len : room};
	enum vs_http_problem problem;
	size_t used;
	bool good;

	used = execute(parse, slice, &good);
	if (!good)
		return bad(parse, VS_HTTP_P_BAD_REQUEST);
	vs_buf_add(&message->bytes, slice.ptr, used);
	take(input, used);
	if (parse->stage == IN_HEAD) {
		if (message->bytes.len == parse->sizes->head)
			return bad(parse, VS_HTTP_P_HEAD_TOO_LARGE);
		return VS_HTTP_PARSED_PART;
	}
	problem = finish_head(parse);
	return problem == VS_HTTP_NO_PROBLEM ? VS_HTTP_PARSED_HEAD : bad(parse, problem);
}

/* What lines_are_clean() asks of a head: llhttp ends trailers at a bare LF, too. */
static bool trailers_are_clean(struct vs_http_parse *parse, struct vs_view bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		char c = bytes.ptr[i];

		if ((c == '\n') != (parse->last == '\r'))
			return false;
		if (parse->last == '\n' && (c == ' ' || c == '\t'))
			return false;
		parse->last = c;
	}
	return true;
}

/* Takes of input what belongs to the body, up to the trailers, or of these. */
static bool read_on(struct vs_http_parse *parse, struct vs_view *input)
{
	bool trailers = parse->stage == IN_TRAILERS;
	struct vs_view part = *input;
	bool good;

	part.len = execute(parse, *input, &good);
	if (!good || (trailers && !trailers_are_clean(parse, part)))
		return false;
	take(input, part.len);
	parse->raw_body += part.len;
	return trailers || parse->stage != IN_TRAILERS || read_on(parse, input);
}

static enum vs_http_parsed feed_body(struct vs_http_parse *parse, struct vs_view *input)
{
	struct vs_http_message *message = parse->message;
	uint64_t body;
	bool good;

	if (message->content_length > parse->sizes->body)
		return bad(parse, VS_HTTP_P_BODY_TOO_LARGE);
	if (parse->stage == HEAD_SEEN)
		parse->stage = IN_BODY;
	good = read_on(parse, input);
	set_views(parse);
	if (!good)
		return bad(parse, VS_HTTP_P_BAD_REQUEST);
	body = message->bytes.len - message->head_len;
	if (parse->raw_body - body > CHUNK_OVERHEAD_FIXED + CHUNK_OVERHEAD_PER_BYTE * body)
		return bad(parse, VS_HTTP_P_BAD_REQUEST);
	if (parse->stage != COMPLETE)
		return VS_HTTP_PARSED_PART;
	message->body.len = (size_t)body;
	return VS_HTTP_PARSED_ALL;
}

enum vs_http_parsed vs_http_parse_feed(struct vs_http_parse *parse, struct vs_view *input)
{
	if (parse->problem != VS_HTTP_NO_PROBLEM)
		return VS_HTTP_PARSED_BAD;
	VS_REQUIRE(parse->stage != COMPLETE);
	if (parse->stage == IN_HEAD)
		return feed_head(parse, input);
	return feed_body(parse, input);
}

enum vs_http_problem vs_http_parse_problem(const struct vs_http_parse *parse)
{
	return parse->problem;
}
