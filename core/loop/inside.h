/* What loop.c keeps for the others of this folder. Nobody else includes this. */
#ifndef VS_LOOP_INSIDE_H
#define VS_LOOP_INSIDE_H

#include <stdbool.h>

struct vs_loop;

bool *vs_loop_in_timers(struct vs_loop *loop); /* a timer's callback is on the stack */

#endif
