#include "cli/fetch.h"

#include <string.h>

#include "config/env.h"
#include "loop/loop.h"
#include "net/http_client.h"

#define REPLY_MAX (256 * 1024 * 1024)

struct fetching {
	struct vs_loop *loop;
	struct vs_fetched *fetched;
	struct vs_err *err;
	const char *where;
	int rc;
};

void vs_fetched_init(struct vs_fetched *fetched)
{
	memset(fetched, 0, sizeof(*fetched));
}

void vs_fetched_fini(struct vs_fetched *fetched)
{
	vs_buf_fini(&fetched->body);
	vs_buf_fini(&fetched->link);
}

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct fetching *fetching = arg;
	const char *link = vs_http_reply_header(reply, "Link");

	vs_loop_stop(fetching->loop);
	if (reply->error != VS_HTTP_E_OK) {
		fetching->rc = vs_err_set(
			fetching->err, VS_ERR_NETWORK, "%s: %s", fetching->where, reply->error_text);
		return;
	}
	fetching->fetched->status = reply->status;
	vs_buf_clear(&fetching->fetched->body);
	vs_buf_add(&fetching->fetched->body, reply->body, reply->body_len);
	vs_buf_clear(&fetching->fetched->link);
	if (link != NULL)
		vs_buf_add_text(&fetching->fetched->link, link);
}

static void send(struct fetching *fetching, struct vs_http_client *client, const struct vs_fetch *fetch,
	const char *url)
{
	struct vs_http_header header = {"X-API-Key", fetch->key};
	struct vs_http_request request = {
		.url = url,
		.headers = &header,
		.header_count = fetch->key != NULL ? 1 : 0,
		.timeout_ms = fetch->timeout_ms,
		.max_reply = REPLY_MAX,
		.ca_file = fetch->ca_file,
		.unix_socket = fetch->url == NULL ? fetch->unix_socket : NULL,
		.insecure = fetch->insecure,
	};

	if (vs_http_send(client, &request, on_reply, fetching) == 0)
		fetching->rc = vs_err_set(fetching->err, VS_ERR_INVALID, "%s: not a URL", fetching->where);
	else
		vs_loop_run(fetching->loop);
}

int vs_fetch(struct vs_fetched *fetched, const struct vs_fetch *fetch, struct vs_err *err)
{
	const struct vs_env env = {NULL};
	struct vs_http_settings settings = {
		.version = VS_VERSION, .ca_file = vs_env_get(&env, "CURL_CA_BUNDLE")};
	struct fetching fetching = {.fetched = fetched, .err = err};
	struct vs_http_client *client;
	struct vs_buf url;

	if (settings.ca_file == NULL)
		settings.ca_file = vs_env_get(&env, "SSL_CERT_FILE");
	fetching.where = fetch->url != NULL ? fetch->url : fetch->unix_socket;
	fetching.loop = vs_loop_create();
	client = vs_http_client_create(fetching.loop, &settings);
	vs_buf_init(&url);
	vs_buf_add_text(&url, fetch->url != NULL ? fetch->url : "http://localhost");
	while (url.len > 0 && url.ptr[url.len - 1] == '/')
		url.ptr[--url.len] = '\0';
	vs_buf_add_text(&url, fetch->path);
	send(&fetching, client, fetch, vs_buf_text(&url));
	vs_buf_fini(&url);
	vs_http_client_destroy(client);
	vs_loop_destroy(fetching.loop);
	return fetching.rc;
}
