/*
 * Reading the configuration again while the server runs: all of it is taken, or none. [loop]
 *
 *	asked -> prepare: whatever can fail -> commit: whatever can be seen -> settle: what the old one does
 *
 * What is asked while one is under way, or while the server starts, is done afterwards. A reload is under way
 * until nobody uses anything of the old configuration: requests at an access check, a message that is being
 * delivered, an exclusive instance that is made anew. Instances that merely end do not count.
 */
#ifndef VS_SERVER_RELOAD_H
#define VS_SERVER_RELOAD_H

struct vs_reload;
struct vs_role;

struct vs_reload *vs_reload_create(struct vs_role *role);
void vs_reload_ask(struct vs_reload *reload);
void vs_reload_allow(struct vs_reload *reload); /* the server has started */
/* The server ends: nothing begins any more, and what is settling is left to the end of the crew. */
void vs_reload_end(struct vs_reload *reload);
void vs_reload_destroy(struct vs_reload *reload); /* when the crew has ended, before it goes. NULL is fine */

#endif
