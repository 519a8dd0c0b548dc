#include "base/log_queue.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/err.h"
#include "base/log_line.h"
#include "base/log_out.h"
#include "base/require.h"
#include "base/rotated.h"

enum verb { SAY, TELL_LOSS, TAKE_FILE, REOPEN };

struct entry {
	struct entry *prev;
	struct entry *next;
	enum verb verb;
	size_t size; /* in the bound */
	struct vs_log_said said; /* SAY */
	struct vs_log_look look; /* TELL_LOSS, REOPEN */
	uint64_t lost; /* TELL_LOSS */
	struct vs_rotated *file; /* TAKE_FILE */
};

struct vs_log_queue {
	struct vs_log_out *out; /* the thread's while it runs */
	size_t bytes_max;
	pthread_mutex_t
		lock; /* of everything below; nothing is allocated under it: that may end the process */
	pthread_cond_t work;
	pthread_cond_t moved; /* written, or ended; on the monotonic clock */
	pthread_t thread;
	bool running; /* to be joined */
	bool stopping;
	bool ended;
	bool busy; /* with one that is not in the list any more */
	struct entry *entries;
	size_t bytes; /* of those and of the one that is being written */
	uint64_t lost; /* since the last one that had room; until that is told all others are lost too */
	struct vs_log_look lost_look;
	struct entry loss; /* a place is kept for it */
	bool loss_queued;
};

/* --- the thread -------------------------------------------------------------------------------- */

static void say(struct vs_log_queue *queue, const struct vs_log_look *look, const char *text)
{
	const struct vs_log_line line = {vs_wall_ms(), VS_LOG_WARN, vs_view_of("log"), vs_view_of(text)};

	vs_log_out_say(queue->out, look, &line);
}

static void tell_loss(struct vs_log_queue *queue, const struct entry *entry)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "%" PRIu64 " line%s lost while the log could not be written",
		entry->lost, entry->lost == 1 ? " was" : "s were");
	say(queue, &entry->look, text);
}

static void reopen(struct vs_log_queue *queue, const struct vs_log_look *look)
{
	struct vs_err err;
	struct vs_buf text;

	if (vs_log_out_reopen(queue->out, &err) == 0)
		return;
	vs_buf_init(&text);
	vs_buf_printf(&text, "%s: it goes on in the file that is open", err.text);
	say(queue, look, vs_buf_text(&text));
	vs_buf_fini(&text);
}

/* It was opened when lines that came before it were perhaps not written, nor its name's file renamed. */
static void take_file(struct vs_log_queue *queue, struct vs_rotated *file)
{
	struct vs_err ignored;

	vs_log_out_take(queue->out, file);
	(void)vs_log_out_reopen(queue->out, &ignored);
}

static void act(struct vs_log_queue *queue, struct entry *entry)
{
	switch (entry->verb) {
	case SAY:
		vs_log_out_write(queue->out, &entry->said);
		vs_log_said_fini(&entry->said);
		break;
	case TELL_LOSS:
		tell_loss(queue, entry);
		return; /* it is not from the heap */
	case TAKE_FILE:
		take_file(queue, entry->file);
		break;
	case REOPEN:
		reopen(queue, &entry->look);
		break;
	}
	vs_free(entry);
}

/* With the lock held. Not as soon as there is room for one line: a gap is told of once, not line by line. */
static void admit_again(struct vs_log_queue *queue)
{
	if (queue->lost == 0 || queue->loss_queued || queue->bytes > queue->bytes_max / 2)
		return;
	queue->loss = (struct entry){.verb = TELL_LOSS, .look = queue->lost_look, .lost = queue->lost};
	queue->loss_queued = true;
	queue->lost = 0;
	DL_APPEND(queue->entries, &queue->loss);
}

/* With the lock held, which it gives back meanwhile. */
static void do_next(struct vs_log_queue *queue)
{
	struct entry *entry = queue->entries;
	enum verb verb = entry->verb;
	size_t size = entry->size;

	DL_DELETE(queue->entries, entry);
	queue->busy = true;
	pthread_mutex_unlock(&queue->lock);
	act(queue, entry);
	pthread_mutex_lock(&queue->lock);
	queue->busy = false;
	queue->bytes -= size;
	if (verb == TELL_LOSS)
		queue->loss_queued = false;
	admit_again(queue);
	if (queue->entries == NULL)
		pthread_cond_broadcast(&queue->moved);
}

