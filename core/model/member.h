/* Members of a foreign JSON object, with errors that name them: "location.city: expected text, found a
 * number". */
#ifndef VS_MODEL_MEMBER_H
#define VS_MODEL_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct vs_json_node;

/* An object and what stands before its members' names in errors ("observations[2]."). */
struct vs_members {
	const struct vs_json_node *object; /* NULL has no members */
	const char *path;
	struct vs_err *err;
	char *member; /* VS_JSON_PATH bytes: after an error, the path of the member that it is about */
};

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
