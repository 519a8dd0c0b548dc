#include "wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

SSL_CTX *wire_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		return NULL;
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return context;
}

int wire_open(struct wire *wire, int fd, SSL_CTX *context)
{
	*wire = (struct wire){.fd = fd};
	if (context == NULL)
		return 0;
	wire->tls = SSL_new(context);
	if (wire->tls == NULL || SSL_set_fd(wire->tls, fd) != 1)
		return -1;
	SSL_set_quiet_shutdown(wire->tls, 1);
	SSL_set_connect_state(wire->tls);
	return 0;
}

void wire_close(struct wire *wire)
{
	SSL_free(wire->tls);
	wire->tls = NULL;
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

/* Requests are small: a socket that takes no more of them counts as lost, too. */
static ssize_t outcome(struct wire *wire, int rc)
{
	int error = SSL_get_error(wire->tls, rc);

	ERR_clear_error();
	return error == SSL_ERROR_WANT_READ ? WIRE_LATER : WIRE_LOST;
}

ssize_t wire_send(struct wire *wire, const void *bytes, size_t len)
{
	ssize_t n;

	if (wire->tls != NULL) {
		int rc = SSL_write(wire->tls, bytes, (int)len);

		return rc > 0 ? rc : outcome(wire, rc);
	}
	n = send(wire->fd, bytes, len, MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? WIRE_LATER : WIRE_LOST;
}

ssize_t wire_receive(struct wire *wire, void *bytes, size_t size)
{
	ssize_t n;

	if (wire->tls != NULL) {
		int rc = SSL_read(wire->tls, bytes, (int)size);

		return rc > 0 ? rc : outcome(wire, rc);
	}
	n = recv(wire->fd, bytes, size, 0);
	if (n > 0)
		return n;
	return n < 0 && errno == EAGAIN ? WIRE_LATER : WIRE_LOST;
}
