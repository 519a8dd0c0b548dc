/* One record to one log. Blocks, for some seconds at most: for a thread of work/1. */
#ifndef SYSLOG_SEND_H
#define SYSLOG_SEND_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { SYSLOG_LOCAL, SYSLOG_UDP, SYSLOG_TCP };

enum { SYSLOG_ERROR = 300 };

struct syslog_send {
	uint32_t transport; /* SYSLOG_LOCAL, ... */
	const char *path; /* of the local socket */
	const char *host;
	uint16_t port;
	const char *bytes;
	size_t len;
	atomic_int cancelled; /* set by another thread: ends within a quarter of a second, but for a name's
				 look-up */

	/* Results */
	int ok;
	int begun; /* a byte has left: it may have arrived */
	char error[SYSLOG_ERROR]; /* a sentence; "" when ok */
};

void syslog_send_run(struct syslog_send *send);

#endif
