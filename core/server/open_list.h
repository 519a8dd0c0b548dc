/* The clients with open incidents, so that nobody has to look at all to find them. [loop] */
#ifndef VS_SERVER_OPEN_LIST_H
#define VS_SERVER_OPEN_LIST_H

#include <stddef.h>

#include <glib.h>

struct vs_client;
struct vs_entry;
struct vs_incident;

/* Zeroed is empty. */
struct vs_open_list {
	GQueue clients; /* of struct vs_entry */
	size_t incidents; /* open ones of all clients */
};

void vs_open_list_note(
	struct vs_open_list *list, struct vs_entry *entry); /* its incidents may have changed */
void vs_open_list_drop(struct vs_open_list *list, struct vs_entry *entry); /* before it goes */
void vs_open_list_clear(struct vs_open_list *list); /* before all of them go */

/* The open incidents of all clients, those of one client together; or of one. Borrowed for the call. */
void vs_open_list_each(const struct vs_open_list *list,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg);
void vs_open_list_each_of(const struct vs_client *client,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg);

#endif
