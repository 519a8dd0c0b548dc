#include "model/mute.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/view.h"
#include "model/json.h"
#include "model/kind.h"
#include "model/mute_days.h"

_Static_assert(VS_KINDS <= 32, "a kind is a bit of kinds");

void vs_mute_fini(struct vs_mute *mute)
{
	vs_free(mute->clients);
	vs_free(mute->tags);
	vs_free(mute->zone);
	vs_free(mute->author);
	vs_free(mute->comment);
	memset(mute, 0, sizeof(*mute));
}

/* --- what it is about ------------------------------------------------------------------ */

static bool names_client(const char *patterns, const char *client)
{
	struct vs_view rest = vs_view_of(patterns);
	struct vs_view one;
	char pattern[VS_MUTE_TEXT_MAX + 1];

	while (vs_view_split(&rest, ',', &one)) {
		if (one.len >= sizeof(pattern))
			continue;
		memcpy(pattern, one.ptr, one.len);
		pattern[one.len] = '\0';
		if (fnmatch(pattern, client, 0) == 0)
			return true;
	}
	return false;
}

static bool has_one(const char *wanted, const char *tags)
{
	struct vs_view rest = vs_view_of(tags);
	struct vs_view tag;
	struct vs_view others;
	struct vs_view other;

	while (vs_view_split(&rest, ',', &tag)) {
		others = vs_view_of(wanted);
		while (vs_view_split(&others, ',', &other))
			if (vs_view_equal(tag, other))
				return true;
	}
	return false;
}

bool vs_mute_is_about(
	const struct vs_mute *mute, const char *client, uint8_t kind, uint8_t severity, const char *tags)
{
	if (mute->kinds != 0 && (mute->kinds & (UINT32_C(1) << kind)) == 0)
		return false;
	if (mute->severities != 0 && (mute->severities & (1u << severity)) == 0)
		return false;
	if (mute->clients[0] != '\0' && (client[0] == '\0' || !names_client(mute->clients, client)))
		return false;
	return mute->tags[0] == '\0' || has_one(mute->tags, tags);
}

/* --- when ------------------------------------------------------------------------------ */

bool vs_mute_is_over(const struct vs_mute *mute, int64_t now)
{
	return mute->ends_at != 0 && now >= mute->ends_at;
}

/* What begins in the evening ends on the morning of the next day. */
static bool is_its_hour(const struct vs_mute *mute, const struct vs_local_time *local)
{
	bool today = (mute->weekdays & (1u << local->weekday)) != 0;
	bool yesterday = (mute->weekdays & (1u << ((local->weekday + 6) % 7))) != 0;

	if (mute->to > mute->from)
		return today && local->minute >= mute->from && local->minute < mute->to;
	return (today && local->minute >= mute->from) || (yesterday && local->minute < mute->to);
}

bool vs_mute_is_on(const struct vs_mute *mute, int64_t now, const struct vs_local_time *local)
{
	if (now < mute->starts_at || vs_mute_is_over(mute, now))
		return false;
	return mute->weekdays == 0 || is_its_hour(mute, local);
}

/* --- words ----------------------------------------------------------------------------- */

static const char *kind_of(unsigned bit)
{
	return vs_kind_name((enum vs_kind)bit);
}

static const char *severity_of(unsigned bit)
{
	return vs_severity_name((enum vs_severity)bit);
}

static void begin_part(struct vs_buf *out, size_t from, const char *what)
{
	vs_buf_printf(out, "%s%s", out->len > from ? ", " : "", what);
}

static void say_joined(struct vs_buf *out, size_t from, const char *what, const char *joined)
{
	struct vs_view rest = vs_view_of(joined);
	struct vs_view one;

	if (joined[0] == '\0')
		return;
	begin_part(out, from, what);
	while (vs_view_split(&rest, ',', &one))
		vs_buf_printf(out, " %.*s", (int)one.len, one.ptr);
}

