#include "net/transport_tls.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "net/turns.h"

#define HANDSHAKE_READ_MAX 4096 /* while it waits, a crowd of them must not hold much */

struct vs_transport_tls {
	struct vs_transport *transport;
	struct vs_tls_context *context; /* NULL when there is a stream */
	struct vs_tls_stream *stream; /* NULL until the first byte: silence costs next to nothing */
	struct vs_turns *turns;
	struct vs_turn turn; /* waits while hello holds something */
	struct vs_buf hello; /* of a handshake */
	uv_write_t write;
	struct vs_buf flight; /* being written; nothing else is meanwhile */
	struct vs_buf out; /* encrypted, goes next */
	struct vs_view parts[VS_TRANSPORT_PARTS]; /* not encrypted yet: at most one record waits in memory */
	unsigned count;
	bool begun; /* the first byte has come */
	bool open; /* the handshake is complete */
	bool plain; /* the peer does not speak TLS at all */
	bool corked; /* collect what is to be sent */
	bool writing;
	bool owed; /* written() is to be called */
	bool shut; /* wanted: the end of sending, after all that is here */
	bool shut_done;
	bool failed; /* the socket takes nothing any more */
	bool closed;
};

static void on_send(void *arg, struct vs_view bytes);
static void on_turn(struct vs_turn *turn);

struct vs_transport_tls *vs_transport_tls_create(
	struct vs_transport *transport, struct vs_tls_context *context, struct vs_turns *turns)
{
	struct vs_transport_tls *tls = vs_zalloc(sizeof(*tls));

	VS_REQUIRE(transport->scratch_size >= 2 * VS_TLS_PLAIN_MAX);
	tls->transport = transport;
	tls->context = vs_tls_context_ref(context);
	tls->turns = turns;
	tls->turn.run = on_turn;
	tls->write.data = tls;
	return tls;
}

void vs_transport_tls_destroy(struct vs_transport_tls *tls)
{
	if (tls == NULL)
		return;
	vs_tls_stream_destroy(tls->stream);
	vs_tls_context_unref(tls->context);
	vs_buf_fini(&tls->flight);
	vs_buf_fini(&tls->out);
	vs_buf_fini(&tls->hello);
	vs_free(tls);
}

/* --- sending --------------------------------------------------------------------------- */

/* What the socket takes at once of bytes. */
static size_t try_to_send(struct vs_transport_tls *tls, const char *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
	int sent = uv_try_write(&tls->transport->uv.stream, &buf, 1);

	if (sent < 0 && sent != UV_EAGAIN)
		tls->failed = true;
	return sent > 0 ? (size_t)sent : 0;
}

static void on_send(void *arg, struct vs_view bytes)
{
	struct vs_transport_tls *tls = arg;
	size_t sent = 0;

	if (tls->failed || tls->closed || tls->shut_done)
		return;
	if (!tls->writing && !tls->corked && tls->out.len == 0)
		sent = try_to_send(tls, bytes.ptr, bytes.len);
	if (!tls->failed && sent < bytes.len)
		vs_buf_add(&tls->out, bytes.ptr + sent, bytes.len - sent);
}

static void on_flight_written(uv_write_t *write, int status);

/* Not before all of it went out: what follows must not overtake it. */
static void shut_if_wanted(struct vs_transport_tls *tls)
{
	if (!tls->shut || tls->shut_done || tls->out.len > 0 || tls->count > 0)
		return;
	tls->shut_done = true;
	vs_transport_shut(tls->transport);
}

static void flush(struct vs_transport_tls *tls)
{
	uv_buf_t buf;

	if (tls->writing || tls->failed || tls->closed)
		return;
	if (tls->out.len > 0)
		vs_buf_drop_front(&tls->out, try_to_send(tls, tls->out.ptr, tls->out.len));
	if (tls->out.len > 0 && !tls->failed) {
		tls->flight = tls->out;
		vs_buf_init(&tls->out);
		buf = uv_buf_init(tls->flight.ptr, (unsigned)tls->flight.len);
		tls->writing =
			uv_write(&tls->write, &tls->transport->uv.stream, &buf, 1, on_flight_written) == 0;
		tls->failed = !tls->writing;
	}
	if (!tls->writing)
		vs_buf_fini(&tls->out);
	shut_if_wanted(tls);
}

/* One record's worth: of one part where it is large, else copied together, so that a head goes with its body.
 */
