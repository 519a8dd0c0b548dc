/* What loop.c keeps for the others of this folder. Nobody else includes this. */
#ifndef VS_LOOP_INSIDE_H
#define VS_LOOP_INSIDE_H

#include <stdbool.h>

struct vs_loop;

unsigned *vs_loop_children(struct vs_loop *loop); /* programs of vs_spawn that were not seen to end */
bool *vs_loop_in_timers(struct vs_loop *loop); /* a timer's callback is on the stack */

#endif