static void say_bits(struct vs_buf *out, size_t from, const char *what, uint32_t bits,
	const char *(*name_of)(unsigned bit))
{
	unsigned bit;

	if (bits == 0)
		return;
	begin_part(out, from, what);
	for (bit = 0; bit < 32; bit++)
		if ((bits & (UINT32_C(1) << bit)) != 0)
			vs_buf_printf(out, " %s", name_of(bit));
}

static void say_time(struct vs_buf *out, size_t from, const char *what, int64_t at)
{
	char text[VS_TIME_TEXT];

	if (at == 0)
		return;
	vs_time_format(text, at);
	begin_part(out, from, what);
	vs_buf_printf(out, " %s", text);
}

void vs_mute_describe(const struct vs_mute *mute, struct vs_buf *out)
{
	size_t from = out->len;

	say_joined(out, from, "clients", mute->clients);
	say_bits(out, from, "kinds", mute->kinds, kind_of);
	say_bits(out, from, "severities", mute->severities, severity_of);
	say_joined(out, from, "tags", mute->tags);
	if (mute->starts_at != mute->created_at)
		say_time(out, from, "from", mute->starts_at);
	say_time(out, from, "until", mute->ends_at);
	if (mute->weekdays == 0)
		return;
	say_bits(out, from, "every", mute->weekdays, vs_mute_day_name);
	vs_buf_printf(out, " %02u:%02u to %02u:%02u %s", mute->from / 60u, mute->from % 60u, mute->to / 60u,
		mute->to % 60u, mute->zone);
}

/* --- JSON ------------------------------------------------------------------------------ */

static void add_list(struct vs_buf *out, const char *name, const char *joined)
{
	struct vs_view rest = vs_view_of(joined);
	struct vs_view one;
	const char *separator = "";

	if (joined[0] == '\0')
		return;
	vs_json_key(out, name);
	vs_buf_add_char(out, '[');
	while (vs_view_split(&rest, ',', &one)) {
		vs_buf_add_text(out, separator);
		vs_json_add_text(out, one);
		separator = ",";
	}
	vs_buf_add_char(out, ']');
}

static void add_bits(
	struct vs_buf *out, const char *name, uint32_t bits, const char *(*name_of)(unsigned bit))
{
	const char *separator = "";
	unsigned bit;

	if (bits == 0)
		return;
	vs_json_key(out, name);
	vs_buf_add_char(out, '[');
	for (bit = 0; bit < 32; bit++) {
		if ((bits & (UINT32_C(1) << bit)) == 0)
			continue;
		vs_buf_add_text(out, separator);
		vs_json_add_string(out, name_of(bit));
		separator = ",";
	}
	vs_buf_add_char(out, ']');
}

static void add_hours(struct vs_buf *out, const struct vs_mute *mute)
{
	struct vs_buf hours;

	vs_buf_init(&hours);
	vs_json_key(out, "recurring");
	vs_buf_add_char(out, '{');
	add_bits(out, "weekdays", mute->weekdays, vs_mute_day_name);
	vs_buf_printf(&hours, "%02u:%02u", mute->from / 60u, mute->from % 60u);
	vs_json_member(out, "from", vs_buf_text(&hours));
	vs_buf_clear(&hours);
	vs_buf_printf(&hours, "%02u:%02u", mute->to / 60u, mute->to % 60u);
	vs_json_member(out, "to", vs_buf_text(&hours));
	vs_json_member(out, "zone", mute->zone);
	vs_buf_add_char(out, '}');
	vs_buf_fini(&hours);
}

void vs_mute_encode(const struct vs_mute *mute, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "id", mute->id);
	add_list(out, "client", mute->clients);
	add_bits(out, "kind", mute->kinds, kind_of);
	add_bits(out, "severity", mute->severities, severity_of);
	add_list(out, "tag", mute->tags);
	vs_json_member_time(out, "created_at", mute->created_at);
	vs_json_member_time(out, "starts_at", mute->starts_at);
	vs_json_member_time(out, "until", mute->ends_at);
	if (mute->weekdays != 0)
		add_hours(out, mute);
	vs_json_member(out, "author", mute->author);
	vs_json_member(out, "comment", mute->comment);
	vs_buf_add_char(out, '}');
}
