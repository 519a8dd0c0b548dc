#include <stdbool.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "tls_pki.h"

/* A server's stream and OpenSSL's own client, joined in memory. */
struct link {
	struct pki_folder folder;
	struct pki_cert pair;
	struct vs_tls_context *context;
	struct vs_tls_stream *stream;
	struct vs_buf to_client;
	struct vs_buf plain; /* what the server read */
	enum vs_tls_result result; /* what it said last */
	bool open;
	SSL_CTX *client_context;
	SSL *client;
	BIO *to_server;
	BIO *from_server;
	SSL_SESSION *session;
	const char *client_why; /* of the handshake's failure */
};

static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct link *link = SSL_get_app_data(ssl);

	SSL_SESSION_free(link->session);
	link->session = session;
	return 1;
}

static void on_send(void *arg, struct vs_view bytes)
{
	struct link *link = arg;

	vs_buf_add(&link->to_client, bytes.ptr, bytes.len);
}

static void make_context(struct link *link, enum vs_tls_version version)
{
	const struct vs_tls_conf conf = {link->folder.cert, link->folder.key, version};
	struct vs_err err;

	vs_tls_context_unref(link->context);
	link->context = vs_tls_context_create(&conf, &err);
	assert_non_null(link->context);
}

static struct link *link_make(EVP_PKEY *key)
{
	struct link *link = vs_zalloc(sizeof(*link));

