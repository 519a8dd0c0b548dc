#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "net/tls_inside.h"

#define HOUR_MS UINT64_C(3600000)

static void a_key_seals_for_two_hours_and_opens_for_four(void **state)
{
	struct vs_tls_tickets tickets = {0};
	unsigned char name[VS_TLS_TICKET_NAME];
	const struct vs_tls_ticket_key *key = vs_tls_tickets_seal(&tickets, 1);

	(void)state;
	assert_non_null(key);
	memcpy(name, key->name, sizeof(name));
	assert_ptr_equal(vs_tls_tickets_seal(&tickets, 2 * HOUR_MS), key);
	assert_memory_equal(vs_tls_tickets_open(&tickets, name, 2 * HOUR_MS)->name, name, sizeof(name));
	key = vs_tls_tickets_seal(&tickets, 2 * HOUR_MS + 1);
	assert_memory_not_equal(key->name, name, sizeof(name));
	assert_memory_equal(vs_tls_tickets_open(&tickets, name, 4 * HOUR_MS)->name, name, sizeof(name));
	assert_null(vs_tls_tickets_open(&tickets, name, 4 * HOUR_MS + 1));
	vs_tls_tickets_fini(&tickets);
}

static void a_key_of_somebody_else_opens_nothing(void **state)
{
	struct vs_tls_tickets tickets = {0};
	unsigned char name[VS_TLS_TICKET_NAME] = {0};

	(void)state;
	assert_null(vs_tls_tickets_open(&tickets, name, 1));
	assert_non_null(vs_tls_tickets_seal(&tickets, 1));
	assert_null(vs_tls_tickets_open(&tickets, name, 1));
	vs_tls_tickets_fini(&tickets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_seals_for_two_hours_and_opens_for_four),
		cmocka_unit_test(a_key_of_somebody_else_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
