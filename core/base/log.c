#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log_line.h"
#include "base/mask.h"
#include "base/rotated.h"

/* The one log of the process: whoever has something to say has no world to ask for it. */
static struct {
	pthread_mutex_t lock;
	atomic_int level;
	enum vs_log_format format;
	int fd;
	bool colour;
	struct vs_rotated *file; /* NULL: none */
	bool file_fails; /* which was told */
	struct vs_mask mask;
} the_log = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.level = VS_LOG_INFO,
	.format = VS_LOG_HUMAN,
	.fd = STDERR_FILENO,
};

void vs_log_setup(enum vs_log_level level, enum vs_log_format format, int fd)
{
	pthread_mutex_lock(&the_log.lock);
	the_log.level = (int)level;
	the_log.format = format;
	the_log.fd = fd;
	the_log.colour = format == VS_LOG_HUMAN && isatty(fd);
	pthread_mutex_unlock(&the_log.lock);
}

bool vs_log_enabled(enum vs_log_level level)
{
	return (int)level <= the_log.level;
}

int vs_log_file(const char *path, uint64_t max_size, unsigned keep, struct vs_err *err)
{
	struct vs_rotated *file = NULL;

	if (path != NULL && (file = vs_rotated_open(path, max_size, keep, err)) == NULL)
		return err->code;
	pthread_mutex_lock(&the_log.lock);
	vs_rotated_close(the_log.file);
	the_log.file = file;
	the_log.file_fails = false;
	pthread_mutex_unlock(&the_log.lock);
	return 0;
}

int vs_log_reopen(struct vs_err *err)
{
	int rc = 0;

	pthread_mutex_lock(&the_log.lock);
	if (the_log.file != NULL)
		rc = vs_rotated_reopen(the_log.file, err);
	pthread_mutex_unlock(&the_log.lock);
	return rc;
}

/* A log that cannot be written is nobody's error: there is no place to report it. */
static void write_line(const struct vs_buf *line)
{
	const char *at = line->ptr;
	size_t left = line->len;

	while (left > 0) {
		ssize_t put = write(the_log.fd, at, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return;
		at += put;
		left -= (size_t)put;
	}
}

static void format_line(struct vs_buf *text, const struct vs_log_line *line, bool colour)
{
	if (the_log.format == VS_LOG_JSON)
		vs_log_line_json(text, line);
	else
		vs_log_line_human(text, line, colour);
}

/* The file that fails is told of where lines still arrive. */
static void tell_failure(const struct vs_log_line *near, const struct vs_err *failure)
{
	struct vs_log_line line = {near->wall_ms, VS_LOG_ERROR, vs_view_of("log"), vs_view_of(failure->text)};
	struct vs_buf text;

	vs_buf_init(&text);
	format_line(&text, &line, the_log.colour);
	write_line(&text);
	vs_buf_fini(&text);
}

static void write_everywhere(const struct vs_log_line *line)
{
	struct vs_err failure = {0};
	struct vs_buf text;

	vs_buf_init(&text);
	format_line(&text, line, the_log.colour);
	write_line(&text);
	if (the_log.file != NULL) {
		if (the_log.colour) {
			vs_buf_clear(&text);
			format_line(&text, line, false);
		}
		(void)vs_rotated_add(the_log.file, vs_buf_view(&text), &failure);
		if (failure.code != 0 && !the_log.file_fails)
			tell_failure(line, &failure);
		the_log.file_fails = failure.code != 0;
	}
	vs_buf_fini(&text);
}

void vs_log(enum vs_log_level level, const char *area, const char *format, ...)
{
	struct vs_log_line line = {.wall_ms = vs_wall_ms(), .level = level};
	struct vs_buf message;
	struct vs_buf speaker;
	int error = errno;
	va_list args;

	if (!vs_log_enabled(level))
		return;
	vs_buf_init(&message);
	vs_buf_init(&speaker);
	va_start(args, format);
	vs_buf_vprintf(&message, format, args);
	va_end(args);
	vs_buf_add_text(&speaker, area);

	pthread_mutex_lock(&the_log.lock);
	/* Masked before it is escaped: a secret with a newline in it is still the secret. */
	line.message = (struct vs_view){message.ptr, vs_mask_apply(&the_log.mask, message.ptr, message.len)};
	line.area = (struct vs_view){speaker.ptr, vs_mask_apply(&the_log.mask, speaker.ptr, speaker.len)};
	write_everywhere(&line);
	pthread_mutex_unlock(&the_log.lock);

	vs_buf_fini(&speaker);
	vs_buf_fini(&message);
	errno = error; /* so that logging never changes what the caller reports next */
}

void vs_log_secret(const char *text)
{
	if (!text)
		return;
	pthread_mutex_lock(&the_log.lock);
	vs_mask_add(&the_log.mask, text);
	pthread_mutex_unlock(&the_log.lock);
}

void vs_log_mask(char *text)
{
	size_t len = strlen(text);

	pthread_mutex_lock(&the_log.lock);
	text[vs_mask_apply(&the_log.mask, text, len)] = '\0';
	pthread_mutex_unlock(&the_log.lock);
}

void vs_log_forget_secrets(void)
{
	pthread_mutex_lock(&the_log.lock);
	vs_mask_clear(&the_log.mask);
	pthread_mutex_unlock(&the_log.lock);
}
