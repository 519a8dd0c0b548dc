/* The certificate that stands at a port, whether or not it can be believed: its names, its chain, its dates.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "net/tls_cert.h"
#include "net/url.h"

#define PATIENCE_MS 5000
#define SOON_DAYS 14
#define DAY_MS INT64_C(86400000)

static int connect_within(const struct addrinfo *to)
{
	const struct timeval patience = {PATIENCE_MS / 1000, 0};
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* For connecting, too: SO_SNDTIMEO bounds it. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
		connect(fd, to->ai_addr, to->ai_addrlen) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_to(const char *host, uint16_t port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	struct addrinfo *item;
	char service[8];
	int fd = -1;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	if (getaddrinfo(host, service, &hints, &list) != 0)
		return -1;
	for (item = list; item != NULL && fd < 0; item = item->ai_next)
		fd = connect_within(item);
	freeaddrinfo(list);
	return fd;
}

static void tell(struct vs_doctor *doctor, SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	X509 *cert = chain != NULL ? sk_X509_value(chain, 0) : NULL;
	enum vs_finding state;
	char until[VS_TIME_TEXT];
	struct vs_buf names;
	int64_t days;
	int64_t end;

	if (cert == NULL)
		return;
	vs_buf_init(&names);
	vs_tls_cert_names(&names, cert, 3);
	end = vs_tls_cert_time(X509_get0_notAfter(cert));
	vs_time_format(until, end);
	days = (end - vs_wall_ms()) / DAY_MS;
	state = end < vs_wall_ms() ? VS_FINDING_FAIL : days < SOON_DAYS ? VS_FINDING_WARN : VS_FINDING_OK;
	vs_findings_add(&doctor->findings, state, "server certificate",
		state == VS_FINDING_OK ? NULL : "renew it: `vpn-sentinel cert server` on the server",
		"%s, for %s, %d in the chain, valid until %.10s", SSL_get_version(ssl), vs_buf_text(&names),
		sk_X509_num(chain), until);
	vs_buf_fini(&names);
}

/* Nothing is verified here, since the request before it was: even of a bad certificate the dates are worth
 * telling. */
static void peek(struct vs_doctor *doctor, int fd, char *host)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = context != NULL ? SSL_new(context) : NULL;
	struct vs_addr addr;

	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
		if (vs_addr_parse(&addr, vs_view_of(host)) < 0)
			SSL_set_tlsext_host_name(ssl, host);
		/* A server that wants a certificate of ours has shown its own by then. */
		(void)SSL_connect(ssl);
		tell(doctor, ssl);
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
}

void vs_doctor_certificate(struct vs_doctor *doctor, const char *url)
{
	struct vs_url parsed;
	struct vs_err err;
	char *host;
	int fd;

	if (vs_url_parse(&parsed, vs_view_of(url), &err) < 0)
		return;
	host = vs_strndup(parsed.host.ptr, parsed.host.len);
	fd = connect_to(host, parsed.port);
	if (fd >= 0) {
		peek(doctor, fd, host);
		close(fd);
	} else {
		vs_findings_add(&doctor->findings, VS_FINDING_UNKNOWN, "server certificate", NULL,
			"it could not be looked at: %s is not reached from here, unless through a proxy",
			host);
	}
	vs_free(host);
}
