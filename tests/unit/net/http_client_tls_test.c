#include "rig.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/http_client.h"
#include "peer.h"

/* A certificate of its own making, for 127.0.0.1, and a peer that shows it. */
struct tls_peer {
	struct peer peer;
	SSL_CTX *context;
	char ca_file[64];
	char url[64];
};

struct outcome {
	struct vs_loop *loop;
	enum vs_http_error error;
	uint32_t status;
	char body[64];
	char text[1280];
	enum vs_tls_fault fault;
};

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct outcome *outcome = arg;

	outcome->error = reply->error;
	outcome->status = reply->status;
	outcome->fault = reply->tls_fault;
	(void)snprintf(outcome->body, sizeof(outcome->body), "%s", reply->body);
	(void)snprintf(outcome->text, sizeof(outcome->text), "%s", reply->error_text);
	vs_loop_stop(outcome->loop);
}

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
	X509 *certificate = X509_new();
	X509_EXTENSION *extension;

	assert_non_null(certificate);
	assert_int_equal(X509_set_version(certificate, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
				 (const unsigned char *)"vpn-sentinel test", -1, -1, 0),
		1);
	assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), 1);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static void write_certificate(struct tls_peer *peer, X509 *certificate)
{
	FILE *file;
	int fd;

	(void)snprintf(peer->ca_file, sizeof(peer->ca_file), "/tmp/vs-tls-test-XXXXXX");
	fd = mkstemp(peer->ca_file);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	assert_int_equal(fclose(file), 0);
}

static void *serve(void *arg)
{
	static const char says[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
	struct tls_peer *peer = arg;
	char heard[4096];
	int fd;

	while ((fd = accept(peer->peer.listener, NULL, NULL)) >= 0) {
		SSL *ssl = SSL_new(peer->context);

		(void)SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1 && SSL_read(ssl, heard, sizeof(heard)) > 0)
			(void)SSL_write(ssl, says, sizeof(says) - 1);
		(void)SSL_shutdown(ssl);
		SSL_free(ssl);
		(void)close(fd);
	}
	return NULL;
}

static void tls_open(struct tls_peer *peer, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, name);

	*peer = (struct tls_peer){0};
	peer->context = SSL_CTX_new(TLS_server_method());
	assert_non_null(peer->context);
	assert_int_equal(SSL_CTX_use_certificate(peer->context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(peer->context, key), 1);
	write_certificate(peer, certificate);
	X509_free(certificate);
	EVP_PKEY_free(key);
	peer_listen(&peer->peer);
	(void)snprintf(peer->url, sizeof(peer->url), "https://127.0.0.1:%u/secret-token", peer->peer.port);
	assert_int_equal(pthread_create(&peer->peer.thread, NULL, serve, peer), 0);
}

static void tls_close(struct tls_peer *peer)
{
	peer_stop(&peer->peer);
	SSL_CTX_free(peer->context);
	assert_int_equal(unlink(peer->ca_file), 0);
}

static struct outcome ask(const struct vs_http_settings *settings, struct vs_http_request request)
{
	struct outcome outcome = {.loop = vs_loop_create()};
	struct vs_http_client *client = vs_http_client_create(outcome.loop, settings);

	assert_int_not_equal(vs_http_send(client, &request, on_reply, &outcome), 0);
	assert_true(vs_loop_run_for(outcome.loop, 20000));
	vs_http_client_destroy(client);
	vs_loop_destroy(outcome.loop);
	assert_null(strstr(outcome.text, "secret-token"));
	return outcome;
}

static void a_certificate_nobody_vouches_for_is_a_tls_error_that_says_so(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct outcome outcome;
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "IP:127.0.0.1");
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url});
	assert_int_equal(outcome.error, VS_HTTP_E_TLS);
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(outcome.text, "certificate is not trusted"));
	assert_non_null(strstr(outcome.text, "it is self-signed (\"CN=vpn-sentinel test\")"));
	assert_int_equal(outcome.fault, VS_TLS_SELF_SIGNED);
	tls_close(&peer);
}

static void the_ca_file_of_the_settings_or_of_the_request_is_trusted(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct outcome outcome;
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "IP:127.0.0.1");
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url, .ca_file = peer.ca_file});
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_string_equal(outcome.body, "secret");
	settings.ca_file = peer.ca_file;
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url});
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	tls_close(&peer);
}

