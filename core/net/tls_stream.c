#include "net/tls_stream.h"

#include <string.h>

#include <openssl/err.h>

#include "base/alloc.h"
#include "base/require.h"
#include "net/tls_inside.h"

struct vs_tls_stream {
	SSL *ssl;
	struct vs_tls_context *context;
	void (*send)(void *arg, struct vs_view bytes);
	void *arg;
	struct vs_view input; /* what OpenSSL has not taken yet */
	char *why; /* NULL: it is not broken */
	bool finished;
	bool resumed;
};

/* --- what OpenSSL takes for a socket --------------------------------------------------- */

static int on_bio_write(BIO *bio, const char *bytes, size_t len, size_t *written)
{
	struct vs_tls_stream *stream = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	stream->send(stream->arg, (struct vs_view){bytes, len});
	*written = len;
	return 1;
}

static int on_bio_read(BIO *bio, char *to, size_t size, size_t *got)
{
	struct vs_tls_stream *stream = BIO_get_data(bio);
	size_t len = stream->input.len < size ? stream->input.len : size;

	BIO_clear_retry_flags(bio);
	*got = len;
	if (len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(to, stream->input.ptr, len);
	stream->input.ptr += len;
	stream->input.len -= len;
	return 1;
}

static long on_bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int on_bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *vs_tls_stream_bio(void)
{
	/* No index of its own: there are few of those in a process, and contexts come and go. */
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "vpn-sentinel stream");

	if (method == NULL)
		return NULL;
	VS_REQUIRE(BIO_meth_set_write_ex(method, on_bio_write) && BIO_meth_set_read_ex(method, on_bio_read) &&
		   BIO_meth_set_ctrl(method, on_bio_control) && BIO_meth_set_create(method, on_bio_create));
	return method;
}

/* --- the stream ------------------------------------------------------------------------ */

struct vs_tls_stream *vs_tls_stream_create(
	struct vs_tls_context *context, void (*send)(void *arg, struct vs_view bytes), void *arg)
{
	struct vs_tls_stream *stream = vs_zalloc(sizeof(*stream));
	BIO *bio;

	stream->context = vs_tls_context_ref(context);
	stream->send = send;
	stream->arg = arg;
	stream->ssl = SSL_new(context->ssl);
	bio = BIO_new(context->bio);
	VS_REQUIRE(stream->ssl != NULL && bio != NULL);
	BIO_set_data(bio, stream);
	SSL_set_bio(stream->ssl, bio, bio);
	SSL_set_accept_state(stream->ssl);
	return stream;
}

void vs_tls_stream_destroy(struct vs_tls_stream *stream)
{
	if (stream == NULL)
		return;
	SSL_free(stream->ssl);
	vs_tls_context_unref(stream->context);
	vs_free(stream->why);
	vs_free(stream);
}

void vs_tls_stream_feed(struct vs_tls_stream *stream, struct vs_view bytes)
{
	VS_REQUIRE(stream->input.len == 0);
	stream->input = bytes;
}

static void set_broken(struct vs_tls_stream *stream)
{
	char reason[160];

	if (stream->why != NULL)
		return;
	vs_tls_reason(reason, sizeof(reason));
	stream->why = vs_strdup(reason);
}

/* Of a call that did not succeed. */
static enum vs_tls_result result_of(struct vs_tls_stream *stream, int rc)
{
	enum vs_tls_result result = VS_TLS_BROKEN;

	switch (SSL_get_error(stream->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return VS_TLS_WANT;
	case SSL_ERROR_ZERO_RETURN:
		result = VS_TLS_END;
		break;
	default:
		set_broken(stream);
	}
	stream->input.len = 0;
	ERR_clear_error();
	return result;
}

enum vs_tls_result vs_tls_stream_handshake(struct vs_tls_stream *stream)
{
	enum vs_tls_result result;
	int rc;

	if (stream->why != NULL)
		return VS_TLS_BROKEN;
	ERR_clear_error();
	rc = SSL_do_handshake(stream->ssl);
	if (rc == 1) {
		stream->resumed = SSL_session_reused(stream->ssl) == 1; /* forgotten later */
		return VS_TLS_READY;
	}
	result = result_of(stream, rc);
	if (result == VS_TLS_END)
		set_broken(stream);
	return result == VS_TLS_END ? VS_TLS_BROKEN : result;
}

enum vs_tls_result vs_tls_stream_read(struct vs_tls_stream *stream, char *to, size_t size, size_t *got)
{
	int rc;

	*got = 0;
	if (stream->why != NULL)
		return VS_TLS_BROKEN;
	ERR_clear_error();
	rc = SSL_read_ex(stream->ssl, to, size, got);
	return rc == 1 ? VS_TLS_READY : result_of(stream, rc);
}

bool vs_tls_stream_write(struct vs_tls_stream *stream, struct vs_view plain)
{
	size_t written;

	VS_REQUIRE(plain.len > 0 && plain.len <= VS_TLS_PLAIN_MAX);
	if (stream->why != NULL || stream->finished)
		return false;
	ERR_clear_error();
	if (SSL_write_ex(stream->ssl, plain.ptr, plain.len, &written) != 1) {
		set_broken(stream);
		return false;
	}
	VS_REQUIRE(written == plain.len);
	return true;
}

void vs_tls_stream_finish(struct vs_tls_stream *stream)
{
	if (stream->finished || stream->why != NULL || !SSL_is_init_finished(stream->ssl))
		return;
	stream->finished = true;
	ERR_clear_error();
	(void)SSL_shutdown(stream->ssl);
	ERR_clear_error();
}

bool vs_tls_stream_is_resumed(const struct vs_tls_stream *stream)
{
	return stream->resumed;
}

const char *vs_tls_stream_why(const struct vs_tls_stream *stream)
{
	return stream->why != NULL ? stream->why : "";
}
