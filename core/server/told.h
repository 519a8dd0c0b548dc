/* What a channel has told: the incidents whose beginning people read there, and the messages' names. */
#ifndef VS_SERVER_TOLD_H
#define VS_SERVER_TOLD_H

#include <stdbool.h>
#include <stddef.h>

struct vs_told;

struct vs_told *vs_told_create(void);
void vs_told_destroy(struct vs_told *told); /* NULL is fine */

/* ref names the message; "": the channel gave it no name. Replaces an earlier one. Both are copied. */
void vs_told_put(struct vs_told *told, const char *incident, const char *ref);
const char *vs_told_ref(const struct vs_told *told, const char *incident); /* borrowed; NULL: not told */
/* Each of them, borrowed for the call. */
void vs_told_each(const struct vs_told *told, void (*each)(void *arg, const char *incident, const char *ref),
	void *arg);
/*
 * A ref that begins so names no message but a bunch (bunch.h): the message tells several incidents.
 * The channel never gives such a name.
 */
#define VS_TOLD_BUNCH "bunch:"
bool vs_told_is_bunch(const char *ref); /* NULL: no */
size_t vs_told_in_bunch(const struct vs_told *told, const char *ref); /* incidents told with that ref */
size_t vs_told_count(const struct vs_told *told);
bool vs_told_forget(struct vs_told *told, const char *incident); /* whether it was told */

#endif
