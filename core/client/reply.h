/*
 * The server's answer to a keepalive. Pure and total: bytes of a stranger in, a value or a
 * sentence out. Members that are missing or unknown are no error: older and other servers
 * say less.
 */
#ifndef VS_CLIENT_REPLY_H
#define VS_CLIENT_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"
#include "model/verdict.h"

#define VS_REPLY_TEXT 256
#define VS_REPLY_TOKEN 65 /* with its NUL */

struct vs_err;

struct vs_reply_answer {
	bool given;
	enum vs_verdict verdict;
	enum vs_confidence confidence;
	char evidence[VS_REPLY_TEXT]; /* cut at a whole character */
};

struct vs_reply {
	bool judged; /* overall is the server's word */
	enum vs_verdict overall;
	struct vs_reply_answer answers[VS_QUESTIONS];
	uint64_t interval_ms; /* 0: no wish */
	bool durable; /* false only when the server says so */
	bool probe; /* somebody wants everything measured now */
	char canary[VS_REPLY_TOKEN]; /* what signs canaries: 64 hexadecimal digits; "" when not given. Secret.
				      */
};

/* Fails when body is not a JSON object that says "ok": then nobody took the report. */
int vs_reply_parse(struct vs_reply *reply, struct vs_view body, struct vs_err *err);

/* What an error's body says for people ("detail", else "title", "message", "error"); "" when nothing. */
void vs_reply_detail(char detail[VS_REPLY_TEXT], struct vs_view body);

#endif
