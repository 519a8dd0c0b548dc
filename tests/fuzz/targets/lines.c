/* Lines of the log and of the audit log: one line whatever a stranger sent, and nothing in it acts on a
 * terminal. */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/log_line.h"
#include "base/mask.h"
#include "base/text.h"
#include "base/utf8.h"
#include "server/audit_line.h"

void fuzz_begin(void)
{
}

static void check_line(struct vs_buf *line, bool json)
{
	size_t at = 0;

	VS_REQUIRE(line->len > 0 && line->ptr[line->len - 1] == '\n');
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(line)));
	while (at + 1 < line->len) {
		size_t step = vs_utf8_step((struct vs_view){line->ptr + at, line->len - at});
		uint32_t code = vs_utf8_code((struct vs_view){line->ptr + at, step});

		VS_REQUIRE(code >= 0x20 && !(code >= 0x7f && code <= 0x9f));
		at += step;
	}
	if (json) {
		json_t *object =
			json_loadb(line->ptr, line->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

		VS_REQUIRE(json_is_object(object));
		json_decref(object);
	}
	vs_buf_clear(line);
}

static void check_log(struct vs_view input, struct vs_buf *out)
{
	struct vs_log_line line = {INT64_C(1795435200000), VS_LOG_WARN, {"net", 3}, input};

	vs_log_line_human(out, &line, false);
	check_line(out, false);
	vs_log_line_untimed(out, &line);
	check_line(out, false);
	vs_log_line_json(out, &line);
	check_line(out, true);
}

static void check_audit(struct vs_view input, struct vs_buf *out)
{
	char *text = vs_strndup(input.ptr, input.len);
	struct vs_audit_line line = {.principal = text, .method = "GET", .path = input, .client = text};

	vs_audit_line_write(out, "2026-11-23T00:15:06.967Z", &line);
	check_line(out, true);
	vs_audit_line_event(out, "2026-11-23T00:15:06.967Z", "reload", text);
	check_line(out, true);
	vs_free(text);
}

/* The first line is a secret: whatever follows, it is not in what is left. */
static void check_mask(struct vs_view input)
{
	static struct vs_mask mask;
	struct vs_view rest = input;
	struct vs_view first = fuzz_line(&rest);
	char *secret = vs_strndup(first.ptr, first.len);
	char *text = fuzz_copy(rest);
	size_t len;

	vs_mask_add(&mask, secret);
	len = vs_mask_apply(&mask, text, rest.len);
	VS_REQUIRE(len <= rest.len);
	if (strlen(secret) >= VS_MASK_MIN && strchr(secret, '*') == NULL)
		VS_REQUIRE(memmem(text, len, secret, strlen(secret)) == NULL);
	vs_mask_clear(&mask);
	vs_free(text);
	vs_free(secret);
}

void fuzz_one(struct vs_view input)
{
	struct vs_buf out;

	vs_buf_init(&out);
	check_log(input, &out);
	check_audit(input, &out);
	check_mask(input);
	vs_buf_fini(&out);
}
