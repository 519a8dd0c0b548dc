/* Members of a foreign JSON object, with errors that name them: "location.city: expected text, found a
 * number". */
#ifndef VS_MODEL_MEMBER_H
#define VS_MODEL_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct vs_json_node;

/*
 * An object, and where it stands: its path ("observations[2].") is put together for errors alone,
 * since nearly all reports have none. The outermost one has no name.
 */
struct vs_members {
	const struct vs_json_node *object; /* NULL has no members */
	const struct vs_members *outer; /* NULL: this is the outermost one */
	const char *name; /* in outer */
	int index; /* in the array of that name; negative: it is no entry of an array */
	struct vs_err *err;
	char *member; /* VS_JSON_PATH bytes: after an error, the path of the member that it is about */
};

/* The member of outer that is itself an object; index: entry of an array, negative for none. */
struct vs_members vs_members_inside(
	const struct vs_members *outer, const char *name, int index, const struct vs_json_node *object);

/* All leave *out alone when the member is absent or null; 0 or a negative with err filled. */
int vs_member_text(const struct vs_members *in, const char *name, const char **out);
int vs_member_view(const struct vs_members *in, const char *name, struct vs_view *out); /* a text, too */
int vs_member_int(const struct vs_members *in, const char *name, int64_t min, int64_t max, int64_t *out);
int vs_member_seconds(
	const struct vs_members *in, const char *name, int64_t min_ms, int64_t max_ms, int64_t *ms);
int vs_member_time(const struct vs_members *in, const char *name, int64_t *wall_ms);
int vs_member_bool(const struct vs_members *in, const char *name, bool *out);
int vs_member_object(const struct vs_members *in, const char *name, const struct vs_json_node **out);
int vs_member_array(
	const struct vs_members *in, const char *name, size_t max, const struct vs_json_node **out);

/* VS_ERR_INVALID with "<path><name>: <sentence>". */
int vs_member_error(const struct vs_members *in, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *vs_member_type(const struct vs_json_node *value); /* "text", "a number", ...: after "found" */

#endif
