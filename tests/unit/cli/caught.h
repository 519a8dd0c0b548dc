/*
 * Commands run inside the test, with what they print caught; and a place of their own: a folder
 * for files, and an environment in which nothing of the tester's settings is left.
 */
#ifndef VS_TESTS_CLI_CAUGHT_H
#define VS_TESTS_CLI_CAUGHT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/options.h"

#define ARGS_MAX 16

struct caught {
	int code;
	char out[65536];
	char err[65536];
};

#define assert_has(text, part)                                                                               \
	do {                                                                                                 \
		if (strstr((text), (part)) == NULL)                                                          \
			fail_msg("\"%s\" is not in:\n%s", (part), (text));                                   \
	} while (0)

#define assert_has_not(text, part)                                                                           \
	do {                                                                                                 \
		if (strstr((text), (part)) != NULL)                                                          \
			fail_msg("\"%s\" is in:\n%s", (part), (text));                                       \
	} while (0)

/* One of the two standard streams while it goes to a file of the test. */
struct stream {
	FILE *file;
	int kept;
	int fd;
};

static inline void stream_begin(struct stream *stream, FILE *file)
{
	fflush(file);
	stream->file = file;
	stream->kept = dup(fileno(file));
	stream->fd = memfd_create("stream", MFD_CLOEXEC);
	assert_true(stream->kept >= 0 && stream->fd >= 0);
	assert_true(dup2(stream->fd, fileno(file)) >= 0);
}

static inline void stream_end(struct stream *stream, char *text, size_t size)
{
	ssize_t got;

	fflush(stream->file);
	got = pread(stream->fd, text, size - 1, 0);
	text[got < 0 ? 0 : got] = '\0';
	dup2(stream->kept, fileno(stream->file));
	close(stream->kept);
	close(stream->fd);
}

/* call gets an argv of words, which NULL ends; it may move them about, as getopt does. */
static inline void catch_call(struct caught *caught, int (*call)(const void *what, int argc, char **argv),
	const void *what, const char *const *words)
{
	char *copies[ARGS_MAX + 1] = {NULL};
	char *argv[ARGS_MAX + 1] = {NULL};
	struct stream out;
	struct stream err;
	int argc;

	for (argc = 0; words[argc] != NULL; argc++) {
		assert_true(argc < ARGS_MAX);
		copies[argc] = argv[argc] = strdup(words[argc]);
	}
	stream_begin(&out, stdout);
	stream_begin(&err, stderr);
	caught->code = call(what, argc, argv);
	stream_end(&err, caught->err, sizeof(caught->err));
	stream_end(&out, caught->out, sizeof(caught->out));
	while (argc > 0)
		free(copies[--argc]);
}

static inline int call_command(const void *command, int argc, char **argv)
{
	return vs_cli_options_run(command, argc, argv);
}

/* RUN(&caught, &vs_command_status, "--json"), or NULL for nothing behind the command's name. */
#define RUN(caught, command, ...)                                                                            \
	catch_call((caught), call_command, (command), (const char *const[]){"command", __VA_ARGS__, NULL})

struct place {
	char folder[64];
	char path[256];
};

/* Variables that change what commands do. */
static inline void clear_environment(void)
{
	static const char *const names[] = {"NO_COLOR", "TERM", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
		"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
		"POSIXLY_CORRECT", "DNS_LEAK_TOLERANCE", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"};
	char name[256];
	char **entry = environ;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	while (*entry != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(*entry, "="), *entry);
		if (strncmp(name, "VPN_SENTINEL_", 13) != 0 || unsetenv(name) != 0)
			entry++;
		else
			entry = environ;
	}
}

/* Valid until the next call. */
static inline const char *place_path(struct place *place, const char *name)
{
	snprintf(place->path, sizeof(place->path), "%s/%.180s", place->folder, name);
	return place->path;
}

/* Writes a file and returns its path, as place_path() does. */
static inline const char *place_write(struct place *place, const char *name, const char *text)
{
	FILE *file = fopen(place_path(place, name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return place->path;
}

static inline int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	if (place == NULL)
		return -1;
	clear_environment();
	snprintf(place->folder, sizeof(place->folder), "/tmp/vs-cli-test.XXXXXX");
	if (mkdtemp(place->folder) == NULL)
		return -1;
	setenv("VPN_SENTINEL_STATE_DIR", place->folder, 1);
	*state = place;
	return 0;
}

static inline int place_remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int place_teardown(void **state)
{
	struct place *place = *state;

	nftw(place->folder, place_remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(place);
	vs_log_forget_secrets();
	clear_environment();
	return 0;
}

#define place_test(function) cmocka_unit_test_setup_teardown(function, place_setup, place_teardown)

#endif
