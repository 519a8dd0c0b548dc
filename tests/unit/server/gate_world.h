/* A gate with stand-ins for access checks, on a clock that stands still. Include it in one file. */
#ifndef VS_TESTS_GATE_WORLD_H
#define VS_TESTS_GATE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/http_parse.h"
#include "net/http_message.h"
#include "server/gate.h"

#define KEY "good-key"

/* What a stand-in says, or that it looks for KEY. */
struct stand_in {
	struct vpns_auth_result says;
	bool looks; /* allows the key as principal "key", denies what is none */
	bool waits; /* answers when the test says so */
	unsigned asked;
	char saw_address[64];
	vs_auth_done *done;
	void *arg;
};

static inline uint64_t now_ms(void)
{
	return 1000;
}

static inline struct vpns_auth_result look(const struct vpns_auth_request *request)
{
	struct vpns_auth_result result = {.status = VPNS_AUTH_DENY, .deny = VPNS_DENY_NO_CREDENTIALS};
	const char *bearer = request->header(request, "authorization");
	const char *plain = request->header(request, "X-Api-Key");

	if (bearer == NULL && plain == NULL)
		return result;
	result.deny = VPNS_DENY_BAD_CREDENTIALS;
	if ((bearer != NULL && strcmp(bearer, "Bearer " KEY) == 0) ||
		(plain != NULL && strcmp(plain, KEY) == 0)) {
		result.status = VPNS_AUTH_ALLOW;
		result.principal = "key";
		result.roles = VPNS_AUTH_ROLE_READ;
	}
	return result;
}

static inline vpns_op ask(void *target, const struct vpns_auth_request *request, uint32_t timeout_ms,
	vs_auth_done *done, void *arg)
{
	struct stand_in *self = target;
	struct vpns_auth_result result = self->looks ? look(request) : self->says;

	assert_int_equal(timeout_ms, VS_GATE_TIMEOUT_MS);
	self->asked++;
	strncpy(self->saw_address, request->address, sizeof(self->saw_address) - 1);
	if (self->waits) {
		self->done = done;
		self->arg = arg;
		return 1;
	}
	done(arg, &result);
	return 0;
}

static inline void answer_late(struct stand_in *self)
{
	vs_auth_done *done = self->done;

	self->done = NULL;
	done(self->arg, &self->says);
}

/* A gate, and one request at a time before it. */
struct scene {
	struct stand_in stand_ins[3];
	struct vs_gate *gate;
	struct vs_http_parse *parse;
	struct vs_http_message message;
	struct vs_visit visit;
	unsigned done;
	bool keyless;
};

static const struct vs_http_sizes sizes = {16384, 8192, 65536};

/* kinds: 'r'equired or 's'ufficient, one letter a check. */
static inline struct scene *scene_create(const char *kinds, uint32_t requests)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct vs_gate_check checks[3] = {{0}};
	struct vs_gate_conf conf = {
		.checks = checks,
		.check_count = strlen(kinds),
		.limit = {requests, 60000, requests, 0},
		.admin_uid = 1234,
		.mono_ms = now_ms,
	};
	size_t i;

	assert_non_null(scene);
	for (i = 0; i < conf.check_count; i++)
		checks[i] = (struct vs_gate_check){.ask = ask,
			.target = &scene->stand_ins[i],
			.name = "stand-in",
			.control = kinds[i] == 'r' ? VS_CONTROL_REQUIRED : VS_CONTROL_SUFFICIENT};
	scene->gate = vs_gate_create(&conf);
	scene->parse = vs_http_parse_create(&sizes);
	return scene;
}

static inline void scene_destroy(struct scene *scene)
{
	vs_visit_fini(&scene->visit);
	vs_gate_destroy(scene->gate);
	vs_http_parse_destroy(scene->parse);
	vs_buf_fini(&scene->message.bytes);
	free(scene);
}

static inline void on_done(void *arg)
{
	struct scene *scene = arg;

	scene->done++;
}

/* Sends a request with these header lines, each with its line end. */
static inline enum vs_gate_answer visit_from(struct scene *scene, const char *headers, const char *address)
{
	struct vs_buf text;
	struct vs_view input;

	vs_buf_init(&text);
	vs_buf_printf(&text, "GET /x HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
	input = vs_buf_view(&text);
	vs_http_parse_begin(scene->parse, &scene->message);
	assert_int_equal(vs_http_parse_feed(scene->parse, &input), VS_HTTP_PARSED_HEAD);
	assert_int_equal(vs_http_parse_feed(scene->parse, &input), VS_HTTP_PARSED_ALL);
	vs_buf_fini(&text);
	assert_int_equal(vs_addr_parse(&scene->message.peer, vs_view_of(address)), 0);
	vs_visit_fini(&scene->visit);
	memset(&scene->visit, 0, sizeof(scene->visit));
	scene->done = 0;
	scene->visit.message = &scene->message;
	scene->visit.from = scene->message.peer;
	scene->visit.keyless = scene->keyless ? VPNS_AUTH_ROLE_READ : 0;
	scene->visit.done = on_done;
	scene->visit.arg = scene;
	vs_gate_ask(scene->gate, &scene->visit);
	return scene->visit.answer;
}

static inline enum vs_gate_answer visit(struct scene *scene, const char *headers)
{
	return visit_from(scene, headers, "192.0.2.7");
}

#define GOOD "Authorization: Bearer " KEY "\r\n"
#define WRONG "X-API-Key: wrong\r\n"

static inline void say(struct scene *scene, size_t index, uint32_t status, uint32_t deny)
{
	scene->stand_ins[index].says =
		(struct vpns_auth_result){.status = status, .deny = deny, .reason = "because"};
}

static inline void count_one(void *arg)
{
	(*(unsigned *)arg)++;
}

#endif
