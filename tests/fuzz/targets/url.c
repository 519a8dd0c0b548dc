/* URLs from configurations, and those of other programs in requests. */
#include "fuzz.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/url.h"
#include "probes/ipinfo/ipinfo_url.h"

void fuzz_begin(void)
{
}

static void check_inside(struct vs_view part, struct vs_view whole)
{
	VS_REQUIRE(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

/* Put together anew, it says the same. */
static void check_again(const struct vs_url *url)
{
	bool bracketed = memchr(url->host.ptr, ':', url->host.len) != NULL;
	struct vs_url again;
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_printf(&text, "%s://%s%.*s%s:%u%.*s", url->https ? "https" : "http", bracketed ? "[" : "",
		(int)url->host.len, url->host.ptr, bracketed ? "]" : "", url->port, (int)url->target.len,
		url->target.ptr);
	if (text.len <= VS_URL_MAX) {
		VS_REQUIRE(vs_url_parse(&again, vs_buf_view(&text), NULL) == 0);
		VS_REQUIRE(vs_view_equal(again.host, url->host) && again.port == url->port);
		VS_REQUIRE(vs_view_equal(again.target, url->target) && again.https == url->https);
	}
	vs_buf_fini(&text);
}

static void check_parse(struct vs_view input)
{
	struct vs_err err = {0};
	struct vs_url url;

	if (vs_url_parse(&url, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		return;
	}
	check_inside(url.host, input);
	check_inside(url.target, input);
	VS_REQUIRE(url.host.len > 0 && url.port > 0);
	VS_REQUIRE(memchr(url.host.ptr, '@', url.host.len) == NULL);
	VS_REQUIRE(memchr(url.host.ptr, '/', url.host.len) == NULL);
	check_again(&url);
}

/* Another address is asked about at the same server. */
static void check_ipinfo(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);
	size_t size = strlen(text) + 60;
	char *out = vs_alloc(size);
	struct vs_url before;
	struct vs_url after;

	if (vs_url_parse(&before, vs_view_of(text), NULL) == 0 &&
		ipinfo_url_of(out, size, text, "2001:db8::1") == 0) {
		VS_REQUIRE(vs_url_parse(&after, vs_view_of(out), NULL) == 0 || strlen(out) > VS_URL_MAX);
		VS_REQUIRE(strlen(out) > VS_URL_MAX ||
			   (vs_view_equal(before.host, after.host) && before.port == after.port));
	}
	vs_free(out);
	vs_free(text);
}

void fuzz_one(struct vs_view input)
{
	check_parse(input);
	check_ipinfo(input);
}
