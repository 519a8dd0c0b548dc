/* What is sent into a room of Matrix, and what may stand in the options it is made of. Pure. */
#ifndef MATRIX_MESSAGE_H
#define MATRIX_MESSAGE_H

/* Of 65,536 that a whole event may have, with what the server adds to it. */
enum { MATRIX_BODY_MAX = 60000, MATRIX_ID_MAX = 255 };

struct matrix_message {
	const char *plain; /* as rendered */
	const char *html; /* the same as HTML */
	int notice; /* one of those that bots write */
	const char *replaces; /* the id of the event whose place it takes; NULL: none */
	const char *thread; /* the id of the event below which it stands; NULL: none */
};

/*
 * The body, to be freed with free(); NULL when memory is short. It may be longer than MATRIX_BODY_MAX: then
 * plain and html have to be rendered shorter.
 */
char *matrix_message_build(const struct matrix_message *message);

/* 1 when it can be the id of a room, of an event. */
int matrix_room_ok(const char *room);
int matrix_event_ok(const char *event);

#endif
