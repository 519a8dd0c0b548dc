/*
 * A message that tries channels: past routes, silences and queues, to learn what each answers. Nothing of it
 * is stored, and it is tried once. [loop]
 */
#ifndef VS_SERVER_TRIAL_H
#define VS_SERVER_TRIAL_H

#include <stddef.h>
#include <stdint.h>

struct vs_outbox;
struct vs_trial;

#define VS_TRIAL_TEXT_MAX 1000 /* bytes */
#define VS_TRIAL_BUSY_MS 5000 /* so long a channel may go on with another message */
#define VS_TRIAL_TIMEOUT_MS 20000 /* and so long it may take over this one, if its timeout is not shorter */

struct vs_trial_answer {
	char *channel; /* owned by the trial, as are the other texts */
	char *plugin;
	const char
		*outcome; /* static: "sent", "later", "refused", "busy"; of a self test also "well", "none" */
	char *reason; /* "" when sent or well */
	uint64_t took_ms;
	uint64_t retry_after_ms; /* of "later", if the channel said it */
};

/*
 * text NULL: a self test, which asks each channel whether it would take a message and sends none; "none" has
 * no way to ask. One that fails twice in a row makes its channel a broken one, until it is well again.
 *
 * Sends text by the channel of that name, by all when it is NULL. done(arg, answers, count) comes once, never
 * from inside this call: answers are borrowed for the call, in the order of the configuration. NULL: there is
 * no such channel, and done will not come.
 */
struct vs_trial *vs_trial_start(struct vs_outbox *outbox, const char *channel, const char *text,
	void (*done)(void *arg, const struct vs_trial_answer *answers, size_t count), void *arg);
/* The outbox does this to all of them when it is destroyed. Before done: what has no answer yet is "busy",
 * and done comes inside this call. Attempts end by themselves. */
void vs_trial_end(struct vs_trial *trial);

#endif
