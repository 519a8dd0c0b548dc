/*
 * The exits of a client that changed lately: when the change is told, and whether two hosts
 * take turns under one client id. In memory only: a restart may tell one change more.
 */
#ifndef VS_MODEL_EXITS_H
#define VS_MODEL_EXITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct vs_exits;
struct vs_step;

/* One live report that told an exit. */
struct vs_exit_turn {
	struct vs_addr exit;
	struct vs_addr told; /* the exit that people were told last, of the same family */
	int64_t started_at; /* when the client that sent it was started; 0: not said */
	int64_t started_before; /* the same of the report before */
	int64_t window_ms; /* at most one change is told in this time */
	int64_t now;
};

/*
 * Notes the report and returns whether the change is to be told now. *exits is NULL as long
 * as nothing changes: created here, and destroyed when the exit stayed for a window.
 */
bool vs_exits_take(struct vs_exits **exits, const struct vs_exit_turn *turn);
void vs_exits_destroy(struct vs_exits *exits); /* NULL is fine */

/*
 * An exit came back with the very start it had before, and another start had reported from
 * another exit meanwhile: both run at once. NULL: false.
 */
bool vs_exits_are_shared(const struct vs_exits *exits);

/* The wall clock was set. NULL is fine. */
void vs_exits_step(struct vs_exits *exits, const struct vs_step *step);

size_t vs_exits_size(const struct vs_exits *exits); /* bytes allocated */

#endif