	link->pair = pki_make(&(struct pki_wish){.name = "localhost", .key = key});
	pki_folder_make(&link->folder);
	pki_write_cert(link->folder.cert, link->pair.cert, NULL);
	pki_write_key(link->folder.key, link->pair.key, NULL);
	make_context(link, VS_TLS_1_2);
	link->client_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(link->client_context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(
		link->client_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(link->client_context, on_session);
	assert_int_equal(
		X509_STORE_add_cert(SSL_CTX_get_cert_store(link->client_context), link->pair.cert), 1);
	return link;
}

static void link_close(struct link *link)
{
	vs_tls_stream_destroy(link->stream);
	link->stream = NULL;
	if (link->client != NULL)
		SSL_set_shutdown(link->client, SSL_SENT_SHUTDOWN); /* else it forgets its session */
	SSL_free(link->client);
	link->client = NULL;
	vs_buf_fini(&link->to_client);
	vs_buf_fini(&link->plain);
}

static void link_open(struct link *link)
{
	link_close(link);
	link->open = false;
	link->client_why = "";
	link->result = VS_TLS_WANT;
	link->stream = vs_tls_stream_create(link->context, on_send, link);
	link->client = SSL_new(link->client_context);
	SSL_set_app_data(link->client, link);
	link->to_server = BIO_new(BIO_s_mem());
	link->from_server = BIO_new(BIO_s_mem());
	SSL_set_bio(link->client, link->from_server, link->to_server);
	SSL_set_connect_state(link->client);
	if (link->session != NULL)
		assert_int_equal(SSL_set_session(link->client, link->session), 1);
}

static void link_free(struct link *link)
{
	link_close(link);
	SSL_SESSION_free(link->session);
	SSL_CTX_free(link->client_context);
	vs_tls_context_unref(link->context);
	pki_free(&link->pair);
	pki_folder_remove(&link->folder);
	vs_free(link);
}

/* Bytes that have come to the server, as transport_tls.c handles them. */
static void serve(struct link *link, struct vs_view bytes)
{
	char plain[1000];
	size_t got;

	vs_tls_stream_feed(link->stream, bytes);
	if (!link->open) {
		link->result = vs_tls_stream_handshake(link->stream);
		link->open = link->result == VS_TLS_READY;
	}
	while (link->open &&
		(link->result = vs_tls_stream_read(link->stream, plain, sizeof(plain), &got)) == VS_TLS_READY)
		vs_buf_add(&link->plain, plain, got);
}

/* Hands over what waits in both directions; at most piece bytes at a time to the server. */
static bool carry(struct link *link, size_t piece)
{
	char bytes[20000];
	bool moved = link->to_client.len > 0;
	int len;

	if (moved)
		BIO_write(link->from_server, link->to_client.ptr, (int)link->to_client.len);
	vs_buf_clear(&link->to_client);
	while (link->result != VS_TLS_BROKEN && link->result != VS_TLS_END &&
		(len = BIO_read(
			 link->to_server, bytes, (int)(piece < sizeof(bytes) ? piece : sizeof(bytes)))) > 0) {
		serve(link, (struct vs_view){bytes, (size_t)len});
		moved = true;
	}
	return moved;
}

/* Until both are done or nothing moves any more. */
static bool shake(struct link *link, size_t piece)
{
	int done;

	do {
		ERR_clear_error();
		done = SSL_do_handshake(link->client);
		if (done < 0 && SSL_get_error(link->client, done) == SSL_ERROR_SSL)
			link->client_why = ERR_reason_error_string(ERR_peek_last_error());
	} while (carry(link, piece) || done == 1 ? done != 1 || !link->open : false);
	if (done == 1 && link->open) {
		char none[1];

		(void)carry(link, piece);
		(void)SSL_read(link->client, none, 1); /* takes the tickets in */
		(void)carry(link, piece);
	}
	return done == 1 && link->open;
}

static void both_kinds_of_key_open_both_versions(void **state)
{
	EVP_PKEY *const keys[] = {pki_ecdsa(), pki_rsa(2048)};
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	size_t k;
	size_t v;

	(void)state;
	for (k = 0; k < 2; k++) {
		struct link *link = link_make(keys[k]);

		for (v = 0; v < 2; v++) {
			SSL_CTX_set_min_proto_version(link->client_context, versions[v]);
			SSL_CTX_set_max_proto_version(link->client_context, versions[v]);
			link_open(link);
			assert_true(shake(link, 20000));
			assert_int_equal(SSL_version(link->client), versions[v]);
			assert_false(vs_tls_stream_is_resumed(link->stream));
			assert_string_equal(vs_tls_stream_why(link->stream), "");
			SSL_SESSION_free(link->session);
			link->session = NULL;
		}
		link_free(link);
	}
}

static void a_handshake_may_come_byte_by_byte(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	link_open(link);
	assert_true(shake(link, 1));
	assert_int_equal(SSL_write(link->client, "hello", 5), 5);
	assert_true(carry(link, 1));
	assert_string_equal(vs_buf_text(&link->plain), "hello");
	link_free(link);
}

static void versions_that_are_not_safe_are_refused_with_an_alert(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	SSL_CTX_set_cipher_list(link->client_context, "ALL:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(link->client_context, TLS1_1_VERSION);
	SSL_CTX_set_max_proto_version(link->client_context, TLS1_1_VERSION);
	link_open(link);
	assert_false(shake(link, 20000));
	assert_int_equal(link->result, VS_TLS_BROKEN);
	assert_non_null(strstr(vs_tls_stream_why(link->stream), "unsupported protocol"));
	assert_int_equal(vs_tls_stream_handshake(link->stream), VS_TLS_BROKEN);
	link_free(link);
}

static void with_a_minimum_of_1_3_a_client_of_1_2_is_refused(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	make_context(link, VS_TLS_1_3);
	SSL_CTX_set_max_proto_version(link->client_context, TLS1_2_VERSION);
	link_open(link);
	assert_false(shake(link, 20000));
	assert_non_null(strstr(link->client_why, "alert protocol version"));
	SSL_CTX_set_max_proto_version(link->client_context, 0);
	link_open(link);
	assert_true(shake(link, 20000));
	link_free(link);
}

static void ciphers_without_forward_secrecy_are_refused(void **state)
{
	struct link *link = link_make(pki_rsa(2048));

	(void)state;
	SSL_CTX_set_max_proto_version(link->client_context, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(link->client_context, "AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256");
	link_open(link);
	assert_false(shake(link, 20000));
	assert_non_null(strstr(vs_tls_stream_why(link->stream), "no shared cipher"));
	link_free(link);
}

static void of_several_protocols_http_1_1_is_chosen_and_nothing_else(void **state)
{
	static const unsigned char several[] = "\x02h2\x08http/1.1";
	static const unsigned char other[] = "\x02h2\x08http/1.0";
	struct link *link = link_make(NULL);
	const unsigned char *chosen;
	unsigned len;

	(void)state;
	SSL_CTX_set_alpn_protos(link->client_context, several, sizeof(several) - 1);
	link_open(link);
	assert_true(shake(link, 20000));
	SSL_get0_alpn_selected(link->client, &chosen, &len);
	assert_int_equal(len, 8);
	assert_memory_equal(chosen, "http/1.1", 8);
	SSL_CTX_set_alpn_protos(link->client_context, other, sizeof(other) - 1);
	link_open(link);
	assert_false(shake(link, 20000));
	assert_non_null(strstr(link->client_why, "no application protocol"));
	link_free(link);
}

static void bytes_go_both_ways_in_records_of_any_size(void **state)
{
	static char large[VS_TLS_PLAIN_MAX];
	static char got[VS_TLS_PLAIN_MAX + 1];
	struct link *link = link_make(NULL);
	size_t size;

	(void)state;
	memset(large, 'L', sizeof(large));
	link_open(link);
	assert_true(shake(link, 20000));
	for (size = 1; size <= sizeof(large);
		size = size * 3 < sizeof(large) || size == sizeof(large) ? size * 3 : sizeof(large)) {
		assert_int_equal(SSL_write(link->client, large, (int)size), size);
		assert_true(carry(link, 700));
		assert_int_equal(link->plain.len, size);
		vs_buf_clear(&link->plain);
		assert_true(vs_tls_stream_write(link->stream, (struct vs_view){large, size}));
		assert_true(carry(link, 20000));
		assert_int_equal(SSL_read(link->client, got, sizeof(got)), size);
	}
	link_free(link);
}

static void a_ticket_shortens_the_next_handshake(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct link *link = link_make(NULL);
	size_t v;

	(void)state;
	for (v = 0; v < 2; v++) {
		SSL_CTX_set_min_proto_version(link->client_context, versions[v]);
		SSL_CTX_set_max_proto_version(link->client_context, versions[v]);
		link_open(link);
		assert_true(shake(link, 20000));
		assert_non_null(link->session);
		link_open(link);
		assert_true(shake(link, 20000));
		assert_true(vs_tls_stream_is_resumed(link->stream));
		SSL_SESSION_free(link->session);
		link->session = NULL;
	}
	link_free(link);
}

static void a_ticket_of_another_certificate_means_a_whole_handshake(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	link_open(link);
	assert_true(shake(link, 20000));
	assert_non_null(link->session);
	make_context(link, VS_TLS_1_2);
	link_open(link);
	assert_true(shake(link, 20000));
	assert_false(vs_tls_stream_is_resumed(link->stream));
	link_free(link);
}

static void a_stream_keeps_its_context_when_everybody_else_has_another(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	link_open(link);
	make_context(link, VS_TLS_1_2);
	assert_true(shake(link, 20000));
	assert_int_equal(SSL_write(link->client, "old", 3), 3);
	assert_true(carry(link, 20000));
	assert_string_equal(vs_buf_text(&link->plain), "old");
	link_free(link);
}

static void a_peer_that_says_goodbye_can_still_be_answered(void **state)
{
	struct link *link = link_make(NULL);
	char got[16];

	(void)state;
	link_open(link);
	assert_true(shake(link, 20000));
	assert_int_equal(SSL_write(link->client, "last", 4), 4);
	assert_int_equal(SSL_shutdown(link->client), 0);
	assert_true(carry(link, 20000));
	assert_string_equal(vs_buf_text(&link->plain), "last");
	assert_int_equal(link->result, VS_TLS_END);
	assert_true(vs_tls_stream_write(link->stream, vs_view_of("answer")));
	vs_tls_stream_finish(link->stream);
	vs_tls_stream_finish(link->stream);
	assert_false(vs_tls_stream_write(link->stream, vs_view_of("more")));
	assert_true(carry(link, 20000));
	assert_int_equal(SSL_read(link->client, got, sizeof(got)), 6);
	assert_int_equal(SSL_read(link->client, got, sizeof(got)), 0);
	assert_int_equal(SSL_get_shutdown(link->client), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	link_free(link);
}

static void our_goodbye_does_not_end_reading(void **state)
{
	struct link *link = link_make(NULL);

	(void)state;
	link_open(link);
	assert_true(shake(link, 20000));
	vs_tls_stream_finish(link->stream);
	assert_int_equal(SSL_write(link->client, "late", 4), 4);
	assert_true(carry(link, 20000));
	assert_string_equal(vs_buf_text(&link->plain), "late");
	link_free(link);
}

static void what_is_no_tls_is_broken_at_once(void **state)
{
	static const char garbage[][64] = {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b",
		"\x16\x03\x01\xff\xff garbage of too long a record", "\x80\x2e\x01\x00\x02 an old hello",
		"\x16\x03\x01\x00\x04\xff\xff\xff\xff"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct link *link = link_make(NULL);

		link_open(link);
		serve(link, (struct vs_view){garbage[i], sizeof(garbage[i])});
		assert_int_equal(link->result, VS_TLS_BROKEN);
		assert_string_not_equal(vs_tls_stream_why(link->stream), "");
		vs_tls_stream_finish(link->stream);
		link_free(link);
	}
}

static void a_handshake_that_stops_halfway_wants_more(void **state)
{
	struct link *link = link_make(NULL);
	char bytes[4096];
	int len;

	(void)state;
	link_open(link);
	(void)SSL_do_handshake(link->client);
	len = BIO_read(link->to_server, bytes, sizeof(bytes));
	assert_true(len > 100);
	serve(link, (struct vs_view){bytes, (size_t)len / 2});
	assert_int_equal(link->result, VS_TLS_WANT);
	assert_int_equal(link->to_client.len, 0);
	link_free(link);
}

static void a_record_that_was_tampered_with_breaks_the_stream(void **state)
{
	struct link *link = link_make(NULL);
	char bytes[256];
	int len;

	(void)state;
	link_open(link);
	assert_true(shake(link, 20000));
	assert_int_equal(SSL_write(link->client, "pay me", 6), 6);
	len = BIO_read(link->to_server, bytes, sizeof(bytes));
	bytes[len - 1] ^= 1;
	serve(link, (struct vs_view){bytes, (size_t)len});
	assert_int_equal(link->result, VS_TLS_BROKEN);
	assert_int_equal(link->plain.len, 0);
	assert_false(vs_tls_stream_write(link->stream, vs_view_of("x")));
	link_free(link);
}

static void a_client_that_does_not_trust_the_certificate_is_the_reason(void **state)
{
	struct link *link = link_make(NULL);
	X509_STORE *empty = X509_STORE_new();

	(void)state;
	SSL_CTX_set_cert_store(link->client_context, empty);
	link_open(link);
	assert_false(shake(link, 20000));
	assert_int_equal(link->result, VS_TLS_BROKEN);
	assert_non_null(strstr(vs_tls_stream_why(link->stream), "unknown ca"));
	link_free(link);
}

static void a_renegotiation_is_refused_and_the_stream_goes_on(void **state)
{
	struct link *link = link_make(NULL);
	char got[16];

	(void)state;
	SSL_CTX_set_max_proto_version(link->client_context, TLS1_2_VERSION);
	link_open(link);
	assert_true(shake(link, 20000));
	assert_int_equal(SSL_renegotiate(link->client), 1);
	(void)SSL_do_handshake(link->client);
	assert_true(carry(link, 20000));
	assert_int_equal(link->result, VS_TLS_WANT);
	assert_true(vs_tls_stream_write(link->stream, vs_view_of("still here")));
	assert_true(carry(link, 20000));
	ERR_clear_error();
	assert_true(SSL_read(link->client, got, sizeof(got)) <= 0);
	assert_non_null(strstr(ERR_reason_error_string(ERR_peek_last_error()), "no renegotiation"));
	link_free(link);
}

static void keys_may_change_in_the_middle(void **state)
{
	struct link *link = link_make(NULL);
	char got[16];
	int i;

	(void)state;
	link_open(link);
	assert_true(shake(link, 20000));
	for (i = 0; i < 3; i++) {
		assert_int_equal(SSL_key_update(link->client, SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_write(link->client, "ask", 3), 3);
		assert_true(carry(link, 20000));
		assert_true(vs_tls_stream_write(link->stream, vs_view_of("say")));
		assert_true(carry(link, 20000));
		assert_int_equal(SSL_read(link->client, got, sizeof(got)), 3);
	}
	assert_string_equal(vs_buf_text(&link->plain), "askaskask");
	link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_key_open_both_versions),
		cmocka_unit_test(a_handshake_may_come_byte_by_byte),
		cmocka_unit_test(versions_that_are_not_safe_are_refused_with_an_alert),
		cmocka_unit_test(with_a_minimum_of_1_3_a_client_of_1_2_is_refused),
		cmocka_unit_test(ciphers_without_forward_secrecy_are_refused),
		cmocka_unit_test(of_several_protocols_http_1_1_is_chosen_and_nothing_else),
		cmocka_unit_test(bytes_go_both_ways_in_records_of_any_size),
		cmocka_unit_test(a_ticket_shortens_the_next_handshake),
		cmocka_unit_test(a_ticket_of_another_certificate_means_a_whole_handshake),
		cmocka_unit_test(a_stream_keeps_its_context_when_everybody_else_has_another),
		cmocka_unit_test(a_peer_that_says_goodbye_can_still_be_answered),
		cmocka_unit_test(our_goodbye_does_not_end_reading),
		cmocka_unit_test(what_is_no_tls_is_broken_at_once),
		cmocka_unit_test(a_handshake_that_stops_halfway_wants_more),
		cmocka_unit_test(a_record_that_was_tampered_with_breaks_the_stream),
		cmocka_unit_test(a_client_that_does_not_trust_the_certificate_is_the_reason),
		cmocka_unit_test(a_renegotiation_is_refused_and_the_stream_goes_on),
		cmocka_unit_test(keys_may_change_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
