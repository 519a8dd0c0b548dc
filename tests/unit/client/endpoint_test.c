#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "client/attempt.h"
#include "client/endpoint.h"
#include "config/client_conf.h"
#include "place.h"

static struct vs_client_section section(const char *server)
{
	return (struct vs_client_section){.server = server, .api_path = "/api/v1"};
}

static void the_route_is_made_of_server_and_path(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org:5000");
	struct vs_endpoint endpoint;

	(void)state;
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, NULL), 0);
	assert_string_equal(endpoint.url, "https://vpn.example.org:5000/api/v1/keepalive");
	assert_string_equal(endpoint.shown, "https://vpn.example.org:5000");
	vs_endpoint_fini(&endpoint);
	vs_endpoint_fini(&endpoint);
	conf.api_path = "";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, NULL), 0);
	assert_string_equal(endpoint.url, "https://vpn.example.org:5000/keepalive");
	vs_endpoint_fini(&endpoint);
}

static void user_and_password_are_used_but_never_shown(void **state)
{
	struct vs_client_section conf = section("http://me:hunter22@[::1]:5000/base");
	struct vs_endpoint endpoint;
	struct place place;
	const char *log;

	(void)state;
	place_init(&place);
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, NULL), 0);
	assert_string_equal(endpoint.url, "http://me:hunter22@[::1]:5000/base/api/v1/keepalive");
	assert_string_equal(endpoint.shown, "http://[::1]:5000/base");
	vs_log(VS_LOG_INFO, "test", "somebody logs %s", endpoint.url);
	log = place_log(&place);
	assert_non_null(strstr(log, "somebody logs"));
	assert_null(strstr(log, "hunter22"));
	vs_endpoint_fini(&endpoint);
	place_fini(&place);
}

static void a_server_that_cannot_be_one_is_refused_with_what_to_do(void **state)
{
	static const struct {
		const char *server;
		const char *says;
	} cases[] = {
		{NULL, "no server is configured: set VPN_SENTINEL_SERVER_API_BASE_URL"},
		{"", "no server is configured"},
		{"http://your-server-url:5000", "still the placeholder"},
		{"https://your-server-url", "still the placeholder"},
		{"vpn.example.org:5000", "must begin with http:// or https://"},
		{"ftp://vpn.example.org", "must begin with http:// or https://"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vs_client_section conf = section(cases[i].server);
		struct vs_endpoint endpoint;
		struct vs_err err;

		assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
		assert_non_null(strstr(err.text, cases[i].says));
		vs_endpoint_fini(&endpoint);
	}
}

static void a_ca_file_that_cannot_be_read_is_refused_at_the_start(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org");
	struct vs_endpoint endpoint;
	struct vs_err err;

	(void)state;
	conf.ca = "/nonexistent/ca.pem";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
	assert_non_null(strstr(err.text, "VPN_SENTINEL_TLS_CERT_PATH"));
	vs_endpoint_fini(&endpoint);
}

static void files_of_the_clients_certificate_that_cannot_be_read_are_refused_at_the_start(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org");
	struct vs_endpoint endpoint;
	struct vs_err err;

	(void)state;
	conf.cert = "/nonexistent/client.pem";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "the client's certificate /nonexistent/client.pem cannot be read"));
	assert_non_null(strstr(err.text, "VPN_SENTINEL_TLS_CLIENT_CERT_PATH"));
	conf.cert = "/dev/null";
	conf.cert_key = "/nonexistent/client.key";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "the key of the client's certificate /nonexistent/client.key"));
}

static void files_that_hold_something_else_are_refused_at_the_start(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org");
	struct vs_endpoint endpoint;
	struct vs_err err;

	(void)state;
	conf.ca = "/dev/null";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
	assert_non_null(
		strstr(err.text, "the file of trusted certificates: /dev/null holds no certificate in PEM"));
	conf.ca = NULL;
	conf.cert = "/dev/null";
	conf.cert_key = "/dev/null";
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "the certificate /dev/null is empty"));
}

static void a_connection_that_proves_too_little_is_warned_about_over_https_only(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org");

	(void)state;
	assert_null(vs_endpoint_warning(&conf));
	conf.insecure = 1;
	assert_non_null(strstr(vs_endpoint_warning(&conf), "CERTIFICATE IS NOT VERIFIED"));
	conf.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	assert_non_null(strstr(vs_endpoint_warning(&conf), "only the pinned key is verified"));
	conf.server = "http://vpn.example.org";
	assert_null(vs_endpoint_warning(&conf));
}

static void everything_that_is_verified_reaches_the_attempts(void **state)
{
	struct vs_client_section conf = section("https://vpn.example.org");
	struct vs_attempt_settings target;
	struct vs_endpoint endpoint;

	(void)state;
	assert_int_equal(vs_endpoint_init(&endpoint, &conf, NULL), 0);
	conf.key = "a-key";
	conf.ca = "/dev/null";
	conf.cert = "/dev/null";
	conf.cert_key = "/dev/zero";
	conf.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	conf.timeout_ms = 1234;
	vs_endpoint_target(&endpoint, &conf, &target);
	assert_string_equal(target.url, "https://vpn.example.org/api/v1/keepalive");
	assert_string_equal(target.key, "a-key");
	assert_string_equal(target.ca_file, "/dev/null");
	assert_string_equal(target.cert_file, "/dev/null");
	assert_string_equal(target.key_file, "/dev/zero");
	assert_string_equal(target.pin, conf.pin);
	assert_int_equal(target.timeout_ms, 1234);
	assert_false(target.insecure);
	vs_endpoint_fini(&endpoint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_route_is_made_of_server_and_path),
		cmocka_unit_test(user_and_password_are_used_but_never_shown),
		cmocka_unit_test(a_server_that_cannot_be_one_is_refused_with_what_to_do),
		cmocka_unit_test(a_ca_file_that_cannot_be_read_is_refused_at_the_start),
		cmocka_unit_test(
			files_of_the_clients_certificate_that_cannot_be_read_are_refused_at_the_start),
		cmocka_unit_test(files_that_hold_something_else_are_refused_at_the_start),
		cmocka_unit_test(a_connection_that_proves_too_little_is_warned_about_over_https_only),
		cmocka_unit_test(everything_that_is_verified_reaches_the_attempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
