/* What went wrong: the status for the host and the sentence for a human. */
#ifndef SQLITE_FAULT_H
#define SQLITE_FAULT_H

#include <sqlite3.h>

#include "vpn_sentinel/plugin.h"

struct fault {
	uint32_t status; /* VPNS_STORE_RETRY, CORRUPT or FAILED */
	int stuck; /* 1: another connection may work where this one goes on failing */
	unsigned short cause; /* bytes of text that tell what is wrong; what can be done follows */
	char text[506];
};

/*
 * The sentence of code about the file at path. db is the connection that said so, or NULL. errno,
 * when not 0, is taken for the cause: the caller set it to 0 before it began.
 */
void fault_of(struct fault *fault, int code, sqlite3 *db, const char *path);

void fault_say(struct fault *fault, uint32_t status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, and then what error, an errno, means. */
void fault_say_errno(struct fault *fault, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
