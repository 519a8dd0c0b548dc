/*
 * How many clients share an exit, and how many of them are heard: when all of one exit fall silent, it is
 * the exit that is gone. Each call costs the same however many clients there are. [loop]
 */
#ifndef VS_SERVER_EXIT_BOOK_H
#define VS_SERVER_EXIT_BOOK_H

#include <stdbool.h>

struct vs_entry;
struct vs_exit_book;
struct vs_registry;

struct vs_exit_book *vs_exit_book_create(void);
/* The entries of the registry are counted nowhere afterwards. NULL is fine. */
void vs_exit_book_destroy(struct vs_exit_book *book, struct vs_registry *registry);

/* After its client's exit or liveness may have changed. */
void vs_exit_book_note(struct vs_exit_book *book, struct vs_entry *entry);
void vs_exit_book_drop(struct vs_exit_book *book, struct vs_entry *entry); /* before the entry goes */

/* Whether the client, which is not heard, shares its exit with others, and none of them is heard either. */
bool vs_exit_book_is_silent(const struct vs_exit_book *book, const struct vs_entry *entry);

#endif
