/* All clients, or some of them, as a stream: a bit each turn of the loop, as fast as the peer reads. */
#ifndef VS_SERVER_ROLL_H
#define VS_SERVER_ROLL_H

#include <stdbool.h>
#include <stdint.h>

struct vs_buf;
struct vs_call;
struct vs_client;
struct vs_names;
struct vs_registry_cursor;

/* How it looks. */
struct vs_roll_form {
	const char *type;
	void (*row)(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names);
	const char *between; /* two rows */
	void (*tail)(struct vs_buf *out);
	bool keeps; /* what was rendered, for the next one; of one form alone */
};

/* Ends the call with at most limit (0: all) of what cursor will tell. Takes cursor and head. */
void vs_roll_stream(struct vs_call *call, const struct vs_roll_form *form, struct vs_buf *head,
	struct vs_registry_cursor *cursor, uint32_t limit);

#endif
