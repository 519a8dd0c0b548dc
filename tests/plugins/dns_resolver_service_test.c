/* Probe dns_resolver: services of the web that say which resolvers they saw. */
#include "dns_resolver_kit.h"

#include "probes/dns_resolver/dns_resolver_service.h"

static void a_service_that_was_asked_by_name_tells_its_resolvers_once_a_window(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("techniques", "mullvad", "labels", "1", "rewrites", "no", "window",
				"10m", "mullvad", "https://LABEL.leak.example/"));
	vpnt_expect(kit, &(struct vpnt_http){.header = "Accept: application/json",
				 .reply = "[{\"ip\":\"198.51.100.53\",\"mullvad_dns\":true},{\"ip\":\"2001:"
					  "db8::53\"}]"});
	op = probe(kit);
	assert_int_equal(strlen(vpnt_sent_url(kit)),
		strlen("https://12345678-1234-4234-a234-123456789012.leak.example/"));
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 2001:db8::53");
	assert_fact(kit, op, "dns.techniques", "mullvad");
	assert_fact(kit, op, "dns.labels", "1");
	op = probe(kit);
	assert_int_equal(vpnt_sent_count(kit), 1);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 2001:db8::53");
	vpnt_destroy(kit);
}

static void bash_ws_is_asked_for_an_id_then_for_names_then_for_what_it_saw(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("techniques", "bash_ws", "labels", "2", "rewrites", "no"));
	vpnt_expect(kit, &(struct vpnt_http){.url = "https://bash.ws/id", .reply = "abc123\n"});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "1.abc123.bash.ws", .mode = VPNS_DNS_SYSTEM});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "2.abc123.bash.ws", .error = VPNS_DNS_E_NXDOMAIN});
	vpnt_expect(kit, &(struct vpnt_http){.url = "https://bash.ws/dnsleak/test/abc123?json",
				 .reply = "[{\"ip\":\"203.0.113.9\",\"country_name\":false,\"type\":\"ip\"},"
					  "{\"ip\":\"198.51.100.53\",\"asn\":false,\"type\":\"dns\"},"
					  "{\"ip\":\"DNS is not leaking.\",\"type\":\"conclusion\"}]"});
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	vpnt_destroy(kit);
}

static void ipleak_is_asked_for_what_it_saw_when_it_has_recorded_it(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("techniques", "ipleak", "labels", "3", "rewrites", "no", "ipleak",
				"https://LABEL.ipleak.example/x", "ipleak_zone", "ipleak.example"));
	always(kit, (struct vpnt_dns){
			    .name = "*.ipleak.example", .mode = VPNS_DNS_SYSTEM, .records = "A 192.0.2.1"});
	vpnt_expect(
		kit, &(struct vpnt_http){
			     .reply = "{\"session\":\"x\",\"ip\":{\"198.51.100.53\":4,\"2001:db8::53\":1}}"});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 1900);
	assert_int_equal(vpnt_sent_count(kit), 0);
	vpnt_advance(kit, 200);
	assert_true(vpnt_finished(kit, op));
	assert_int_equal(vpnt_asked_count(kit), 3);
	assert_memory_equal(vpnt_asked_name(kit, 0), vpnt_asked_name(kit, 1), 40); /* one session ... */
	assert_string_not_equal(vpnt_asked_name(kit, 0), vpnt_asked_name(kit, 1)); /* ... of many names */
	assert_memory_equal(vpnt_sent_url(kit) + 8, vpnt_asked_name(kit, 0), 40);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 2001:db8::53");
	vpnt_destroy(kit);
}

static void a_service_that_gives_nothing_has_its_reason_and_is_asked_again(void **state)
{
	static const struct {
		struct vpnt_http http;
		const char *reason;
	} rows[] = {
		{{.status = 503}, "nextdns: HTTP 503"},
		{{.error = VPNS_HTTP_E_CONNECT}, "nextdns: connection refused"},
		{{.reply = "<html>"}, "nextdns: the answer is not what this service says"},
		{{.reply = "{\"status\":\"unconfigured\"}"}, "nextdns: it has seen no resolver"},
	};
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;
	size_t i;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("techniques", "nextdns", "labels", "1", "rewrites", "no"));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vpnt_expect(kit, &rows[i].http);
		op = probe(kit);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].reason);
	}
	vpnt_destroy(kit);
}

