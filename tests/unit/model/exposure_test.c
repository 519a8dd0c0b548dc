/* What left beside the tunnel, between two readings of the counters. */
#include "model_test.h"

#include "model/exposure.h"

static void what_left_is_what_the_tunnel_did_not_send(void **state)
{
	static const struct {
		struct vs_counters before, after;
		int64_t left;
	} rows[] = {
		{{100, -1}, {350, -1}, 250},
		{{100, 50}, {350, 150}, 150},
		{{100, 50}, {150, 150}, 0}, /* the tunnel sent more than left: another device carries it */
		{{100, -1}, {350, 150}, 250},
		{{-1, 0}, {350, 150}, -1},
		{{100, 0}, {-1, 150}, -1},
		{{1000, -1}, {300, -1}, 300}, /* restarted */
		{{1000, 500}, {300, 100}, 200},
		{{100, 50}, {100, 50}, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(vs_exposure_between(&rows[i].before, &rows[i].after), rows[i].left);
}

static void what_a_tunnel_and_a_network_send_by_themselves_is_no_exposure(void **state)
{
	static const struct {
		struct vs_counters before, after;
		int64_t minutes, left;
	} rows[] = {
		{{1000, 1000}, {15000, 2000}, 2, -1},
		{{1000, 1000}, {1000000, 2000}, 2, 998000},
		{{1000, 50000}, {1000000, 250000}, 2, 799000}, /* more than thrice what the tunnel sent */
		{{1000, 50000}, {1000000, 350000}, 2, -1}, /* may be its packing */
		{{1000, 900000}, {60000, 15000}, 2, -1}, /* made anew, and packing of what it sent since */
		{{1000, 1000}, {1000000, 2000}, 720, -1}, /* half a day of handshakes */
		{{1000, -1}, {1000000, -1}, 2, 999000},
		{{-1, -1}, {1000000, -1}, 2, -1},
		{{0, 0}, {INT64_MAX, INT64_MAX / 2}, 2, -1},
		{{1000, 1000}, {1000000, 2000}, -5, 998000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			vs_exposure_of_silence(&rows[i].before, &rows[i].after, rows[i].minutes * MINUTE),
			rows[i].left);
}

static void counters_are_read_from_facts_as_far_as_they_are_numbers(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_fact_value values[] = {
		{"beside.tx_bytes", "tunnel", {"12345", 5}, NOON, VS_TYPE_INT, VS_FACT_BESIDE_TX},
		{"tunnel.tx_bytes", "tunnel", {"-5", 2}, NOON, VS_TYPE_INT, VS_FACT_TUNNEL_TX},
	};
	struct vs_facts facts = {0};
	struct vs_counters counters;

	(void)state;
	vs_counters_read(&counters, &facts, names);
	assert_int_equal(counters.beside, -1);
	vs_facts_set(&facts, names, values, COUNT(values));
	vs_counters_read(&counters, &facts, names);
	assert_int_equal(counters.beside, 12345);
	assert_int_equal(counters.tunnel, -1);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_left_is_what_the_tunnel_did_not_send),
		cmocka_unit_test(what_a_tunnel_and_a_network_send_by_themselves_is_no_exposure),
		cmocka_unit_test(counters_are_read_from_facts_as_far_as_they_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
