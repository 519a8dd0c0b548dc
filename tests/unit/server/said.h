/* What is logged between said_begin() and said_end(). */
#ifndef VS_TESTS_SAID_H
#define VS_TESTS_SAID_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "server_test.h"

static int said_fd = -1;
static char said_text[16384];

static inline void said_begin(void)
{
	said_fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(said_fd >= 0);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, said_fd);
}

/* All of it; valid until the next one. */
static inline const char *said_end(void)
{
	ssize_t got = pread(said_fd, said_text, sizeof(said_text) - 1, 0);

	assert_true(got >= 0);
	said_text[got] = '\0';
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	close(said_fd);
	return said_text;
}

/* How often part is in text. */
static inline unsigned said_times(const char *text, const char *part)
{
	unsigned times = 0;

	for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
		times++;
	return times;
}

#endif
