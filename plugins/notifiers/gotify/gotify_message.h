/* What an application of Gotify sends. Pure. */
#ifndef GOTIFY_MESSAGE_H
#define GOTIFY_MESSAGE_H

#include <stdint.h>

enum { GOTIFY_TITLE_MAX = 250, GOTIFY_TEXT_MAX = 16000 };

struct gotify_message {
	const char *text; /* as rendered: title and all else */
	int64_t priority; /* 0 to 10 */
	const char *click; /* what a tap opens; NULL: nothing */
};

/* The body, to be freed with free(); NULL when memory is short. */
char *gotify_message_build(const struct gotify_message *message);

#endif
