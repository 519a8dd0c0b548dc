#include "model_test.h"

#include "model/network.h"
#include "model/place.h"

static void public_resolvers_are_known_by_address_and_by_network(void **state)
{
	static const struct {
		const char *addr;
		uint32_t asn;
		const char *who; /* NULL: nobody known */
		uint32_t then;
	} cases[] = {
		{"8.8.8.8", 0, "Google", 15169},
		{"1.1.1.1", 0, "Cloudflare", 13335},
		{"9.9.9.10", 0, "Quad9", 19281},
		{"149.112.112.112", 0, "Quad9", 19281},
		{"208.67.222.222", 0, "OpenDNS", 36692},
		{"2606:4700:4700::1111", 0, "Cloudflare", 13335},
		{"2001:4860:4860::8844", 0, "Google", 15169},
		{"2620:fe::fe", 0, "Quad9", 19281},
		{"172.217.43.194", 15169, "Google", 15169},
		{"162.158.148.72", 13335, "Cloudflare", 13335},
		{"192.0.2.1", 42, "Quad9", 42},
		{"192.0.2.1", 64500, NULL, 64500},
		{"192.0.2.1", 0, NULL, 0},
		{"", 0, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_addr at = addr(cases[i].addr);
		uint32_t asn = cases[i].asn;
		const char *who = vs_network_public_resolver(&at, &asn);

		if (cases[i].who == NULL)
			assert_null(who);
		else
			assert_string_equal(who, cases[i].who);
		assert_int_equal(asn, cases[i].then);
	}
}

static void data_centres_are_known_by_number_or_by_name_unless_sources_know_better(void **state)
{
	static const struct {
		uint8_t told;
		uint32_t asn;
		const char *org;
		uint8_t is;
	} cases[] = {
		{VS_HOSTING_UNKNOWN, 9009, NULL, VS_HOSTING_YES},
		{VS_HOSTING_UNKNOWN, 64500, "Example Hosting GmbH", VS_HOSTING_YES},
		{VS_HOSTING_UNKNOWN, 64500, "M247 Europe SRL", VS_HOSTING_YES},
		{VS_HOSTING_UNKNOWN, 64500, "Example-CLOUD, Inc.", VS_HOSTING_YES},
		{VS_HOSTING_UNKNOWN, 64500, "Hostelworld Telecom", VS_HOSTING_UNKNOWN},
		{VS_HOSTING_UNKNOWN, 64500, "", VS_HOSTING_UNKNOWN},
		{VS_HOSTING_UNKNOWN, 0, NULL, VS_HOSTING_UNKNOWN},
		{VS_HOSTING_NO, 64500, "Example Hosting", VS_HOSTING_NO},
		{VS_HOSTING_NO, 9009, "Example Hosting", VS_HOSTING_YES},
		{VS_HOSTING_YES, 64500, "Example Telecom", VS_HOSTING_YES},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(vs_network_hosting(cases[i].told, cases[i].asn, cases[i].org), cases[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_resolvers_are_known_by_address_and_by_network),
		cmocka_unit_test(data_centres_are_known_by_number_or_by_name_unless_sources_know_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
