#include "model/tongue.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/view.h"
#include "model/sentence.h"

/* The units of vs_duration_format, as each language writes them behind a number. */
struct unit {
	const char *name;
	const char *pattern;
};

static const struct unit units[] = {
	{"d", VS_WORDS("{n}d")},
	{"h", VS_WORDS("{n}h")},
	{"m", VS_WORDS("{n}m")},
	{"s", VS_WORDS("{n}s")},
	{"ms", VS_WORDS("{n}ms")},
};

const char *vs_tongue_text(const struct vs_tongue *tongue, const char *english)
{
	/* The empty text is a catalog's own header. */
	if (tongue == NULL || tongue->text == NULL || *english == '\0')
		return english;
	return tongue->text(tongue->arg, english);
}

const char *vs_tongue_count(const struct vs_tongue *tongue, const char *one, const char *many, uint64_t count)
{
	if (tongue == NULL || tongue->count == NULL)
		return count == 1 ? one : many;
	return tongue->count(tongue->arg, one, many, count);
}

/* The length of "{name}" at text when a hole of that name is there, and which it is. */
static size_t hole_at(const char *text, const struct vs_hole *holes, size_t count, const char **value)
{
	const char *end = strchr(text, '}');
	size_t i;

	for (i = 0; end != NULL && i < count; i++) {
		if (!vs_view_equal_text((struct vs_view){text + 1, (size_t)(end - text) - 1}, holes[i].name))
			continue;
		*value = holes[i].value;
		return (size_t)(end - text) + 1;
	}
	return 0;
}

void vs_tongue_fill(struct vs_buf *out, const char *pattern, const struct vs_hole *holes, size_t count)
{
	const char *value;
	size_t len;

	while (*pattern != '\0') {
		len = strcspn(pattern, "{");
		vs_buf_add(out, pattern, len);
		pattern += len;
		if (*pattern == '\0')
			return;
		len = hole_at(pattern, holes, count, &value);
		if (len > 0)
			vs_buf_add_text(out, value);
		else
			vs_buf_add(out, pattern, len = 1);
		pattern += len;
	}
}

static const char *pattern_of(struct vs_view unit)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (vs_view_equal_text(unit, units[i].name))
			return units[i].pattern;
	return NULL;
}

void vs_tongue_duration(const struct vs_tongue *tongue, struct vs_buf *out, int64_t ms)
{
	char english[48], number[48];
	struct vs_view rest, part;
	const char *pattern;
	const char *between = "";
	size_t digits;

	vs_duration_format(english, sizeof(english), ms);
	rest = vs_view_of(english);
	while (vs_view_split(&rest, ' ', &part)) {
		digits = strspn(part.ptr, "-.0123456789");
		pattern = pattern_of((struct vs_view){part.ptr + digits, part.len - digits});
		vs_buf_add_text(out, between);
		between = " ";
		if (pattern == NULL) {
			vs_buf_add(out, part.ptr, part.len);
			continue;
		}
		memcpy(number, part.ptr, digits);
		number[digits] = '\0';
		vs_tongue_fill(
			out, vs_tongue_text(tongue, pattern), (const struct vs_hole[]){{"n", number}}, 1);
	}
}

void vs_tongue_bytes(const struct vs_tongue *tongue, struct vs_buf *out, double bytes)
{
	char text[32];
	char *blank;

	vs_bytes_words(text, sizeof(text), bytes);
	blank = strchr(text, ' ');
	if (blank == NULL || strcmp(blank, " bytes") != 0) {
		vs_buf_add_text(out, text); /* KiB and the like are the same everywhere */
		return;
	}
	*blank = '\0';
	vs_tongue_fill(out, vs_tongue_text(tongue, "{n} bytes"), (const struct vs_hole[]){{"n", text}}, 1);
}
