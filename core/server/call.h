/*
 * One request inside the API, from the gate to its answer. For the files of the API only.
 * Each function that answers ends the call: it must not be touched afterwards.
 */
#ifndef VS_SERVER_CALL_H
#define VS_SERVER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/text.h"
#include "base/view.h"
#include "model/report.h"
#include "net/http_server.h"
#include "server/gate.h"
#include "server/problem.h"

struct vs_api;
struct vs_buf;
struct vs_client;
struct vs_parts;
struct vs_api_route;

#define VS_CALL_HEADERS_MAX 12

struct vs_call {
	struct vs_api *api;
	struct vs_parts *parts;
	struct vs_http_exchange *exchange;
	const struct vs_http_message *message;
	const struct vs_api_route *route; /* NULL: no such path */
	struct vs_view id; /* what stands in the path for {id}, from the head to the handler */
	size_t id_at; /* where in the path */
	struct vs_addr from; /* whom it counts as */
	bool by_proxy; /* which a trusted proxy said */
	uint64_t begun_us;
	char client[VS_CLIENT_ID_MAX + 1]; /* that it is about, for the audit log; "": none */
	bool asking; /* the gate is, inside its call */
	bool asked; /* the gate has said its word */
	struct vs_visit visit;
	struct vs_http_header headers[VS_CALL_HEADERS_MAX]; /* more for the answer */
	size_t header_count;
	char numbers[4][VS_UINT_TEXT]; /* texts of the limit's headers */
};

/* value is borrowed until the answer. */
void vs_call_header(struct vs_call *call, const char *name, const char *value);

void vs_call_answer(struct vs_call *call, int status, const char *type, struct vs_buf *body); /* takes body */
void vs_call_json(struct vs_call *call, struct vs_buf *body); /* 200; takes body */
void vs_call_problem(struct vs_call *call, enum vs_api_problem problem, const char *detail);
/* member: the path of the body's member that is to blame; NULL or "": none. */
void vs_call_problem_of(
	struct vs_call *call, enum vs_api_problem problem, const char *detail, const char *member);
/* Answers 200 with a stream; the call ends now, the producer when it is finished. */
void vs_call_stream(struct vs_call *call, const char *type, const struct vs_http_producer *producer);

const char *vs_call_who(const struct vs_call *call); /* its principal; "somebody" when nobody said */
/* Before the audit log hears of it: which client the request is about. */
void vs_call_about(struct vs_call *call, const char *client_id);
/* Leaves the line of a call in the audit log. For a call that ends without an answer. */
void vs_call_audit(const struct vs_call *call, int status);

/* The client that {id} names, or NULL when it is not known: then the call was answered. */
const struct vs_client *vs_call_client(struct vs_call *call);
/* A number of the query from 1 to max, fallback when it is not given. False: the call was answered. */
bool vs_call_limit(struct vs_call *call, uint32_t max, uint32_t fallback, uint32_t *limit);

/* The handlers, one file each. */
void vs_api_health(struct vs_call *call);
void vs_api_health_detail(struct vs_call *call);
void vs_api_keepalive(struct vs_call *call);
void vs_api_status(struct vs_call *call);
void vs_api_page(struct vs_call *call);
void vs_api_client(struct vs_call *call);
void vs_api_client_delete(struct vs_call *call);
void vs_api_client_incidents(struct vs_call *call);
void vs_api_client_history(struct vs_call *call);
void vs_api_client_why(struct vs_call *call);
void vs_api_incidents(struct vs_call *call);
void vs_api_ack(struct vs_call *call);
void vs_api_silences(struct vs_call *call);
void vs_api_silence_begin(struct vs_call *call);
void vs_api_silence_end(struct vs_call *call);
void vs_api_metrics(struct vs_call *call);
void vs_api_backup(struct vs_call *call);
void vs_api_canary(struct vs_call *call);
void vs_api_notify(struct vs_call *call);

#endif
