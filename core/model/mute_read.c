/* What somebody asks to be silenced: foreign JSON, read member by member. */
#include "model/mute.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "model/json.h"
#include "model/kind.h"
#include "model/mute_days.h"

#define MINUTES_OF_DAY (24 * 60)
#define ALL_DAYS 0x7f
#define SHOWN_MAX 100 /* bytes of a foreign name */

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const char *vs_mute_day_name(unsigned day)
{
	return days[day % 7];
}

int vs_mute_day_parse(uint8_t *day, struct vs_view name)
{
	uint8_t i;

	for (i = 0; i < 7; i++) {
		if (!vs_view_equal_nocase(name, days[i]))
			continue;
		*day = i;
		return 0;
	}
	return VS_ERR_INVALID;
}

/* --- lists ----------------------------------------------------------------------------- */

/* One of a list: put is told each text. A single text is a list of one. */
static int each_text(const json_t *object, const char *name,
	int (*put)(void *arg, const char *name, struct vs_view text, struct vs_err *err), void *arg,
	struct vs_err *err)
{
	const json_t *value = json_object_get(object, name);
	const json_t *item;
	size_t count = json_is_array(value) ? json_array_size(value) : value != NULL ? 1 : 0;
	size_t i;
	int rc;

	for (i = 0; i < count; i++) {
		item = json_is_array(value) ? json_array_get(value, i) : value;
		if (!json_is_string(item))
			return vs_err_set(
				err, VS_ERR_INVALID, "%s: expected a text, or a list of texts", name);
		rc = put(arg, name, (struct vs_view){json_string_value(item), json_string_length(item)}, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool is_plain(struct vs_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f || text.ptr[i] == ',')
			return false;
	return text.len > 0 && vs_utf8_valid(text);
}

static int put_joined(void *arg, const char *name, struct vs_view text, struct vs_err *err)
{
	struct vs_buf *joined = arg;

	if (!is_plain(text))
		return vs_err_set(err, VS_ERR_INVALID,
			"%s: each is a word without blanks and commas, such as \"lab-*\"", name);
	if (joined->len + text.len + 1 > VS_MUTE_TEXT_MAX)
		return vs_err_set(err, VS_ERR_INVALID, "%s: together they are longer than %d bytes", name,
			VS_MUTE_TEXT_MAX);
	if (joined->len > 0)
		vs_buf_add_char(joined, ',');
	vs_buf_add(joined, text.ptr, text.len);
	return 0;
}

static int put_kind(void *arg, const char *name, struct vs_view text, struct vs_err *err)
{
	uint32_t *kinds = arg;
	uint8_t kind;

	if (vs_kind_parse(&kind, text) < 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%s: \"%.*s\" is no kind; such as tunnel_lost, dns_leak", name, (int)text.len,
			text.ptr);
	*kinds |= UINT32_C(1) << kind;
	return 0;
}

static int put_severity(void *arg, const char *name, struct vs_view text, struct vs_err *err)
{
	uint8_t *severities = arg;
	uint8_t severity;

	if (vs_severity_parse(&severity, text) < 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%s: \"%.*s\" is no severity; there are info, warning, critical", name, (int)text.len,
			text.ptr);
	*severities |= (uint8_t)(1u << severity);
	return 0;
}

static int put_day(void *arg, const char *name, struct vs_view text, struct vs_err *err)
{
	uint8_t *weekdays = arg;
	uint8_t day;

	if (vs_mute_day_parse(&day, text) < 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%s: \"%.*s\" is no day; there are mon tue wed thu fri sat sun", name, (int)text.len,
			text.ptr);
	*weekdays |= (uint8_t)(1u << day);
	return 0;
}

static int read_joined(char **to, const json_t *json, const char *name, struct vs_err *err)
{
	struct vs_buf joined;
	int rc;

	vs_buf_init(&joined);
	rc = each_text(json, name, put_joined, &joined, err);
	vs_free(*to);
	*to = vs_strdup(vs_buf_text(&joined));
	vs_buf_fini(&joined);
	return rc;
}

static int read_matchers(struct vs_mute *mute, const json_t *json, struct vs_err *err)
{
	int rc = read_joined(&mute->clients, json, "client", err);

	if (rc == 0)
		rc = each_text(json, "kind", put_kind, &mute->kinds, err);
	if (rc == 0)
		rc = each_text(json, "severity", put_severity, &mute->severities, err);
	if (rc == 0)
		rc = read_joined(&mute->tags, json, "tag", err);
	if (rc < 0)
		return rc;
	if (mute->clients[0] == '\0' && mute->kinds == 0 && mute->severities == 0 && mute->tags[0] == '\0')
		return vs_err_set(err, VS_ERR_INVALID,
			"client: say what to silence, by client, kind, severity or tag; \"client\": \"*\" is "
			"every client");
	return 0;
}

/* --- times ----------------------------------------------------------------------------- */

static int read_time(int64_t *at, const json_t *json, const char *name, struct vs_err *err)
{
	const json_t *value = json_object_get(json, name);

	if (value == NULL || json_is_null(value))
		return 0;
	if (!json_is_string(value) || vs_time_parse(at, vs_view_of(json_string_value(value))) < 0 || *at <= 0)
		return vs_err_set(
			err, VS_ERR_INVALID, "%s: expected a time such as \"2026-11-23T18:00:00Z\"", name);
	return 0;
}

static int read_length(int64_t *length, const json_t *json, struct vs_err *err)
{
	const json_t *value = json_object_get(json, "for");

	if (value == NULL)
		return 0;
	if (!json_is_string(value) ||
		vs_duration_parse(length, vs_view_of(json_string_value(value)), 0) < 0 || *length < 1000 ||
		*length > VS_MUTE_LONGEST_MS)
		return vs_err_set(err, VS_ERR_INVALID,
			"for: expected a length with its unit, such as \"30m\" or \"2h\", of at most 366 "
			"days");
	return 0;
}

/* "22:00", and "24:00" for the end of a day. */
static int read_hour(uint16_t *minute, const json_t *json, const char *name, struct vs_err *err)
{
	const char *text = json_string_value(json_object_get(json, name));
	struct vs_view rest = vs_view_of(text);
	struct vs_view part;
	int64_t hours;
	int64_t minutes;

	if (vs_view_split(&rest, ':', &part) && part.len == 2 && rest.len == 2 &&
		vs_int_parse(&hours, part) == 0 && vs_int_parse(&minutes, rest) == 0 && hours >= 0 &&
		minutes >= 0 && minutes < 60 && hours * 60 + minutes <= MINUTES_OF_DAY) {
		*minute = (uint16_t)(hours * 60 + minutes);
		return 0;
	}
	return vs_err_set(err, VS_ERR_INVALID, "recurring.%s: expected an hour such as \"22:00\"", name);
}

static int known_only(const json_t *json, const char *const *names, size_t count, struct vs_err *err)
{
	void *at;
	size_t i;

	for (at = json_object_iter((json_t *)(uintptr_t)json); at != NULL;
		at = json_object_iter_next((json_t *)(uintptr_t)json, at)) {
		const char *name = json_object_iter_key(at);
		size_t shown = strnlen(name, SHOWN_MAX);
		const char *near;

		for (i = 0; i < count && strcmp(names[i], name) != 0; i++)
			;
		if (i < count)
			continue;
		near = vs_nearest(name, names, count);
		return vs_err_set(err, VS_ERR_INVALID, "%.*s: a silence has no such member%s%s%s",
			(int)vs_utf8_prefix((struct vs_view){name, shown}), name,
			near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
			near != NULL ? "\"?" : "");
	}
	return 0;
}

static int read_recurring(struct vs_mute *mute, const json_t *json, struct vs_err *err)
{
	static const char *const names[] = {"weekdays", "from", "to", "zone"};
	const json_t *zone = json_object_get(json, "zone");
	int rc;

	if (!json_is_object(json))
		return vs_err_set(err, VS_ERR_INVALID,
			"recurring: expected an object with \"weekdays\", \"from\", \"to\" and \"zone\"");
	rc = known_only(json, names, sizeof(names) / sizeof(names[0]), err);
	if (rc == 0)
		rc = each_text(json, "weekdays", put_day, &mute->weekdays, err);
	if (rc == 0)
		rc = read_hour(&mute->from, json, "from", err);
	if (rc == 0)
		rc = read_hour(&mute->to, json, "to", err);
	if (rc < 0)
		return rc;
	if (mute->weekdays == 0)
		mute->weekdays = ALL_DAYS;
	if (mute->from >= MINUTES_OF_DAY)
		return vs_err_set(err, VS_ERR_INVALID, "recurring.from: no hour of a day is after 23:59");
	if (zone != NULL && (!json_is_string(zone) || json_string_length(zone) > 64))
		return vs_err_set(
			err, VS_ERR_INVALID, "recurring.zone: expected a name such as Europe/Madrid");
	if (zone != NULL && json_string_length(zone) > 0) {
		vs_free(mute->zone);
		mute->zone = vs_strdup(json_string_value(zone));
	}
	return 0;
}

static int read_when(struct vs_mute *mute, const json_t *json, int64_t now, struct vs_err *err)
{
	const json_t *recurring = json_object_get(json, "recurring");
	int64_t length = 0;
	int rc;

	mute->starts_at = now;
	rc = read_time(&mute->starts_at, json, "starts_at", err);
	if (rc == 0)
		rc = read_time(&mute->ends_at, json, "until", err);
	if (rc == 0)
		rc = read_length(&length, json, err);
	if (rc == 0 && recurring != NULL)
		rc = read_recurring(mute, recurring, err);
	if (rc < 0)
		return rc;
	if (length != 0 && mute->ends_at != 0)
		return vs_err_set(err, VS_ERR_INVALID, "for: give this or \"until\", not both");
	if (length != 0)
		mute->ends_at = mute->starts_at + length;
	if (mute->ends_at == 0 && recurring == NULL)
		return vs_err_set(
			err, VS_ERR_INVALID, "for: say how long, with \"for\", \"until\" or \"recurring\"");
	return 0;
}

static int read_comment(struct vs_mute *mute, const json_t *json, struct vs_err *err)
{
	const json_t *comment = json_object_get(json, "comment");

	if (comment == NULL)
		return 0;
	if (!json_is_string(comment) || json_string_length(comment) > VS_MUTE_TEXT_MAX)
		return vs_err_set(err, VS_ERR_INVALID, "comment: expected a text of at most %d bytes",
			VS_MUTE_TEXT_MAX);
	vs_free(mute->comment);
	mute->comment = vs_strdup(json_string_value(comment));
	return 0;
}

static void begin(struct vs_mute *mute, const char *author, int64_t now)
{
	*mute = (struct vs_mute){
		.clients = vs_strdup(""),
		.tags = vs_strdup(""),
		.zone = vs_strdup("UTC"),
		.author = vs_strdup(author),
		.comment = vs_strdup(""),
		.created_at = now,
	};
}

static int read_members(struct vs_mute *mute, const json_t *json, int64_t now, struct vs_err *err)
{
	int rc = read_matchers(mute, json, err);

	if (rc == 0)
		rc = read_when(mute, json, now, err);
	if (rc == 0)
		rc = read_comment(mute, json, err);
	return rc;
}

/* The sentence quotes what a stranger wrote, and stands in logs and answers. */
static void make_plain(struct vs_err *err)
{
	struct vs_buf plain;

	if (err == NULL)
		return;
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(err->text));
	snprintf(err->text, sizeof(err->text), "%s", vs_buf_text(&plain));
	vs_buf_fini(&plain);
}

int vs_mute_read(
	struct vs_mute *mute, const json_t *json, const char *author, int64_t now, struct vs_err *err)
{
	static const char *const names[] = {
		"client", "kind", "severity", "tag", "for", "until", "starts_at", "comment", "recurring"};
	int rc;