static struct vs_view take_record(struct vs_transport_tls *tls, char scratch[VS_TLS_PLAIN_MAX])
{
	struct vs_view record = {scratch, 0};
	unsigned used = 0;

	if (tls->count == 1 || tls->parts[0].len >= VS_TLS_PLAIN_MAX) {
		record = tls->parts[0];
		if (record.len > VS_TLS_PLAIN_MAX)
			record.len = VS_TLS_PLAIN_MAX;
		tls->parts[0].ptr += record.len;
		tls->parts[0].len -= record.len;
	}
	while (record.ptr == scratch && used < tls->count && record.len < VS_TLS_PLAIN_MAX) {
		struct vs_view *part = &tls->parts[used];
		size_t len =
			VS_TLS_PLAIN_MAX - record.len < part->len ? VS_TLS_PLAIN_MAX - record.len : part->len;

		memcpy(scratch + record.len, part->ptr, len);
		record.len += len;
		part->ptr += len;
		part->len -= len;
		used += part->len == 0;
	}
	if (used == 0 && tls->parts[0].len == 0)
		used = 1;
	memmove(tls->parts, tls->parts + used, (tls->count - used) * sizeof(tls->parts[0]));
	tls->count -= used;
	return record;
}

/* Encrypts no more than the socket takes, and one record that waits. */
static enum vs_transport_write pump(struct vs_transport_tls *tls)
{
	char scratch[VS_TLS_PLAIN_MAX];

	while (tls->count > 0 && !tls->writing && !tls->failed) {
		if (!vs_tls_stream_write(tls->stream, take_record(tls, scratch)))
			tls->failed = true;
		flush(tls);
	}
	if (tls->failed)
		return VS_TRANSPORT_BROKEN;
	return tls->count > 0 || tls->writing ? VS_TRANSPORT_LATER : VS_TRANSPORT_DONE;
}

static void on_flight_written(uv_write_t *write, int status)
{
	struct vs_transport_tls *tls = write->data;
	enum vs_transport_write state = VS_TRANSPORT_BROKEN;

	tls->writing = false;
	vs_buf_fini(&tls->flight);
	if (status != 0)
		tls->failed = true;
	if (!tls->closed) {
		flush(tls);
		state = pump(tls);
	}
	if (!tls->owed || state == VS_TRANSPORT_LATER)
		return;
	tls->owed = false;
	tls->transport->events->written(tls->transport->arg, state == VS_TRANSPORT_DONE);
}

/* For a peer that does not speak TLS: what it understands. Short, since what waits is copied. */
static enum vs_transport_write write_plain(
	struct vs_transport_tls *tls, const struct vs_view *parts, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (parts[i].len > 0)
			on_send(tls, parts[i]);
	flush(tls);
	return tls->failed ? VS_TRANSPORT_BROKEN : VS_TRANSPORT_DONE;
}

enum vs_transport_write vs_transport_tls_write(
	struct vs_transport_tls *tls, const struct vs_view *parts, unsigned count)
{
	enum vs_transport_write state;
	unsigned i;

	if (tls->plain)
		return write_plain(tls, parts, count);
	VS_REQUIRE(tls->open && tls->count == 0 && count <= VS_TRANSPORT_PARTS);
	for (i = 0; i < count; i++)
		if (parts[i].len > 0)
			tls->parts[tls->count++] = parts[i];
	state = pump(tls);
	tls->owed = state == VS_TRANSPORT_LATER;
	return state;
}

bool vs_transport_tls_write_now(struct vs_transport_tls *tls, struct vs_view bytes)
{
	if (!tls->open || !vs_tls_stream_write(tls->stream, bytes))
		return false;
	flush(tls);
	return !tls->failed;
}

size_t vs_transport_tls_unwritten(const struct vs_transport_tls *tls)
{
	size_t len = tls->out.len;
	unsigned i;

	for (i = 0; i < tls->count; i++)
		len += tls->parts[i].len;
	return len;
}

void vs_transport_tls_finish(struct vs_transport_tls *tls)
{
	if (tls->stream != NULL)
		vs_tls_stream_finish(tls->stream);
	tls->shut = true;
	flush(tls);
}

void vs_transport_tls_goodbye(struct vs_transport_tls *tls)
{
	if (tls->open && !tls->writing && tls->out.len == 0)
		vs_tls_stream_finish(tls->stream);
}

void vs_transport_tls_close(struct vs_transport_tls *tls)
{
	tls->closed = true;
	tls->count = 0;
	vs_turns_drop(tls->turns, &tls->turn);
}

/* --- receiving ------------------------------------------------------------------------- */

