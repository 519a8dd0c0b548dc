/*
 * Process 1 of a container inherits whatever programs leave behind, and must take note of their end: else
 * each stays in the table of processes until that is full. [loop]
 */
#ifndef VS_LOOP_ORPHANS_H
#define VS_LOOP_ORPHANS_H

struct vs_loop;
struct vs_orphans;

/* From now on children that vs_spawn did not start are reaped: for a process that has no others. */
struct vs_orphans *vs_orphans_create(struct vs_loop *loop);
void vs_orphans_destroy(struct vs_orphans *orphans); /* NULL is fine */

#endif
