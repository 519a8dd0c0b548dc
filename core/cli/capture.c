#include "cli/capture.h"

#include <string.h>

#include "vpn_sentinel/probe.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/capture_mask.h"
#include "model/json.h"
#include "net/http_client.h"

#define FORMAT "vpn-sentinel capture 1"

/* What a reply tells a probe besides its body. */
static const char *const headers[] = {"Content-Type", "Date", "Retry-After", "X-Rl", "X-Ttl",
	"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Location"};

struct exchange {
	uint64_t order;
	char *json;
};

struct vs_captures {
	char *folder;
	struct vs_capture_mask *mask; /* NULL: addresses stay */
	struct exchange *exchanges; /* by order */
	size_t count;
};

struct vs_captures *vs_captures_create(const char *folder, bool mask, struct vs_err *err)
{
	struct vs_captures *captures;

	if (vs_dir_make(folder, 0700, err) < 0)
		return NULL;
	captures = vs_zalloc(sizeof(*captures));
	captures->folder = vs_strdup(folder);
	captures->mask = mask ? vs_capture_mask_create() : NULL;
	return captures;
}

static void forget(struct vs_captures *captures)
{
	while (captures->count > 0)
		vs_free(captures->exchanges[--captures->count].json);
}

void vs_captures_destroy(struct vs_captures *captures)
{
	if (captures == NULL)
		return;
	forget(captures);
	vs_free(captures->exchanges);
	vs_capture_mask_destroy(captures->mask);
	vs_free(captures->folder);
	vs_free(captures);
}

/* text as it may be kept, as the value of a member. */
static void add(struct vs_captures *captures, struct vs_buf *out, const char *name, struct vs_view text)
{
	struct vs_buf kept;
	char *copy;

	vs_buf_init(&kept);
	if (captures->mask != NULL)
		vs_capture_mask_add(captures->mask, text, &kept);
	else
		vs_buf_add(&kept, text.ptr, text.len);
	copy = vs_buf_take(&kept);
	vs_log_mask(copy);
	vs_json_member(out, name, copy);
	vs_free(copy);
}

/* Without "user:password@", query and fragment. */
static struct vs_view bare_url(const char *url, struct vs_buf *out)
{
	const char *authority = strstr(url, "://");
	const char *at;

	authority = authority != NULL ? authority + 3 : url;
	at = memrchr(authority, '@', strcspn(authority, "/?#"));
	vs_buf_add(out, url, (size_t)(authority - url));
	if (at != NULL)
		authority = at + 1;
	vs_buf_add(out, authority, strcspn(authority, "?#"));
	return vs_buf_view(out);
}

static void add_headers(struct vs_captures *captures, struct vs_buf *out, const struct vs_http_reply *reply)
{
	size_t i;

	vs_json_key(out, "headers");
	vs_buf_add_char(out, '{');
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const char *value = vs_http_reply_header(reply, headers[i]);

		if (value == NULL || !vs_utf8_valid(vs_view_of(value)))
			continue;
		/* Where a redirect leads may hold what the URL holds. */
		if (strcmp(headers[i], "Location") == 0) {
			struct vs_buf url;

			vs_buf_init(&url);
			add(captures, out, headers[i], bare_url(value, &url));
			vs_buf_fini(&url);
		} else {
			add(captures, out, headers[i], vs_view_of(value));
		}
	}
	vs_buf_add_char(out, '}');
}

static char *write_exchange(struct vs_captures *captures, const char *url, const struct vs_http_reply *reply)
{
	struct vs_view body = {reply->body, reply->body_len};
	struct vs_buf bare;
	struct vs_buf out;

	vs_buf_init(&bare);
	vs_buf_init(&out);
	vs_buf_add_char(&out, '{');
	add(captures, &out, "url", bare_url(url, &bare));
	vs_json_member_int(&out, "error", reply->error);
	vs_json_member_int(&out, "status", reply->status);
	add_headers(captures, &out, reply);
	/* A text is all that a probe reads; of other bytes a test would learn nothing. */
	if (vs_utf8_valid(body) && (body.len == 0 || memchr(body.ptr, '\0', body.len) == NULL))
		add(captures, &out, "body", body);
	vs_buf_add_char(&out, '}');
	vs_buf_fini(&bare);
	return vs_buf_take(&out);
}

void vs_captures_seen(
	struct vs_captures *captures, uint64_t order, const char *url, const struct vs_http_reply *reply)
{
	size_t at;

	if (captures == NULL)
		return;
	captures->exchanges =
		vs_realloc(captures->exchanges, (captures->count + 1) * sizeof(*captures->exchanges));
	for (at = captures->count++; at > 0 && captures->exchanges[at - 1].order > order; at--)
		captures->exchanges[at] = captures->exchanges[at - 1];
	captures->exchanges[at] = (struct exchange){order, write_exchange(captures, url, reply)};
}

static void add_result(
	struct vs_captures *captures, struct vs_buf *out, const struct vpns_probe_result *result)
{
	static const char *const states[] = {"", "pass", "warn", "fail", "unknown"};
	uint32_t i;

	vs_json_key(out, "result");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "status", result->status <= VPNS_PROBE_UNKNOWN ? states[result->status] : "");
	add(captures, out, "reason", vs_view_of(result->reason));
	vs_json_key(out, "facts");
	vs_buf_add_char(out, '{');
	for (i = 0; i < result->fact_count; i++)
		add(captures, out, result->facts[i].name, vs_view_of(result->facts[i].value));
	vs_buf_add_text(out, "}}");
}

static void write_all(struct vs_captures *captures, struct vs_buf *out, const struct vs_capture_about *about,
	const struct vpns_probe_result *result)
{
	size_t i;

	vs_buf_add_char(out, '{');
	vs_json_member(out, "format", FORMAT);
	vs_json_member(out, "program", VS_VERSION);
	vs_json_member_time(out, "recorded_at", vs_wall_ms());
	vs_json_member(out, "plugin", about->plugin);
	vs_json_member(out, "verb", about->address != NULL ? "locate" : "probe");
	if (about->address != NULL)
		add(captures, out, "about", vs_view_of(about->address));
	add_result(captures, out, result);
	vs_json_key(out, "exchanges");
	for (i = 0; i < captures->count; i++)
		vs_buf_printf(out, "%s%s", i == 0 ? "[" : ",", captures->exchanges[i].json);
	vs_buf_add_text(out, "]}\n");
}

int vs_captures_end(struct vs_captures *captures, const struct vs_capture_about *about,
	const struct vpns_probe_result *result, struct vs_err *err)
{
	struct vs_buf path;
	struct vs_buf out;
	int rc = 0;

	if (captures == NULL)
		return 0;
	vs_buf_init(&path);
	vs_buf_init(&out);
	if (captures->count > 0) {
		write_all(captures, &out, about, result);
		vs_buf_printf(&path, "%s/%s-%s.json", captures->folder, about->instance,
			about->address != NULL ? "locate" : "probe");
		rc = vs_file_write(vs_buf_text(&path), out.ptr, out.len, 0600, err);
	}
	forget(captures);
	vs_buf_fini(&out);
	vs_buf_fini(&path);
	return rc;
}
