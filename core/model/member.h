/* Members of a foreign JSON object, with errors that name them: "location.city: expected text, found a
 * number". */
#ifndef VS_MODEL_MEMBER_H
#define VS_MODEL_MEMBER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* An object and what stands before its members' names in errors ("observations[2]."). */
struct vs_members {
	const json_t *object; /* NULL has no members */
	const char *path;
	struct vs_err *err;
};

/* All leave *out alone when the member is absent or null; 0 or a negative with err filled. */
int vs_member_text(const struct vs_members *in, const char *name, const char **out);
int vs_member_int(const struct vs_members *in, const char *name, int64_t min, int64_t max, int64_t *out);
int vs_member_seconds(
	const struct vs_members *in, const char *name, int64_t min_ms, int64_t max_ms, int64_t *ms);
int vs_member_time(const struct vs_members *in, const char *name, int64_t *wall_ms);
int vs_member_bool(const struct vs_members *in, const char *name, bool *out);
int vs_member_object(const struct vs_members *in, const char *name, const json_t **out);
int vs_member_array(const struct vs_members *in, const char *name, size_t max, const json_t **out);

/* VS_ERR_INVALID with "<path><name>: <sentence>". */
int vs_member_error(const struct vs_members *in, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *vs_member_type(const json_t *value); /* "text", "a number", ...: after "found" */

#endif
