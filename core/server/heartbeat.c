#include "server/heartbeat.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/view.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "net/http_client.h"
#include "net/url.h"
#include "server/condition.h"
#include "server/parts.h"

#define AREA "heartbeat"

struct vs_heartbeat {
	struct vs_http_client *client;
	const struct vs_parts *parts;
	char *url; /* NULL: none */
	int64_t interval_ms;
	int64_t timeout_ms;
	struct vs_timer *timer;
	uint64_t request; /* 0: none is under way */
	bool failing; /* the last one was not taken: said already */
	bool holding; /* the last one was not sent: said already */
};

int vs_heartbeat_check(const struct vs_heartbeat_conf *conf, struct vs_err *err)
{
	struct vs_url url;
	struct vs_err why;

	if (conf->url == NULL || vs_url_parse(&url, vs_view_of(conf->url), &why) == 0)
		return 0;
	return vs_err_set(err, VS_ERR_INVALID,
		"'url' of heartbeat must be an address that begins with http:// or https://");
}

/* why: NULL when it was taken. The same again and again is said once. */
static void note(struct vs_heartbeat *heartbeat, const char *why)
{
	if (why == NULL && heartbeat->failing)
		vs_log(VS_LOG_INFO, AREA, "taken again");
	else if (why != NULL && !heartbeat->failing)
		vs_log(VS_LOG_WARN, AREA, "not taken: %s", why);
	heartbeat->failing = why != NULL;
}

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct vs_heartbeat *heartbeat = arg;
	char answer[40];

	heartbeat->request = 0;
	snprintf(answer, sizeof(answer), "the answer was %u", (unsigned)reply->status);
	if (reply->error != VS_HTTP_E_OK)
		note(heartbeat, reply->error_text);
	else
		note(heartbeat, reply->status >= 200 && reply->status < 300 ? NULL : answer);
}

static void ask(struct vs_heartbeat *heartbeat)
{
	const struct vs_http_request request = {
		.url = heartbeat->url,
		.timeout_ms = (uint32_t)heartbeat->timeout_ms,
		.fresh = true,
	};

	if (heartbeat->request != 0) { /* its timeout is longer than the interval */
		vs_http_cancel(heartbeat->client, heartbeat->request);
		note(heartbeat, "no answer came before the next one was due");
	}
	heartbeat->request = vs_http_send(heartbeat->client, &request, on_reply, heartbeat);
	if (heartbeat->request == 0)
		note(heartbeat, "too many requests are under way");
}

static void on_time(void *arg)
{
	struct vs_heartbeat *heartbeat = arg;
	enum vs_condition condition = vs_condition_of(heartbeat->parts);
	bool well = condition == VS_CONDITION_HEALTHY;

	vs_timer_start(heartbeat->timer, (uint64_t)heartbeat->interval_ms);
	if (well)
		ask(heartbeat);
	else if (!heartbeat->holding)
		vs_log(VS_LOG_WARN, AREA, "withheld while the server is %s", vs_condition_name(condition));
	heartbeat->holding = !well;
}

static void take(struct vs_heartbeat *heartbeat, const struct vs_heartbeat_conf *conf)
{
	heartbeat->url = vs_strdup_or_null(conf->url);
	heartbeat->interval_ms = conf->interval_ms;
	heartbeat->timeout_ms = conf->timeout_ms;
	if (heartbeat->url != NULL)
		vs_timer_start(heartbeat->timer, 0);
}

struct vs_heartbeat *vs_heartbeat_create(struct vs_loop *loop, struct vs_http_client *client,
	const struct vs_parts *parts, const struct vs_heartbeat_conf *conf)
{
	struct vs_heartbeat *heartbeat = vs_zalloc(sizeof(*heartbeat));

	heartbeat->client = client;
	heartbeat->parts = parts;
	heartbeat->timer = vs_timer_create(loop, on_time, heartbeat);
	take(heartbeat, conf);
	return heartbeat;
}

static bool is_same(const struct vs_heartbeat *heartbeat, const struct vs_heartbeat_conf *conf)
{
	if (heartbeat->interval_ms != conf->interval_ms || heartbeat->timeout_ms != conf->timeout_ms)
		return false;
	if (heartbeat->url == NULL || conf->url == NULL)
		return heartbeat->url == conf->url;
	return strcmp(heartbeat->url, conf->url) == 0;
}

static void stop(struct vs_heartbeat *heartbeat)
{
	vs_http_cancel(heartbeat->client, heartbeat->request);
	heartbeat->request = 0;
	vs_timer_stop(heartbeat->timer);
	vs_free(heartbeat->url);
	heartbeat->url = NULL;
	heartbeat->failing = false;
	heartbeat->holding = false;
}

void vs_heartbeat_change(struct vs_heartbeat *heartbeat, const struct vs_heartbeat_conf *conf)
{
	if (heartbeat == NULL || is_same(heartbeat, conf))
		return;
	stop(heartbeat);
	take(heartbeat, conf);
}

void vs_heartbeat_destroy(struct vs_heartbeat *heartbeat)
{
	if (heartbeat == NULL)
		return;
	stop(heartbeat);
	vs_timer_destroy(heartbeat->timer);
	vs_free(heartbeat);
}
