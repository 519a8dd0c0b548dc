/*
 * How fast one chat may be written to: one message a second, twenty at once; in a group besides one in four
 * seconds, five at once, since Telegram refuses the 21st of a minute. Pure.
 */
#ifndef TELEGRAM_PACE_H
#define TELEGRAM_PACE_H

#include <stdint.h>

/* Zeroed: nothing was sent yet. */
struct telegram_pace {
	uint64_t second_ms; /* both: until when the messages so far would take, one after the other */
	uint64_t minute_ms;
};

/* How long to wait before one message at now_ms (monotonic); 0: it may go now. */
uint64_t telegram_pace_wait(const struct telegram_pace *pace, uint64_t now_ms, int is_group);
/* One message goes now, whether or not it had to wait. */
void telegram_pace_take(struct telegram_pace *pace, uint64_t now_ms);
/* Telegram took offence: nothing at once any more, until it has been quiet for a while. */
void telegram_pace_refused(struct telegram_pace *pace, uint64_t now_ms);

#endif