static void a_service_that_is_slow_does_not_hold_up_the_rest(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("techniques", "google, edns_ip_api"));
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "edns_ip_api: ");
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_probe(kit, 1000);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
	vpnt_destroy(kit);
}

static void what_services_say_is_taken_as_it_is_and_nothing_else(void **state)
{
	static const struct {
		enum dns_resolver_service service;
		const char *body;
		int rc;
		uint32_t count;
		const char *ecs;
	} rows[] = {
		{DNS_RESOLVER_BASH_WS, "{\"error\":\"No DNS servers found. Try again...\"}", 0, 0, ""},
		{DNS_RESOLVER_BASH_WS, "{}", -1, 0, ""},
		{DNS_RESOLVER_BASH_WS, "[1,null,{\"type\":\"dns\"},{\"type\":\"dns\",\"ip\":false}]", 0, 0,
			""},
		{DNS_RESOLVER_IPLEAK, "{\"ip\":[]}", 0, 0, ""},
		{DNS_RESOLVER_IPLEAK, "{\"ip\":{}}", 0, 0, ""},
		{DNS_RESOLVER_IPLEAK, "{\"ip\":[\"192.0.2.1\"]}", -1, 0, ""},
		{DNS_RESOLVER_IPLEAK, "[]", -1, 0, ""},
		{DNS_RESOLVER_MULLVAD, "[{\"ip\":\"192.0.2.1\"},{\"ip\":\"192.0.2.1\"}]", 0, 1, ""},
		{DNS_RESOLVER_MULLVAD, "{\"ip\":\"192.0.2.1\"}", -1, 0, ""},
		{DNS_RESOLVER_EDNS_IP_API,
			"{\"dns\":{\"ip\":\"192.0.2.1\"},\"edns\":{\"ip\":\"203.0.113.0\"}}", 0, 1,
			"203.0.113.0/24"},
		{DNS_RESOLVER_EDNS_IP_API, "{\"dns\":{\"ip\":\"192.0.2.1\"}}", 0, 1, ""},
		{DNS_RESOLVER_EDNS_IP_API, "{\"edns\":{}}", -1, 0, ""},
		{DNS_RESOLVER_NEXTDNS,
			"{\"status\":\"ok\",\"resolver\":\"192.0.2.1\",\"ecs\":\"2001:db8:1:2::/48/0\"}", 0,
			1, "2001:db8:1::/48"},
		{DNS_RESOLVER_NEXTDNS, "{\"status\":\"ok\",\"resolver\":\"192.0.2.1\",\"ecs\":false}", 0, 1,
			""},
		{DNS_RESOLVER_NEXTDNS, "\"ok\"", -1, 0, ""},
		{DNS_RESOLVER_NEXTDNS, "", -1, 0, ""},
	};
	struct dns_resolver_found found;
	char *body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		body = exact_copy(rows[i].body, strlen(rows[i].body));
		assert_int_equal(
			dns_resolver_service_parse(&found, rows[i].service, body, strlen(rows[i].body)),
			rows[i].rc);
		free(body);
		assert_int_equal(found.count, rows[i].count);
		assert_string_equal(found.ecs, rows[i].ecs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_that_was_asked_by_name_tells_its_resolvers_once_a_window),
		cmocka_unit_test(bash_ws_is_asked_for_an_id_then_for_names_then_for_what_it_saw),
		cmocka_unit_test(ipleak_is_asked_for_what_it_saw_when_it_has_recorded_it),
		cmocka_unit_test(a_service_that_gives_nothing_has_its_reason_and_is_asked_again),
		cmocka_unit_test(a_service_that_is_slow_does_not_hold_up_the_rest),
		cmocka_unit_test(what_services_say_is_taken_as_it_is_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
