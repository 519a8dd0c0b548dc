/* A terminal that nobody sits at: what is written to it comes out at the other end. */
#ifndef VS_TESTS_CLI_TERMINAL_H
#define VS_TESTS_CLI_TERMINAL_H

#include "caught.h"

struct terminal {
	int master;
	FILE *file; /* the side of the program */
};

static inline void terminal_open(struct terminal *terminal)
{
	char name[128];

	terminal->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(terminal->master >= 0);
	assert_int_equal(grantpt(terminal->master), 0);
	assert_int_equal(unlockpt(terminal->master), 0);
	assert_int_equal(ptsname_r(terminal->master, name, sizeof(name)), 0);
	terminal->file = fdopen(open(name, O_RDWR | O_NOCTTY), "w");
	assert_non_null(terminal->file);
}

/* What was written, at most size - 1 bytes and what a terminal buffers. */
static inline void terminal_close(struct terminal *terminal, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	fclose(terminal->file);
	while (len < size - 1 && (got = read(terminal->master, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(terminal->master);
}

#endif
