/* Handshakes over sockets, beside requests on a plain port of the same server. */
#include "rig.h"

#include <openssl/ssl.h>

#include "net/tls.h"
#include "tls_pki.h"

#define CROWD 60

struct secure {
	struct rig *rig;
	struct pki_folder folder;
	struct pki_cert pair;
	struct vs_tls_context *context;
	char hello[4096]; /* how a client begins */
	int hello_len;
	struct wire calm; /* on the plain port */
	struct wire crowd[CROWD];
};

static void make_hello(struct secure *secure)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(context);
	BIO *out = BIO_new(BIO_s_mem());

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	assert_int_equal(SSL_connect(ssl), -1);
	secure->hello_len = BIO_read(out, secure->hello, sizeof(secure->hello));
	assert_true(secure->hello_len > 0);
	SSL_free(ssl);
	SSL_CTX_free(context);
}

static void open_all(struct secure *secure)
{
	struct rig *rig = secure->rig;
	size_t i;

	wire_open(&secure->calm, rig);
	rig->port = vs_http_server_port(rig->server, "tls");
	for (i = 0; i < CROWD; i++)
		wire_open(&secure->crowd[i], rig);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == CROWD + 1);
}

static int begin(void **state)
{
	struct secure *secure = calloc(1, sizeof(*secure));
	struct vs_tls_conf conf = {secure->folder.cert, secure->folder.key, VS_TLS_1_2};
	struct vs_err err;

	secure->pair = pki_make(&(struct pki_wish){.name = "localhost"});
	pki_folder_make(&secure->folder);
	pki_write_cert(secure->folder.cert, secure->pair.cert, NULL);
	pki_write_key(secure->folder.key, secure->pair.key, NULL);
	secure->context = vs_tls_context_create(&conf, &err);
	assert_non_null(secure->context);
	secure->rig = rig_create(NULL);
	vs_http_server_set_tls(secure->rig->server, secure->context);
	assert_int_equal(vs_http_server_listen_tls(secure->rig->server, "127.0.0.1:0", "tls", &err), 0);
	make_hello(secure);
	open_all(secure);
	*state = secure;
	return 0;
}

static int end(void **state)
{
	struct secure *secure = *state;
	size_t i;

	for (i = 0; i < CROWD; i++)
		wire_close(&secure->crowd[i]);
	wire_close(&secure->calm);
	rig_destroy(secure->rig);
	vs_tls_context_unref(secure->context);
	pki_free(&secure->pair);
	pki_folder_remove(&secure->folder);
	free(secure);
	return 0;
}

static void say_hello(const struct secure *secure)
{
	size_t i;

	for (i = 0; i < CROWD; i++)
		assert_int_equal(send(secure->crowd[i].fd, secure->hello, (size_t)secure->hello_len, 0),
			secure->hello_len);
}

static size_t greeted(struct secure *secure)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < CROWD; i++) {
		wire_receive(&secure->crowd[i]);
		count += secure->crowd[i].got.len > 0;
	}
	return count;
}

static void a_request_does_not_wait_for_a_crowd_of_handshakes(void **state)
{
	static const char get[] = "GET /ok HTTP/1.1\r\nHost: h\r\n\r\n";
	struct secure *secure = *state;

	say_hello(secure);
	assert_int_equal(send(secure->calm.fd, get, sizeof(get) - 1, 0), sizeof(get) - 1);
	RIG_UNTIL(secure->rig, wire_has(&secure->calm, "HTTP/1.1 200 "));
	assert_true(greeted(secure) < CROWD);
	RIG_UNTIL(secure->rig, greeted(secure) == CROWD);
}

static void a_server_ends_with_handshakes_that_wait(void **state)
{
	struct secure *secure = *state;

	say_hello(secure);
	RIG_UNTIL(secure->rig, greeted(secure) > 0);
	assert_true(greeted(secure) < CROWD); /* end() destroys it now */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_request_does_not_wait_for_a_crowd_of_handshakes, begin, end),
		cmocka_unit_test_setup_teardown(a_server_ends_with_handshakes_that_wait, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
