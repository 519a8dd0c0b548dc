#include "client_twin.h"
#include "client_golden.h"

static void every_member_of_a_client_survives_its_record(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct vs_names *names = vs_names_create(), *others = vs_names_create();
		struct vs_client client, twin;
		struct vs_buf record, again;

		vs_buf_init(&record);
		vs_buf_init(&again);
		random_client(&client, names, &seed);
		encode(&client, names, &record);
		assert_decodes(&twin, others, &record);
		assert_same_client(&client, names, &twin, others);
		encode(&twin, others, &again);
		assert_true(vs_view_equal(vs_buf_view(&record), vs_buf_view(&again)));
		vs_client_fini(&twin, others);
		vs_client_fini(&client, names);
		assert_int_equal(vs_names_count(others), 0);
		vs_names_destroy(others);
		vs_names_destroy(names);
		vs_buf_fini(&record);
		vs_buf_fini(&again);
	}
}

static void a_fresh_client_has_a_record_too(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client, twin;
	struct vs_buf record;

	(void)state;
	vs_client_init(&client, "a");
	vs_buf_init(&record);
	encode(&client, names, &record);
	assert_decodes(&twin, names, &record);
	assert_same_client(&client, names, &twin, names);
	assert_int_equal(twin.first_seen, 0);
	assert_null(twin.failures);
	assert_null(twin.incidents);
	vs_client_fini(&twin, names);
	vs_client_fini(&twin, names);
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

static void a_record_is_added_behind_what_the_buffer_holds(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client;
	struct vs_buf both, alone;

	(void)state;
	vs_client_init(&client, "a");
	vs_buf_init(&both);
	vs_buf_init(&alone);
	vs_buf_add_text(&both, "key");
	vs_client_encode(&client, names, &both);
	vs_client_encode(&client, names, &alone);
	assert_int_equal(both.len, alone.len + 3);
	assert_memory_equal(both.ptr + 3, alone.ptr, alone.len);
	vs_client_fini(&client, names);
	vs_buf_fini(&both);
	vs_buf_fini(&alone);
	vs_names_destroy(names);
}

static void clients_share_their_names_after_reading(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client first, second;
	struct vs_buf record;
	size_t count;

	(void)state;
	golden_client(&first, names);
	count = vs_names_count(names);
	vs_buf_init(&record);
	encode(&first, names, &record);
	assert_decodes(&second, names, &record);
	assert_int_equal(vs_names_count(names), count);
	assert_int_equal(second.version, first.version);
	assert_int_equal(second.tags, first.tags);
	vs_client_fini(&first, names);
	assert_int_equal(vs_names_count(names), count);
	vs_client_fini(&second, names);
	assert_int_equal(vs_names_count(names), 0);
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

static void print_hex(const struct vs_buf *record)
{
	for (size_t i = 0; i < record->len; i++)
		print_message("%s%02x", i % 40 == 0 ? "\n" : "", (uint8_t)record->ptr[i]);
	print_message("\n");
}

static void assert_reads(
	void (*make)(struct vs_client *client, struct vs_names *names), void (*write)(struct vs_buf *record))
{
	struct vs_names *names = vs_names_create(), *others = vs_names_create();
	struct vs_client client, read;
	struct vs_buf golden;

	make(&client, names);
	vs_buf_init(&golden);
	write(&golden);
	assert_decodes(&read, others, &golden);
	assert_same_client(&client, names, &read, others);
	vs_client_fini(&read, others);
	vs_client_fini(&client, names);
	vs_buf_fini(&golden);
	vs_names_destroy(names);
	vs_names_destroy(others);
}

/* Databases hold these bytes: a program that cannot read them loses its clients. */
static void a_stored_record_of_version_1_is_read_for_ever(void **state)
{
	(void)state;
	assert_reads(golden_client, golden_record);
	assert_reads(golden_client_with_rules, golden_record_with_rules);
	assert_reads(golden_client_told_late, golden_record_told_late);
}

static void no_byte_of_a_record_changes_unnoticed(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client;
	struct vs_buf record, golden;

	(void)state;
	golden_client_told_late(&client, names);
	vs_buf_init(&record);
	vs_buf_init(&golden);
	golden_record_told_late(&golden);
	encode(&client, names, &record);
	if (!vs_view_equal(vs_buf_view(&record), vs_buf_view(&golden)))
		print_hex(&record);
	assert_true(vs_view_equal(vs_buf_view(&record), vs_buf_view(&golden)));
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_buf_fini(&golden);
	vs_names_destroy(names);
}

static void every_fact_the_rules_know_is_stored_without_its_name(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client;
	struct vs_buf record;

	(void)state;
	golden_client(&client, names);
	assert_true(vs_facts_count(&client.facts) >= VS_FACT_WARP);
	vs_buf_init(&record);
	encode(&client, names, &record);
	for (int fact = VS_FACT_EXIT_IP; fact <= VS_FACT_WARP; fact++) {
		const char *name = vs_fact_name((enum vs_fact)fact);

		assert_null(memmem(record.ptr, record.len, name, strlen(name) + 1));
	}
	assert_non_null(memmem(record.ptr, record.len, "x.y", 4));
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

static void what_a_later_version_appends_is_read_over(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client, read;
	struct vs_buf record;

	(void)state;
	golden_client(&client, names);
	vs_buf_init(&record);
	encode(&client, names, &record);
	vs_buf_add(&record, "\377\0more", 6);
	assert_decodes(&read, names, &record);
	assert_same_client(&client, names, &read, names);
	vs_client_fini(&read, names);
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

static void a_lost_client_keeps_its_open_incident(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client, read;
	struct vs_buf record;

	(void)state;
	vs_client_init(&client, "a");
	client.liveness = VS_LIVENESS_LOST;
	client.incidents = vs_calloc(1, sizeof(*client.incidents));
	client.incident_count = 1;
	vs_incident_init(&client.incidents[0], VS_KIND_TUNNEL_LOST, "a", NOON);
	vs_buf_init(&record);
	encode(&client, names, &record);
	assert_decodes(&read, names, &record);
	assert_non_null(vs_client_incident(&read, VS_KIND_TUNNEL_LOST));
	vs_client_fini(&read, names);
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_a_client_survives_its_record),
		cmocka_unit_test(a_fresh_client_has_a_record_too),
		cmocka_unit_test(a_record_is_added_behind_what_the_buffer_holds),
		cmocka_unit_test(clients_share_their_names_after_reading),
		cmocka_unit_test(a_stored_record_of_version_1_is_read_for_ever),
		cmocka_unit_test(no_byte_of_a_record_changes_unnoticed),
		cmocka_unit_test(every_fact_the_rules_know_is_stored_without_its_name),
		cmocka_unit_test(what_a_later_version_appends_is_read_over),
		cmocka_unit_test(a_lost_client_keeps_its_open_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