	begin(mute, author, now);
	if (json_is_object(json))
		rc = known_only(json, names, sizeof(names) / sizeof(names[0]), err);
	else
		rc = vs_err_set(err, VS_ERR_INVALID, "a silence is an object");
	if (rc == 0)
		rc = read_members(mute, json, now, err);
	if (rc == 0 && mute->ends_at != 0 && (mute->ends_at <= now || mute->ends_at <= mute->starts_at))
		rc = vs_err_set(err, VS_ERR_INVALID, "until: that is over already");
	if (rc == 0 && mute->ends_at != 0 && mute->ends_at - now > VS_MUTE_LONGEST_MS)
		rc = vs_err_set(err, VS_ERR_INVALID, "until: that is more than 366 days away");
	if (rc < 0) {
		vs_mute_fini(mute);
		make_plain(err);
	}
	return rc;
}

int vs_mute_decode(struct vs_mute *mute, struct vs_view text, struct vs_err *err)
{
	json_t *json = vs_json_parse(text, err);
	const char *id = vs_json_get_text(json, "id");
	int rc;

	memset(mute, 0, sizeof(*mute));
	if (json == NULL)
		return VS_ERR_INVALID;
	begin(mute, vs_json_get_text(json, "author"), vs_json_get_time(json, "created_at"));
	if (vs_ulid_valid(id)) {
		memcpy(mute->id, id, sizeof(mute->id));
		rc = read_members(mute, json, mute->created_at, err);
	} else {
		rc = vs_err_set(err, VS_ERR_INVALID, "id: not a silence's id");
	}
	json_decref(json);
	if (rc < 0)
		vs_mute_fini(mute);
	return rc;
}