struct vs_view vs_transport_tls_room(const struct vs_transport *transport)
{
	size_t size = transport->scratch_size - VS_TLS_PLAIN_MAX;

	if (!transport->tls->open && size > HANDSHAKE_READ_MAX)
		size = HANDSHAKE_READ_MAX;
	return (struct vs_view){transport->scratch + VS_TLS_PLAIN_MAX, size};
}

static void end(struct vs_transport_tls *tls, bool broken)
{
	struct vs_transport *transport = tls->transport;

	transport->ended = true;
	vs_transport_read(transport, false);
	transport->events->ended(transport->arg, broken);
}

static void tell_handshake(struct vs_transport_tls *tls, enum vs_handshake how, const char *why)
{
	tls->transport->events->handshake(tls->transport->arg, how, why);
}

/* True: it is complete, and there may be more in what came. */
static bool shake_hands(struct vs_transport_tls *tls)
{
	enum vs_tls_result result;

	tls->corked = true; /* all of our half in one go */
	result = vs_tls_stream_handshake(tls->stream);
	tls->corked = false;
	flush(tls);
	if (result == VS_TLS_WANT && !tls->failed)
		return false;
	if (result == VS_TLS_READY && !tls->failed) {
		bool resumed = vs_tls_stream_is_resumed(tls->stream);

		tls->open = true;
		tell_handshake(tls, resumed ? VS_HANDSHAKE_RESUMED : VS_HANDSHAKE_DONE, "");
		return !tls->closed;
	}
	tell_handshake(
		tls, tls->failed ? VS_HANDSHAKE_LEFT : VS_HANDSHAKE_FAILED, vs_tls_stream_why(tls->stream));
	return false;
}

static void begin(struct vs_transport_tls *tls)
{
	tls->begun = true;
	tls->stream = vs_tls_stream_create(tls->context, on_send, tls);
	vs_tls_context_unref(tls->context);
	tls->context = NULL;
}

/* Methods begin with a capital letter; a TLS record of a handshake begins with 22. */
static bool is_plain_http(struct vs_view bytes)
{
	return bytes.ptr[0] >= 'A' && bytes.ptr[0] <= 'Z';
}

static void work_on(struct vs_transport_tls *tls, struct vs_view bytes)
{
	struct vs_transport *transport = tls->transport;
	enum vs_tls_result result = VS_TLS_READY;
	size_t got;

	vs_tls_stream_feed(tls->stream, bytes);
	if (!tls->open && !shake_hands(tls))
		return;
	while (!tls->closed && result == VS_TLS_READY) {
		result = vs_tls_stream_read(tls->stream, transport->scratch, VS_TLS_PLAIN_MAX, &got);
		if (result == VS_TLS_READY)
			transport->events->bytes(transport->arg, (struct vs_view){transport->scratch, got});
	}
	if (tls->closed)
		return;
	flush(tls); /* what the peer asked for beneath the plain bytes, or is told at the end */
	if (result != VS_TLS_WANT)
		end(tls, result == VS_TLS_BROKEN);
}

static void on_turn(struct vs_turn *turn)
{
	struct vs_transport_tls *tls =
		(struct vs_transport_tls *)(void *)((char *)turn - offsetof(struct vs_transport_tls, turn));
	struct vs_buf hello = tls->hello;

	vs_buf_init(&tls->hello);
	vs_transport_read(tls->transport, true);
	if (!tls->begun)
		begin(tls);
	work_on(tls, vs_buf_view(&hello));
	vs_buf_fini(&hello);
}

void vs_transport_tls_bytes(struct vs_transport_tls *tls, struct vs_view bytes)
{
	if (tls->plain)
		return;
	if (tls->open) {
		work_on(tls, bytes);
	} else if (!tls->begun && is_plain_http(bytes)) {
		tls->plain = true;
		tell_handshake(tls, VS_HANDSHAKE_PLAIN, "");
	} else {
		/* A handshake costs as much as a dozen requests: theirs go first. */
		vs_buf_add(&tls->hello, bytes.ptr, bytes.len);
		vs_transport_read(tls->transport, false);
		vs_turns_ask(tls->turns, &tls->turn);
	}
}

void vs_transport_tls_ended(struct vs_transport_tls *tls, bool broken)
{
	if (tls->plain || tls->open)
		end(tls, broken);
	else
		tell_handshake(tls, tls->begun ? VS_HANDSHAKE_LEFT : VS_HANDSHAKE_NONE, "");
}
