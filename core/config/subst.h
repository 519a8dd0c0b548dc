/*
 * Substitution inside one text: ${NAME}, ${NAME:-default}, ${file:/path}, and $$ for a
 * dollar sign; a dollar sign before anything else stands for itself. Defaults may hold
 * references, four deep. What is put in is not looked at again. Pure but for the source.
 */
#ifndef VS_CONFIG_SUBST_H
#define VS_CONFIG_SUBST_H

#include <stddef.h>

#include "base/err.h"
#include "base/view.h"

struct vs_buf;

#define VS_SUBST_DEPTH 4
#define VS_SUBST_NAME_MAX 127

/* Where values come from. Each may refuse with a sentence that needs no position. */
struct vs_subst_source {
	/* Appends the value; VS_ERR_NOT_FOUND when there is none. */
	int (*variable)(void *arg, const char *name, struct vs_buf *out, struct vs_err *err);
	int (*file)(void *arg, struct vs_view path, struct vs_buf *out, struct vs_err *err);
	/* Called for every name, also one in a default that is not used. NULL is fine. */
	void (*mention)(void *arg, const char *name);
	void *arg;
};

/* Appends text, substituted, at most limit bytes. On an error out holds something meaningless. */
int vs_subst(struct vs_buf *out, struct vs_view text, const struct vs_subst_source *source, size_t limit,
	struct vs_err *err);

#endif
