/* What services say, on its way into a file that somebody may publish. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "cli/capture_mask.h"

void fuzz_begin(void)
{
}

/* Before the quote at its end. */
static bool ends_with(const struct vs_buf *buf, const char *text)
{
	size_t len = strlen(text);

	return buf->len > len && memcmp(buf->ptr + buf->len - 1 - len, text, len) == 0;
}

void fuzz_one(struct vs_view input)
{
	/* Of no range that stands in for others. */
	static const char *const own[] = {
		"93.184.216.34", "2606:2800:220:1::1", "ip-93-184-216-34", "\\n93.184.216.34"};
	struct vs_capture_mask *mask = vs_capture_mask_create();
	struct vs_buf text;
	struct vs_buf once;
	struct vs_buf twice;
	size_t i;

	vs_buf_init(&text);
	vs_buf_init(&once);
	vs_buf_init(&twice);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		vs_buf_clear(&text);
		vs_buf_clear(&once);
		vs_buf_add(&text, input.ptr, input.len);
		vs_buf_printf(&text, "\"%s\"", own[i]);
		vs_capture_mask_add(mask, vs_buf_view(&text), &once);
		VS_REQUIRE(once.len >= 2 && once.ptr[once.len - 1] == '"');
		VS_REQUIRE(!ends_with(&once, own[i]));
	}
	vs_capture_mask_add(mask, input, &twice);
	VS_REQUIRE(twice.len <= input.len * 8);
	vs_buf_fini(&twice);
	vs_buf_fini(&once);
	vs_buf_fini(&text);
	vs_capture_mask_destroy(mask);
}
