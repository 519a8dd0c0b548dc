#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/require.h"
#include "net/http_conn.h"
#include "net/http_date.h"

/* A body up to this goes out in one piece with its head. */
#define SMALL_BODY 16384

const struct vs_http_message *vs_http_exchange_message(const struct vs_http_exchange *exchange)
{
	return &exchange->message;
}

bool vs_http_exchange_gone(const struct vs_http_exchange *exchange)
{
	return exchange->conn == NULL;
}

void *vs_http_exchange_data(const struct vs_http_exchange *exchange)
{
	return exchange->data;
}

void vs_http_exchange_set_data(struct vs_http_exchange *exchange, void *data)
{
	exchange->data = data;
}

void vs_http_exchange_free(struct vs_http_exchange *exchange)
{
	if (exchange == NULL)
		return;
	vs_buf_fini(&exchange->out);
	vs_buf_fini(&exchange->body);
	vs_buf_fini(&exchange->message.bytes);
	vs_free(exchange);
}

static void add_number(struct vs_buf *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	vs_buf_add(out, digits + at, sizeof(digits) - at);
}

static void add_date(struct vs_http_server *server, struct vs_buf *out)
{
	int64_t now = vs_wall_ms();
	char date[VS_HTTP_DATE_TEXT];

	if (server->date_second != now / 1000) {
		server->date_second = now / 1000;
		vs_http_date_format(date, now);
		(void)snprintf(server->date, sizeof(server->date), "Date: %s\r\n", date);
	}
	vs_buf_add_text(out, server->date);
}

/* A value may hold what a peer sent: it must not end the line. */
static void add_header(struct vs_buf *out, const char *name, const char *value)
{
	size_t from;
	size_t i;

	vs_buf_add_text(out, name);
	vs_buf_add(out, ": ", 2);
	from = out->len;
	vs_buf_add_text(out, value);
	for (i = from; i < out->len; i++)
		if ((unsigned char)out->ptr[i] < ' ' || out->ptr[i] == 0x7f)
			out->ptr[i] = ' ';
	vs_buf_add(out, "\r\n", 2);
}

static bool status_has_no_body(int status)
{
	return status < 200 || status == 204 || status == 304;
}

void vs_http_exchange_begin(struct vs_http_exchange *exchange, const struct vs_http_answer *answer)
{
	struct vs_http_conn *conn = exchange->conn;
	struct vs_http_server *server = conn->server;
	const struct vs_http_message *message = &exchange->message;

	VS_REQUIRE(exchange->status == 0 && conn->state == VS_HTTP_HANDLING);
	VS_REQUIRE(answer->status >= 200 && answer->status <= 599);
	vs_http_conn_wait(conn, VS_HTTP_WAIT_NONE); /* it may be an answer to a head alone */
	exchange->status = answer->status;
	exchange->bodiless = message->method == VS_HTTP_HEAD || status_has_no_body(answer->status);
	if (answer->close || !message->keep_alive || server->stopping || conn->leaving ||
		(!exchange->complete && !exchange->rest_is_here))
		conn->close_after = true;
	if (server->events.answered != NULL)
		server->events.answered(server->arg, message, answer->status);
}

/* length < 0: unknown. */
void vs_http_exchange_head(
	struct vs_http_exchange *exchange, const struct vs_http_answer *answer, int64_t length)
{
	struct vs_http_conn *conn = exchange->conn;
	struct vs_buf *out = &exchange->out;
	size_t i;

	vs_buf_reserve(out, 256 + (length > 0 && length <= SMALL_BODY ? (size_t)length : 0));
	vs_buf_add_text(out, "HTTP/1.1 ");
	add_number(out, (uint64_t)answer->status);
	vs_buf_add_char(out, ' ');
	vs_buf_add_text(out, vs_http_status_text(answer->status));
	vs_buf_add(out, "\r\n", 2);
	add_date(conn->server, out);
	if (answer->type != NULL)
		add_header(out, "Content-Type", answer->type);
	if (length >= 0 && !status_has_no_body(answer->status)) {
		vs_buf_add_text(out, "Content-Length: ");
		add_number(out, (uint64_t)length);
		vs_buf_add(out, "\r\n", 2);
	} else if (length < 0 && exchange->message.minor > 0 && !status_has_no_body(answer->status)) {
		vs_buf_add_text(out, "Transfer-Encoding: chunked\r\n");
	}
	if (conn->close_after)
		vs_buf_add_text(out, "Connection: close\r\n");
	else if (exchange->message.minor == 0)
		vs_buf_add_text(out, "Connection: keep-alive\r\n");
	for (i = 0; i < answer->header_count; i++)
		add_header(out, answer->headers[i].name, answer->headers[i].value);
	vs_buf_add(out, "\r\n", 2);
}

/* Sends out and body as they stand. */
void vs_http_exchange_send(struct vs_http_exchange *exchange)
{
	struct vs_http_conn *conn = exchange->conn;
	struct vs_view parts[2] = {vs_buf_view(&exchange->out), vs_buf_view(&exchange->body)};

	conn->state = VS_HTTP_WRITING;
	switch (vs_transport_write(&conn->transport, parts, 2)) {
	case VS_TRANSPORT_DONE:
		vs_http_conn_answered(conn);
		break;
	case VS_TRANSPORT_LATER:
		vs_http_conn_wait(conn, VS_HTTP_WAIT_WRITE);
		break;
	case VS_TRANSPORT_BROKEN:
		vs_http_conn_close(conn);
		break;
	}
}

void vs_http_answer(
	struct vs_http_exchange *exchange, const struct vs_http_answer *answer, struct vs_view body)
{
	struct vs_buf *to;

	if (exchange->conn == NULL) {
		vs_http_exchange_free(exchange);
		return;
	}
	vs_http_exchange_begin(exchange, answer);
	vs_http_exchange_head(exchange, answer, (int64_t)body.len);
	to = body.len <= SMALL_BODY ? &exchange->out : &exchange->body;
	if (!exchange->bodiless)
		vs_buf_add(to, body.ptr, body.len);
	vs_http_exchange_send(exchange);
}

void vs_http_answer_take(
	struct vs_http_exchange *exchange, const struct vs_http_answer *answer, struct vs_buf *body)
{
	if (exchange->conn == NULL || exchange->message.method == VS_HTTP_HEAD ||
		status_has_no_body(answer->status) || body->len <= SMALL_BODY) {
		vs_http_answer(exchange, answer, vs_buf_view(body));
		vs_buf_fini(body);
		return;
	}
	vs_http_exchange_begin(exchange, answer);
	vs_http_exchange_head(exchange, answer, (int64_t)body->len);
	exchange->body = *body;
	vs_buf_init(body);
	vs_http_exchange_send(exchange);
}

void vs_http_answer_problem(struct vs_http_exchange *exchange, enum vs_http_problem problem)
{
	struct vs_http_answer answer = {
		.status = vs_http_problem_status(problem), .type = VS_HTTP_PROBLEM_TYPE};
	struct vs_buf body;

	vs_buf_init(&body);
	vs_http_problem_body(&body, problem);
	vs_http_answer_take(exchange, &answer, &body);
}
