/* The layout of everything that crosses the border is the one of 1.0, for ever. */
#include <stdarg.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "layout.h"
#include "vpn_sentinel/plugin.h"

static void every_member_of_1_0_lies_where_it_lay(void **state)
{
	const struct vs_layout_row *now;
	const struct vs_layout_row *then;
	size_t now_count;
	size_t then_count;
	size_t i;

	(void)state;
	now = vs_layout_now(&now_count);
	then = vs_layout_frozen(&then_count);
	assert_int_equal(now_count, then_count);
	assert_true(then_count > 150);
	for (i = 0; i < then_count; i++) {
		assert_string_equal(now[i].member, then[i].member);
		if (now[i].offset != then[i].offset)
			fail_msg("%s moved from %zu to %zu", now[i].member, then[i].offset, now[i].offset);
		/* A struct may grow at its end, a member may not. */
		if (strchr(now[i].member, '.') ? now[i].size != then[i].size : now[i].size < then[i].size)
			fail_msg("%s had %zu bytes and has %zu", now[i].member, then[i].size, now[i].size);
	}
}

static void the_guards_lie_where_every_major_looks_for_them(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct vpns_plugin, magic), 0);
	assert_int_equal(offsetof(struct vpns_plugin, abi_major), 4);
	assert_int_equal(offsetof(struct vpns_plugin, abi_minor), 6);
	assert_int_equal(offsetof(struct vpns_plugin, size), 8);
	assert_int_equal(offsetof(struct vpns_plugin, kind), 12);
	assert_int_equal(sizeof(struct vpns_note_desc), 72);
	assert_int_equal(sizeof(struct vpns_note), 92);
}

static void structs_have_their_sizes_on_64_bit_machines(void **state)
{
	(void)state;
	if (sizeof(void *) != 8) {
		print_message("skipped: pointers have %zu bytes here, and these sizes are those for 8\n",
			sizeof(void *));
		skip();
	}
	assert_int_equal(sizeof(struct vpns_plugin), 128);
	assert_int_equal(sizeof(struct vpns_host), 56);
	assert_int_equal(sizeof(struct vpns_option), 72);
	assert_int_equal(sizeof(struct vpns_fact_decl), 32);
	assert_int_equal(sizeof(struct vpns_probe_result), 48);
	assert_int_equal(sizeof(struct vpns_delivery_result), 40);
	assert_int_equal(sizeof(struct vpns_auth_result), 56);
	assert_int_equal(offsetof(struct vpns_alert, group_count), 96); /* the end of 1.0 */
	assert_int_equal(offsetof(struct vpns_alert, actions), 112);
	assert_int_equal(sizeof(struct vpns_alert), 120);
	assert_int_equal(sizeof(struct vpns_alert_action), 32);
	assert_int_equal(offsetof(struct vpns_notifier_ops, self_test), 56); /* the end of 1.0 */
	assert_int_equal(sizeof(struct vpns_notifier_ops), 64);
	assert_int_equal(sizeof(struct vpns_http_request), 80);
	assert_int_equal(sizeof(struct vpns_http_reply), 72);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_1_0_lies_where_it_lay),
		cmocka_unit_test(the_guards_lie_where_every_major_looks_for_them),
		cmocka_unit_test(structs_have_their_sizes_on_64_bit_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