static void *run(void *arg)
{
	struct vs_log_queue *queue = arg;

	(void)pthread_setname_np(pthread_self(), "log");
	pthread_mutex_lock(&queue->lock);
	for (;;) {
		while (queue->entries == NULL && !queue->stopping)
			pthread_cond_wait(&queue->work, &queue->lock);
		if (queue->entries == NULL)
			break;
		do_next(queue);
	}
	queue->ended = true;
	pthread_cond_broadcast(&queue->moved);
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

/* --- its life ---------------------------------------------------------------------------------- */

struct vs_log_queue *vs_log_queue_create(struct vs_log_out *out, size_t bytes_max)
{
	struct vs_log_queue *queue = vs_zalloc(sizeof(*queue));
	pthread_condattr_t monotonic;

	queue->out = out;
	queue->bytes_max = bytes_max;
	VS_REQUIRE(pthread_mutex_init(&queue->lock, NULL) == 0);
	VS_REQUIRE(pthread_cond_init(&queue->work, NULL) == 0);
	VS_REQUIRE(pthread_condattr_init(&monotonic) == 0);
	VS_REQUIRE(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	VS_REQUIRE(pthread_cond_init(&queue->moved, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
	return queue;
}

/* Signals are the loop's. */
bool vs_log_queue_start(struct vs_log_queue *queue)
{
	sigset_t all;
	sigset_t before;
	bool running;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&queue->lock);
	queue->stopping = false;
	queue->ended = false;
	running = pthread_create(&queue->thread, NULL, run, queue) == 0;
	queue->running = running;
	pthread_mutex_unlock(&queue->lock);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return running;
}

bool vs_log_queue_stop(struct vs_log_queue *queue, uint64_t limit_ms)
{
	struct timespec until = vs_deadline_in(limit_ms);
	bool ended;

	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_cond_signal(&queue->work);
	while (!queue->ended)
		if (pthread_cond_timedwait(&queue->moved, &queue->lock, &until) == ETIMEDOUT)
			break;
	ended = queue->ended;
	queue->stopping = ended;
	queue->running = !ended;
	pthread_mutex_unlock(&queue->lock);
	if (ended)
		VS_REQUIRE(pthread_join(queue->thread, NULL) == 0);
	return ended;
}

void vs_log_queue_drain(struct vs_log_queue *queue, uint64_t limit_ms)
{
	struct timespec until = vs_deadline_in(limit_ms);

	pthread_mutex_lock(&queue->lock);
	if (queue->running && !pthread_equal(queue->thread, pthread_self()))
		while ((queue->entries != NULL || queue->busy) && !queue->ended)
			if (pthread_cond_timedwait(&queue->moved, &queue->lock, &until) == ETIMEDOUT)
				break;
	pthread_mutex_unlock(&queue->lock);
}

/* --- adding ------------------------------------------------------------------------------------ */

void vs_log_queue_add(struct vs_log_queue *queue, struct vs_log_said *said)
{
	struct entry *entry = vs_zalloc(sizeof(*entry));
	bool room;

	entry->verb = SAY;
	entry->said = *said;
	entry->size = sizeof(*entry) + said->shown.cap + said->plain.cap;
	vs_buf_init(&said->shown);
	vs_buf_init(&said->plain);
	pthread_mutex_lock(&queue->lock);
	room = queue->lost == 0 && entry->size <= queue->bytes_max - queue->bytes;
	if (room) {
		DL_APPEND(queue->entries, entry);
		queue->bytes += entry->size;
		pthread_cond_signal(&queue->work);
	} else {
		queue->lost++;
		queue->lost_look = entry->said.look;
	}
	pthread_mutex_unlock(&queue->lock);
	if (room)
		return;
	vs_log_said_fini(&entry->said);
	vs_free(entry);
}

/* What is done has room always. */
static void append(struct vs_log_queue *queue, struct entry *entry)
{
	pthread_mutex_lock(&queue->lock);
	DL_APPEND(queue->entries, entry);
	pthread_cond_signal(&queue->work);
	pthread_mutex_unlock(&queue->lock);
}

void vs_log_queue_take(struct vs_log_queue *queue, struct vs_rotated *file)
{
	struct entry *entry = vs_zalloc(sizeof(*entry));

	entry->verb = TAKE_FILE;
	entry->file = file;
	append(queue, entry);
}

void vs_log_queue_reopen(struct vs_log_queue *queue, const struct vs_log_look *look)
{
	struct entry *entry = vs_zalloc(sizeof(*entry));

	entry->verb = REOPEN;
	entry->look = *look;
	append(queue, entry);
}
