/*
 * Runs the program of client.on_verdict when the verdict changes: one at a time, and when it changes
 * meanwhile, again for the newest. Each start and each end is a line of the log. [loop]
 */
#ifndef VS_CLIENT_HOOK_H
#define VS_CLIENT_HOOK_H

struct vs_buf;
struct vs_hook;
struct vs_loop;
struct vs_on_verdict_conf;
struct vs_reply;

struct vs_hook *vs_hook_create(struct vs_loop *loop, const char *client_id);
void vs_hook_destroy(struct vs_hook *hook); /* kills what runs; NULL is fine */

/* From now on this is run; copied. What runs goes on. A command of none: nothing is run. */
void vs_hook_configure(struct vs_hook *hook, const struct vs_on_verdict_conf *conf);

/* What the server judged; a reply without a verdict says nothing. */
void vs_hook_tell(struct vs_hook *hook, const struct vs_reply *reply);
/* The server cannot be reached; problem says why. */
void vs_hook_tell_unreachable(struct vs_hook *hook, const char *problem);

#endif
