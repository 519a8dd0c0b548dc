/* One record of a system log. Pure. */
#ifndef SYSLOG_LINE_H
#define SYSLOG_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/plugin.h"

enum { SYSLOG_LINE_MAX = 8192, SYSLOG_NAME = 48 };

struct syslog_line {
	uint32_t facility; /* 0 to 23 */
	int32_t rfc5424; /* 0: "<priority>name[pid]: text", what a local log reads */
	int32_t pid;
	const char *machine;
	const char *app;
	const char *text; /* the alert in one line */
	size_t max; /* bytes of the whole, at least 1024 and at most SYSLOG_LINE_MAX */
};

/*
 * Writes the record into out, of SYSLOG_LINE_MAX + 1 bytes, and returns its length. Whatever the texts are,
 * it is one line of UTF-8 without control characters, and its parts end where they should. 0: out of memory.
 */
size_t syslog_line_build(char *out, const struct syslog_line *line, const struct vpns_alert *alert);

#endif
