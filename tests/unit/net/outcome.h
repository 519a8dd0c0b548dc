/* What became of a request of the HTTP client, copied out of its reply. */
#ifndef VS_TESTS_NET_OUTCOME_H
#define VS_TESTS_NET_OUTCOME_H

#include "rig.h"

#include "net/http_client.h"
#include "peer.h"

/* What the last reply was, copied out of it. */
struct outcome {
	struct vs_loop *loop;
	struct vs_http_client *client;
	unsigned dones;
	unsigned expected; /* the last of them stops the loop */
	enum vs_http_error error;
	uint32_t status;
	char body[256];
	size_t body_len;
	char text[768];
	char remote[64];
	char header[128]; /* X-Test */
	uint64_t elapsed_ms;
	uint64_t retry_after_ms;
	uint64_t cancel_in_done;
};

static inline void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct outcome *outcome = arg;
	const char *header = vs_http_reply_header(reply, "x-tESt");

	outcome->error = reply->error;
	outcome->status = reply->status;
	outcome->body_len = reply->body_len;
	assert_int_equal(reply->body[reply->body_len], '\0');
	(void)snprintf(outcome->body, sizeof(outcome->body), "%s", reply->body);
	(void)snprintf(outcome->text, sizeof(outcome->text), "%s", reply->error_text);
	(void)snprintf(outcome->remote, sizeof(outcome->remote), "%s", reply->remote_address);
	(void)snprintf(outcome->header, sizeof(outcome->header), "%s", header != NULL ? header : "-");
	outcome->elapsed_ms = reply->elapsed_ms;
	outcome->retry_after_ms = reply->retry_after_ms;
	vs_http_cancel(outcome->client, outcome->cancel_in_done);
	if (++outcome->dones == outcome->expected)
		vs_loop_stop(outcome->loop);
}

static inline void outcome_open(struct outcome *outcome)
{
	static const struct vs_http_settings settings = {.version = "1.2.3", .max_running = 100};

	*outcome = (struct outcome){.loop = vs_loop_create(), .expected = 1};
	outcome->client = vs_http_client_create(outcome->loop, &settings);
}

static inline void outcome_close(struct outcome *outcome)
{
	vs_http_client_destroy(outcome->client);
	vs_loop_destroy(outcome->loop);
}

/* Sends one request and waits for its end. */
static inline void exchange(struct outcome *outcome, const struct vs_http_request *request)
{
	outcome_open(outcome);
	assert_int_not_equal(vs_http_send(outcome->client, request, on_reply, outcome), 0);
	assert_int_equal(outcome->dones, 0);
	assert_true(vs_loop_run_for(outcome->loop, 20000));
	assert_int_equal(outcome->dones, 1);
	outcome_close(outcome);
}

/* The outcome of asking a peer that says these bytes. */
static inline struct outcome ask(struct peer *peer, struct vs_http_request request)
{
	struct outcome outcome;

	peer_start(peer);
	request.url = peer->url;
	exchange(&outcome, &request);
	peer_stop(peer);
	assert_null(strstr(outcome.text, "secret-token"));
	if (outcome.error != VS_HTTP_E_OK)
		assert_true(strlen(outcome.text) > 10);
	return outcome;
}

static inline struct outcome ask_plainly(const char *says)
{
	struct peer peer = {.says = says};

	return ask(&peer, (struct vs_http_request){0});
}

static inline int without_proxies(void **state)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
	return 0;
}

#endif
