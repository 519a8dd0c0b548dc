#include "loop/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/inside.h"
#include "loop/loop.h"

#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_OUTPUT 16384
#define USUAL_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define REAP_MS 1000 /* for one that was killed; a moment, unless the machine is drowned */
#define LINGER_MS 300 /* for the last bytes of a program that has ended */

enum { IN, OUT, ERRORS, PIPES };

struct vs_spawn {
	uv_process_t process;
	uv_pipe_t pipes[PIPES];
	uv_write_t write;
	struct vs_timer *timer;
	unsigned *children; /* the loop's */
	unsigned open; /* handles that are not closed yet; the last one frees */
	bool closing;
	bool running; /* the process */
	bool killed; /* by us */
	unsigned reading; /* outputs that have not ended */
	vs_spawn_done *done; /* NULL: cancelled */
	void *arg;
	char *name;
	char *input;
	struct vs_buf kept[PIPES];
	char chunk[4096];
	size_t max_output;
	bool cut;
	uint64_t started_ms;
	enum vs_spawn_error error;
	int exit_code;
	int signal;
	int refused; /* by the system, at the start */
};

static void free_spawn(struct vs_spawn *spawn)
{
	vs_buf_fini(&spawn->kept[OUT]);
	vs_buf_fini(&spawn->kept[ERRORS]);
	vs_free(spawn->input);
	vs_free(spawn->name);
	vs_free(spawn);
}

static void on_closed(uv_handle_t *handle)
{
	struct vs_spawn *spawn = handle->data;

	if (--spawn->open == 0)
		free_spawn(spawn);
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* Whatever is still open is let go of; the memory goes with the last handle. */
static void close_all(struct vs_spawn *spawn)
{
	int i;

	if (spawn->closing)
		return;
	spawn->closing = true;
	vs_timer_destroy(spawn->timer);
	for (i = 0; i < PIPES; i++)
		close_handle((uv_handle_t *)&spawn->pipes[i]);
	close_handle((uv_handle_t *)&spawn->process);
}

static void write_sentence(const struct vs_spawn *spawn, char *text, size_t size)
{
	static const char *const texts[] = {
#define SPAWN_TEXT(name, code, text) [code] = text,
		VS_SPAWN_ERROR_ROWS(SPAWN_TEXT)
#undef SPAWN_TEXT
	};

	text[0] = '\0';
	if (spawn->refused != 0)
		(void)snprintf(text, size, "%s (%s): %s", texts[spawn->error], spawn->name,
			uv_strerror(spawn->refused));
	else if (spawn->error == VS_SPAWN_E_SIGNAL)
		(void)snprintf(text, size, "%s (%s): %s", texts[spawn->error], spawn->name,
			strsignal(spawn->signal));
	else if (spawn->error != VS_SPAWN_E_OK)
		(void)snprintf(text, size, "%s (%s)", texts[spawn->error], spawn->name);
}

static void tell(struct vs_spawn *spawn)
{
	char text[512];
	struct vs_spawn_outcome outcome = {
		.error = spawn->error,
		.exit_code = spawn->error == VS_SPAWN_E_OK ? spawn->exit_code : 0,
		.signal = spawn->signal,
		.output = vs_buf_text(&spawn->kept[OUT]),
		.output_len = spawn->kept[OUT].len,
		.errors = vs_buf_text(&spawn->kept[ERRORS]),
		.errors_len = spawn->kept[ERRORS].len,
		.cut = spawn->cut,
		.error_text = text,
		.elapsed_ms = vs_mono_ms() - spawn->started_ms,
	};
	vs_spawn_done *done = spawn->done;

	write_sentence(spawn, text, sizeof(text));
	close_all(spawn);
	spawn->done = NULL;
	done(spawn->arg, &outcome);
}

static void settle(struct vs_spawn *spawn)
{
	if (!spawn->closing && !spawn->running && spawn->reading == 0)
		tell(spawn);
}

static void kill_group(const struct vs_spawn *spawn, int number)
{
	/* It leads a session of its own, so its group has its number. */
	if (spawn->running && kill(-spawn->process.pid, number) != 0 && errno == ESRCH)
		(void)kill(spawn->process.pid, number);
}

static void on_timer(void *arg)
{
	struct vs_spawn *spawn = arg;

	if (!spawn->running) { /* never started, or its output is held open by what it left behind */
		spawn->reading = 0;
		settle(spawn);
		return;
	}
	kill_group(spawn, spawn->killed ? SIGKILL : SIGTERM);
	vs_timer_start(spawn->timer, VS_SPAWN_KILL_MS);
	spawn->killed = true;
}

static void on_exit(uv_process_t *process, int64_t status, int number)
{
	struct vs_spawn *spawn = process->data;

	if (spawn->killed) /* what it started and could not be told to end */
		(void)kill(-process->pid, SIGKILL);
	spawn->running = false;
	(*spawn->children)--;
	spawn->exit_code = (int)status;
	spawn->signal = number;
	if (spawn->killed)
		spawn->error = VS_SPAWN_E_TIMEOUT;
	else if (number != 0)
		spawn->error = VS_SPAWN_E_SIGNAL;
	if (!spawn->closing)
		vs_timer_start(spawn->timer, LINGER_MS);
	settle(spawn);
}

static void give_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	struct vs_spawn *spawn = handle->data;

	(void)wanted;
	*buf = uv_buf_init(spawn->chunk, sizeof(spawn->chunk));
}

