/* The clients with open incidents, so that nobody has to look at all to find them. [loop] */
#ifndef VS_SERVER_OPEN_LIST_H
#define VS_SERVER_OPEN_LIST_H

#include <stddef.h>

struct vs_buf;
struct vs_client;
struct vs_entry;

/* Zeroed is empty. */
struct vs_open_list {
	struct vs_entry *first;
	size_t incidents; /* open ones of all clients */
};

void vs_open_list_note(
	struct vs_open_list *list, struct vs_entry *entry); /* its incidents may have changed */
void vs_open_list_drop(struct vs_open_list *list, struct vs_entry *entry); /* before it goes */

/* Appends open incidents as JSON objects, each with a comma before it when out is not empty. */
void vs_open_list_write(const struct vs_open_list *list, struct vs_buf *out);
void vs_open_list_write_client(const struct vs_client *client, struct vs_buf *out);

#endif
