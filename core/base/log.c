#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/journal.h"
#include "base/log_line.h"
#include "base/log_out.h"
#include "base/log_queue.h"
#include "base/mask.h"
#include "base/rotated.h"

#define QUEUE_MAX 1048576 /* bytes */
#define RESCUE_MS 1000

/* The one log of the process: whoever has something to say has no world to ask for it. */
static struct {
	pthread_mutex_t lock; /* while a thread writes it is never held during a write */
	atomic_int level;
	struct vs_log_look look;
	struct vs_journal journal;
	struct vs_log_out out; /* of the thread, while there is one */
	struct vs_log_queue *_Atomic queue; /* stays when its thread is gone */
	bool threaded;
	bool watches_forks;
	struct vs_mask mask;
} the_log = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.level = VS_LOG_INFO,
	.look = {.fd = STDERR_FILENO, .format = VS_LOG_HUMAN},
};

void vs_log_setup(enum vs_log_level level, enum vs_log_format format, int fd)
{
	pthread_mutex_lock(&the_log.lock);
	the_log.level = (int)level;
	the_log.look = (struct vs_log_look){
		.fd = fd,
		.format = format,
		.colour = format == VS_LOG_HUMAN && isatty(fd),
		.journal = vs_journal_is(&the_log.journal, fd),
	};
	pthread_mutex_unlock(&the_log.lock);
}

void vs_log_journal(const char *stream)
{
	pthread_mutex_lock(&the_log.lock);
	the_log.journal = vs_journal_of(stream);
	the_log.look.journal = vs_journal_is(&the_log.journal, the_log.look.fd);
	pthread_mutex_unlock(&the_log.lock);
}

const char *vs_log_priority(enum vs_log_level level)
{
	bool journal;

	pthread_mutex_lock(&the_log.lock);
	journal = the_log.look.journal;
	pthread_mutex_unlock(&the_log.lock);
	return journal ? vs_log_line_priority(level) : "";
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
	if (the_log.threaded)
		vs_log_queue_take(the_log.queue, file);
	else
		vs_log_out_take(&the_log.out, file);
	pthread_mutex_unlock(&the_log.lock);
	return 0;
}

int vs_log_reopen(struct vs_err *err)
{
	int rc = 0;

	pthread_mutex_lock(&the_log.lock);
	if (the_log.threaded)
		vs_log_queue_reopen(the_log.queue, &the_log.look);
	else
		rc = vs_log_out_reopen(&the_log.out, err);
	pthread_mutex_unlock(&the_log.lock);
	return rc;
}

/* --- the thread that writes ---------------------------------------------------------------------- */

static void before_fork(void)
{
	pthread_mutex_lock(&the_log.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&the_log.lock);
}

/* No thread came along. The file may be in the middle of a line, so the child leaves it alone. */
static void in_child(void)
{
	if (the_log.threaded)
		the_log.out = (struct vs_log_out){0};
	the_log.threaded = false;
	the_log.queue = NULL;
	pthread_mutex_unlock(&the_log.lock);
}

void vs_log_begin(void)
{
	bool started;

	pthread_mutex_lock(&the_log.lock);
	if (!the_log.watches_forks)
		the_log.watches_forks = pthread_atfork(before_fork, after_fork, in_child) == 0;
	if (the_log.queue == NULL)
		the_log.queue = vs_log_queue_create(&the_log.out, QUEUE_MAX);
	if (!the_log.threaded)
		the_log.threaded = vs_log_queue_start(the_log.queue);
	started = the_log.threaded;
	pthread_mutex_unlock(&the_log.lock);
	if (!started)
		vs_log(VS_LOG_WARN, "log",
			"there is no thread to be had: a disk that hangs will hold everything up");
}

bool vs_log_end(uint64_t limit_ms)
{
	bool ended;

	pthread_mutex_lock(&the_log.lock);
	if (the_log.threaded)
		the_log.threaded = !vs_log_queue_stop(the_log.queue, limit_ms);
	ended = !the_log.threaded;
	pthread_mutex_unlock(&the_log.lock);
	return ended;
}

/* Not with our lock: whoever calls may hold it. */
void vs_log_rescue(void)
{
	struct vs_log_queue *queue = the_log.queue;

	if (queue != NULL)
		vs_log_queue_drain(queue, RESCUE_MS);
}

/* --- saying -------------------------------------------------------------------------------------- */

static void hand_out(const struct vs_log_line *line)
{
	struct vs_log_said said;

	if (!the_log.threaded) {
		vs_log_out_say(&the_log.out, &the_log.look, line);
		return;
	}
	vs_log_said_init(&said, line, &the_log.look);
	vs_log_queue_add(the_log.queue, &said);
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
	hand_out(&line);
	pthread_mutex_unlock(&the_log.lock);

	vs_buf_fini(&speaker);
	vs_buf_fini(&message);
	errno = error; /* so that logging never changes what the caller reports next */
}

/* --- secrets ------------------------------------------------------------------------------------- */

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
