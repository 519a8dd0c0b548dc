#include "cli/fetch.h"

#include <string.h>

#include "base/require.h"
#include "config/env.h"
#include "loop/loop.h"
#include "net/http_client.h"
#include "net/url.h"

#define REPLY_MAX (256 * 1024 * 1024)

struct fetching {
	struct vs_loop *loop;
	struct vs_fetched *fetched;
	struct vs_err *err;
	int rc;
};

void vs_fetched_init(struct vs_fetched *fetched)
{
	memset(fetched, 0, sizeof(*fetched));
}

void vs_fetched_fini(struct vs_fetched *fetched)
{
	vs_buf_fini(&fetched->body);
}

/* The URL to ask for: the base, which may end in a slash, and the path. */
static int make_url(struct vs_buf *url, const struct vs_fetch *fetch, struct vs_err *err)
{
	struct vs_view base = vs_view_of(fetch->url != NULL ? fetch->url : "http://localhost");
	struct vs_url parsed;
	int rc = vs_url_parse(&parsed, base, err);

	if (rc < 0)
		return rc;
	if (strpbrk(base.ptr, "?#") != NULL)
		return vs_err_set(err, VS_ERR_INVALID,
			"the URL is not usable: it must end before any '?' or '#', since a path is added");
	while (base.ptr[base.len - 1] == '/')
		base.len--;
	vs_buf_add(url, base.ptr, base.len);
	vs_buf_add_text(url, fetch->path);
	return 0;
}

static const char *advice(const struct vs_http_reply *reply)
{
	if (reply->error != VS_HTTP_E_TLS)
		return "";
	switch (reply->tls_fault) {
	case VS_TLS_UNKNOWN_ISSUER:
	case VS_TLS_SELF_SIGNED:
		return ": give the file of the CA that issued it with --ca";
	case VS_TLS_NO_TLS:
		return ": use http://";
	default:
		return "";
	}
}

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct fetching *fetching = arg;

	vs_loop_stop(fetching->loop);
	if (reply->error != VS_HTTP_E_OK) {
		fetching->rc =
			vs_err_set(fetching->err, VS_ERR_NETWORK, "%s%s", reply->error_text, advice(reply));
		return;
	}
	fetching->fetched->status = reply->status;
	vs_buf_add(&fetching->fetched->body, reply->body, reply->body_len);
}

static size_t fill_headers(const struct vs_fetch *fetch, struct vs_http_header headers[2])
{
	size_t count = 0;

	if (fetch->key != NULL)
		headers[count++] = (struct vs_http_header){"X-API-Key", fetch->key};
	if (fetch->json != NULL)
		headers[count++] = (struct vs_http_header){"Content-Type", "application/json"};
	return count;
}

/* In a server's environment it is the server's own certificate, which is as good. */
static const char *default_ca_file(const struct vs_env *env)
{
	const char *file = vs_env_get(env, "VPN_SENTINEL_TLS_CERT_PATH");

	return file != NULL ? file : vs_env_ca_file(env);
}

static void exchange(struct fetching *fetching, const struct vs_fetch *fetch, const char *url)
{
	const struct vs_env env = {NULL};
	const struct vs_http_settings settings = {.version = VS_VERSION, .ca_file = default_ca_file(&env)};
	struct vs_http_header headers[2];
	const struct vs_http_request request = {
		.url = url,
		.method = fetch->method,
		.headers = headers,
		.header_count = fill_headers(fetch, headers),
		.body = fetch->json,
		.body_len = fetch->json != NULL ? strlen(fetch->json) : 0,
		.timeout_ms = fetch->timeout_ms,
		.max_reply = REPLY_MAX,
		.ca_file = fetch->ca_file,
		.pin = fetch->pin != NULL ? fetch->pin : vs_env_get(&env, "VPN_SENTINEL_TLS_PIN"),
		.unix_socket = fetch->url == NULL ? fetch->unix_socket : NULL,
		.insecure = fetch->insecure,
	};
	struct vs_http_client *client = vs_http_client_create(fetching->loop, &settings);

	VS_REQUIRE(vs_http_send(client, &request, on_reply, fetching) != 0); /* the first one, with a URL */
	vs_loop_run(fetching->loop);
	vs_http_client_destroy(client);
}

int vs_fetch(struct vs_fetched *fetched, const struct vs_fetch *fetch, struct vs_err *err)
{
	struct fetching fetching = {.fetched = fetched, .err = err};
	struct vs_buf url;

	vs_buf_init(&url);
	vs_buf_clear(&fetched->body);
	fetched->status = 0;
	fetching.rc = make_url(&url, fetch, err);
	if (fetching.rc == 0) {
		fetching.loop = vs_loop_create();
		exchange(&fetching, fetch, vs_buf_text(&url));
		vs_loop_destroy(fetching.loop);
	}
	vs_buf_fini(&url);
	return fetching.rc;
}