static void a_trusted_certificate_for_another_name_is_a_tls_error(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct outcome outcome;
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "DNS:elsewhere.example");
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url, .ca_file = peer.ca_file});
	assert_int_equal(outcome.error, VS_HTTP_E_TLS);
	assert_int_equal(outcome.fault, VS_TLS_OTHER_NAME);
	assert_non_null(strstr(outcome.text, "it is for elsewhere.example, and not for 127.0.0.1"));
	tls_close(&peer);
}

static void insecure_takes_any_certificate(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "DNS:elsewhere.example");
	assert_int_equal(ask(&settings, (struct vs_http_request){.url = peer.url, .insecure = true}).error,
		VS_HTTP_E_OK);
	settings.insecure = true;
	assert_int_equal(ask(&settings, (struct vs_http_request){.url = peer.url}).error, VS_HTTP_E_OK);
	tls_close(&peer);
}

static void a_ca_file_that_is_not_there_is_a_tls_error_that_names_it(void **state)
{
	struct vs_http_settings settings = {.version = "1", .ca_file = "/nonexistent/ca.pem"};
	struct outcome outcome;
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "IP:127.0.0.1");
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url});
	assert_int_equal(outcome.error, VS_HTTP_E_TLS);
	assert_non_null(strstr(outcome.text, "/nonexistent/ca.pem"));
	tls_close(&peer);
}

static void a_peer_that_does_not_speak_tls_is_a_tls_error(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct peer peer = {.says = "HTTP/1.1 400 Bad Request\r\n\r\n", .silent = true};
	char url[64];

	(void)state;
	peer_start(&peer);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", peer.port);
	assert_int_equal(ask(&settings, (struct vs_http_request){.url = url}).fault, VS_TLS_NO_TLS);
	peer_stop(&peer);
}

#define OTHER_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void another_key_than_the_pinned_one_is_refused_with_the_pin_it_has(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct vs_http_request request = {.pin = OTHER_PIN};
	struct outcome outcome;
	struct tls_peer peer;
	const char *pin;
	char pins[200];

	(void)state;
	tls_open(&peer, "IP:127.0.0.1");
	request.url = peer.url;
	request.ca_file = peer.ca_file;
	outcome = ask(&settings, request);
	assert_int_equal(outcome.fault, VS_TLS_OTHER_KEY);
	pin = strstr(outcome.text, "its key is sha256//");
	assert_non_null(pin);
	(void)snprintf(pins, sizeof(pins), OTHER_PIN ";%.52s", pin + strlen("its key is "));
	request.pin = pins;
	assert_int_equal(ask(&settings, request).error, VS_HTTP_E_OK);
	request.insecure = true;
	assert_int_equal(ask(&settings, request).error, VS_HTTP_E_OK);
	request.pin = OTHER_PIN;
	assert_int_equal(ask(&settings, request).fault, VS_TLS_OTHER_KEY);
	tls_close(&peer);
}

static void a_certificate_of_ours_that_cannot_be_read_is_our_own_fault(void **state)
{
	struct vs_http_settings settings = {.version = "1"};
	struct outcome outcome;
	struct tls_peer peer;

	(void)state;
	tls_open(&peer, "IP:127.0.0.1");
	outcome = ask(&settings, (struct vs_http_request){.url = peer.url,
					 .ca_file = peer.ca_file,
					 .cert_file = "/nonexistent/client.pem",
					 .key_file = "/nonexistent/client.key"});
	assert_int_equal(outcome.fault, VS_TLS_OUR_FILES);
	assert_non_null(strstr(outcome.text, "our own certificate or its key cannot be used"));
	tls_close(&peer);
}

static int without_proxies(void **state)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_nobody_vouches_for_is_a_tls_error_that_says_so),
		cmocka_unit_test(the_ca_file_of_the_settings_or_of_the_request_is_trusted),
		cmocka_unit_test(a_trusted_certificate_for_another_name_is_a_tls_error),
		cmocka_unit_test(insecure_takes_any_certificate),
		cmocka_unit_test(a_ca_file_that_is_not_there_is_a_tls_error_that_names_it),
		cmocka_unit_test(a_peer_that_does_not_speak_tls_is_a_tls_error),
		cmocka_unit_test(another_key_than_the_pinned_one_is_refused_with_the_pin_it_has),
		cmocka_unit_test(a_certificate_of_ours_that_cannot_be_read_is_our_own_fault),
	};

	return cmocka_run_group_tests(tests, without_proxies, NULL);
}
