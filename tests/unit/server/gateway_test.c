/* One private address that everybody arrives from proves nothing about anybody. */
#include "server_test.h"

#include "said.h"

#include "base/err.h"
#include "server/gateway.h"
#include "server/registry.h"

struct fixture {
	struct vs_registry *registry;
	struct vs_gateway *gateway;
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	f->registry = vs_registry_create(100000);
	f->gateway = vs_gateway_create();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_gateway_destroy(f->gateway, f->registry);
	vs_registry_destroy(f->registry);
	vs_free(f);
	return 0;
}

static void note(struct fixture *f, const char *id, const char *source)
{
	struct vs_entry *entry = vs_registry_find(f->registry, id);
	struct vs_addr from = {0};
	struct vs_err err;

	if (entry == NULL)
		entry = vs_registry_add(f->registry, id, &err);
	assert_non_null(entry);
	if (source != NULL)
		from = addr(source);
	vs_gateway_note(f->gateway, entry, &from);
}

static void expect_hidden(struct fixture *f, const char *by)
{
	char text[VS_ADDR_TEXT] = "";

	if (vs_gateway_hides(f->gateway) != NULL)
		vs_addr_format(vs_gateway_hides(f->gateway), text);
	assert_string_equal(text, by);
}

static void two_clients_from_one_private_address_are_hidden(void **state)
{
	struct fixture *f = *state;

	expect_hidden(f, "");
	note(f, "a", "172.18.0.1");
	expect_hidden(f, "");
	note(f, "a", "172.18.0.1");
	expect_hidden(f, "");
	note(f, "b", "172.18.0.1");
	expect_hidden(f, "172.18.0.1");
}

static void one_from_elsewhere_shows_that_addresses_are_seen(void **state)
{
	struct fixture *f = *state;

	note(f, "a", "172.18.0.1");
	note(f, "b", "172.18.0.1");
	note(f, "c", "172.18.0.5");
	expect_hidden(f, "");
	note(f, "c", "172.18.0.1");
	expect_hidden(f, "172.18.0.1");
	note(f, "a", "203.0.113.9");
	expect_hidden(f, "");
}

static void a_public_address_and_this_host_are_no_gateways(void **state)
{
	static const char *const sources[] = {"203.0.113.9", "127.0.0.1", "::1", "2001:db8::1"};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(sources); i++) {
		note(f, "a", sources[i]);
		note(f, "b", sources[i]);
		expect_hidden(f, "");
	}
	note(f, "a", "fd00::1");
	note(f, "b", "fd00::1");
	expect_hidden(f, "fd00::1");
}

static void who_is_forgotten_counts_no_more(void **state)
{
	struct fixture *f = *state;

	note(f, "a", "10.0.0.1");
	note(f, "b", "10.0.0.1");
	note(f, "c", "10.0.0.9");
	vs_gateway_drop(f->gateway, vs_registry_find(f->registry, "c"));
	expect_hidden(f, "10.0.0.1");
	vs_gateway_drop(f->gateway, vs_registry_find(f->registry, "b"));
	expect_hidden(f, "");
	vs_gateway_drop(f->gateway, vs_registry_find(f->registry, "b")); /* twice is fine */
	note(f, "a", NULL);
	expect_hidden(f, "");
}

static void it_is_said_once_however_often_it_changes(void **state)
{
	struct fixture *f = *state;

	said_begin();
	for (int i = 0; i < 5; i++) {
		note(f, "a", "172.18.0.1");
		note(f, "b", "172.18.0.1");
		note(f, "b", "203.0.113.9");
	}
	assert_int_equal(said_times(said_end(), "every client's keepalives come from 172.18.0.1"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(two_clients_from_one_private_address_are_hidden),
		TEST(one_from_elsewhere_shows_that_addresses_are_seen),
		TEST(a_public_address_and_this_host_are_no_gateways),
		TEST(who_is_forgotten_counts_no_more),
		TEST(it_is_said_once_however_often_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