static void on_output(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct vs_spawn *spawn = stream->data;
	struct vs_buf *kept = &spawn->kept[(uv_pipe_t *)stream - spawn->pipes];
	size_t room = spawn->max_output - kept->len;

	if (got < 0) {
		(void)uv_read_stop(stream);
		if (spawn->reading > 0)
			spawn->reading--;
		settle(spawn);
		return;
	}
	if ((size_t)got > room)
		spawn->cut = true;
	vs_buf_add(kept, buf->base, (size_t)got < room ? (size_t)got : room);
}

static void on_written(uv_write_t *write, int status)
{
	struct vs_spawn *spawn = write->data;

	(void)status; /* a program may leave its input unread */
	close_handle((uv_handle_t *)&spawn->pipes[IN]);
}

static int launch(struct vs_spawn *spawn, uv_loop_t *loop, const struct vs_spawn_request *request)
{
	static const int flags[PIPES] = {UV_CREATE_PIPE | UV_READABLE_PIPE, UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		UV_CREATE_PIPE | UV_WRITABLE_PIPE};
	char path[] = USUAL_PATH;
	char *only_path[2] = {path, NULL};
	uv_stdio_container_t stdio[PIPES];
	uv_process_options_t options = {0};
	int i;

	for (i = 0; i < PIPES; i++) {
		stdio[i].flags = (uv_stdio_flags)flags[i];
		stdio[i].data.stream = (uv_stream_t *)&spawn->pipes[i];
	}
	options.file = request->argv[0];
	options.args = (char **)(uintptr_t)request->argv; /* libuv only reads them */
	options.env = request->env != NULL ? (char **)(uintptr_t)request->env : only_path;
	options.flags = UV_PROCESS_DETACHED;
	options.exit_cb = on_exit;
	options.stdio = stdio;
	options.stdio_count = PIPES;
	/* Not everybody's descriptors say by themselves that they are not for children. Older kernels: they
	 * must. */
	(void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	return uv_spawn(loop, &spawn->process, &options);
}

static void begin_talk(struct vs_spawn *spawn, const struct vs_spawn_request *request)
{
	uv_buf_t input;
	int i;

	for (i = OUT; i <= ERRORS; i++)
		if (uv_read_start((uv_stream_t *)&spawn->pipes[i], give_chunk, on_output) == 0)
			spawn->reading++;
	if (request->input_len > 0) {
		spawn->input = vs_alloc(request->input_len);
		memcpy(spawn->input, request->input, request->input_len);
		input = uv_buf_init(spawn->input, (unsigned)request->input_len);
		spawn->write.data = spawn;
		if (uv_write(&spawn->write, (uv_stream_t *)&spawn->pipes[IN], &input, 1, on_written) == 0)
			return;
	}
	close_handle((uv_handle_t *)&spawn->pipes[IN]);
}

static enum vs_spawn_error classify(int rc)
{
	return rc == UV_ENOENT || rc == UV_EACCES || rc == -ENOEXEC || rc == UV_ENOTDIR || rc == UV_EISDIR ||
			       rc == UV_ELOOP || rc == UV_ENAMETOOLONG || rc == UV_EPERM
		       ? VS_SPAWN_E_PROGRAM
		       : VS_SPAWN_E_SYSTEM;
}

struct vs_spawn *vs_spawn_start(
	struct vs_loop *loop, const struct vs_spawn_request *request, vs_spawn_done *done, void *arg)
{
	uv_loop_t *uv = vs_loop_uv(loop);
	struct vs_spawn *spawn;
	int i;

	if (request->argv == NULL || request->argv[0] == NULL || request->argv[0][0] == '\0' ||
		request->input_len > VS_SPAWN_INPUT_MAX)
		return NULL;
	spawn = vs_zalloc(sizeof(*spawn));
	spawn->done = done;
	spawn->arg = arg;
	spawn->name = vs_strdup(request->argv[0]);
	spawn->max_output = request->max_output != 0 ? request->max_output : DEFAULT_OUTPUT;
	spawn->started_ms = vs_mono_ms();
	spawn->open = PIPES + 1;
	spawn->children = vs_loop_children(loop);
	spawn->timer = vs_timer_create(loop, on_timer, spawn);
	for (i = 0; i < PIPES; i++) {
		VS_REQUIRE(uv_pipe_init(uv, &spawn->pipes[i], 0) == 0);
		spawn->pipes[i].data = spawn;
	}
	spawn->process.data = spawn;
	spawn->refused = launch(spawn, uv, request);
	if (spawn->refused != 0) {
		spawn->error = classify(spawn->refused);
		vs_timer_start(spawn->timer, 0);
		return spawn;
	}
	spawn->running = true;
	(*spawn->children)++;
	begin_talk(spawn, request);
	vs_timer_start(spawn->timer, request->timeout_ms != 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS);
	return spawn;
}

/* Killed for good, it is gone in less time than a wait for it would be worth to anybody. */
static void reap(const struct vs_spawn *spawn)
{
	const struct timespec moment = {.tv_nsec = 200000};
	uint64_t until = vs_mono_ms() + REAP_MS;

	while (waitpid(spawn->process.pid, NULL, WNOHANG) == 0) {
		if (vs_mono_ms() > until) {
			vs_log(VS_LOG_WARN, "loop", "%s does not end although it was killed", spawn->name);
			return;
		}
		(void)nanosleep(&moment, NULL);
	}
}

void vs_spawn_cancel(struct vs_spawn *spawn)
{
	if (spawn == NULL)
		return;
	spawn->done = NULL;
	if (spawn->running) {
		kill_group(spawn, SIGKILL);
		reap(spawn);
		spawn->running = false;
		(*spawn->children)--;
	}
	close_all(spawn);
}
