/* What a server, or whoever answers in its place, says to a keepalive. */
#include "fuzz.h"

#include <string.h>

#include "base/err.h"
#include "client/reply.h"
#include "model/json.h"

void fuzz_begin(void)
{
	vs_json_setup();
}

void fuzz_one(struct vs_view input)
{
	char detail[VS_REPLY_TEXT];
	struct vs_reply reply;
	struct vs_err err = {0};

	memset(&reply, 0xee, sizeof(reply));
	memset(detail, 0xee, sizeof(detail));
	vs_reply_detail(detail, input);
	fuzz_require_text(detail, sizeof(detail));
	if (vs_reply_parse(&reply, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		return;
	}
	VS_REQUIRE(reply.interval_ms <= UINT64_C(86400000));
	VS_REQUIRE(!reply.judged || vs_verdict_name(reply.overall)[0] != '\0');
	for (int i = 0; i < VS_QUESTIONS; i++) {
		fuzz_require_text(reply.answers[i].evidence, sizeof(reply.answers[i].evidence));
		if (reply.answers[i].given)
			VS_REQUIRE(vs_verdict_name(reply.answers[i].verdict)[0] != '\0');
	}
}
