#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "net/tls_peer.h"

static void what_the_library_says_of_a_handshake_has_a_cause(void **state)
{
	static const struct {
		const char *says;
		enum vs_tls_fault fault;
	} cases[] = {
		{"error:0A00010B:SSL routines::wrong version number", VS_TLS_NO_TLS},
		{"error:0A00009C:SSL routines::http request", VS_TLS_NO_TLS},
		{"error:0A00042E:SSL routines::tlsv1 alert protocol version", VS_TLS_OTHER_VERSION},
		{"error:0A000102:SSL routines::unsupported protocol", VS_TLS_OTHER_VERSION},
		{"OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required",
			VS_TLS_WANTS_OURS},
		{"error:0A000418:SSL routines::tlsv1 alert unknown ca", VS_TLS_WANTS_OURS},
		{"Connection reset by peer", VS_TLS_FINE},
		{"", VS_TLS_FINE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(vs_tls_fault_of(cases[i].says), cases[i].fault);
}

static void a_refusal_says_what_is_wrong_with_the_certificate(void **state)
{
	static const struct {
		enum vs_tls_fault fault;
		const char *says;
	} cases[] = {
		{VS_TLS_UNKNOWN_ISSUER, "issued by \"CN=Some CA\", who is not trusted here"},
		{VS_TLS_SELF_SIGNED, "self-signed (\"CN=server\")"},
		{VS_TLS_EXPIRED,
			"it expired at 2026-11-23T02:15:06.967Z, and the clock of this host shows 2"},
		{VS_TLS_NOT_YET_VALID, "it is not valid before 2001-09-09T01:46:40.000Z"},
		{VS_TLS_OTHER_NAME, "it is for a.example, 203.0.113.7, and not for vpn.example.net"},
		{VS_TLS_OTHER_KEY, "its key is sha256//abc, which is none of the pinned ones"},
		{VS_TLS_OTHER_FAULT, "unsuitable certificate purpose"},
		{VS_TLS_NO_TLS, ""},
	};
	struct vs_tls_peer peer = {.names = "a.example, 203.0.113.7",
		.pin = "sha256//abc",
		.subject = "CN=server",
		.issuer = "CN=Some CA",
		.not_before = 1000000000000,
		.not_after = 1795400106967,
		.reason = "unsuitable certificate purpose"};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vs_tls_peer_describe(&peer, cases[i].fault, "vpn.example.net", text, sizeof(text));
		if (strstr(text, cases[i].says) == NULL)
			fail_msg("%s", text);
	}
	vs_tls_peer_describe(&peer, VS_TLS_NO_TLS, "vpn.example.net", text, sizeof(text));
	assert_string_equal(text, "");
	peer.names[0] = '\0';
	vs_tls_peer_describe(&peer, VS_TLS_OTHER_NAME, "h", text, sizeof(text));
	assert_string_equal(text, "it is for no name at all, and not for h");
	peer.is_issuer = true;
	vs_tls_peer_describe(&peer, VS_TLS_EXPIRED, "h", text, sizeof(text));
	assert_non_null(strstr(text, "the certificate of its issuer \"CN=server\" expired at"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_library_says_of_a_handshake_has_a_cause),
		cmocka_unit_test(a_refusal_says_what_is_wrong_with_the_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
