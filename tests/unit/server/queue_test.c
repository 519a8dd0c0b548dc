#include "server_test.h"

#include "base/id.h"
#include "server/delivery.h"
#include "server/queue.h"
#include "transitions.h"

static struct vs_delivery *of(struct vs_transition transition)
{
	struct vs_delivery *delivery;
	char id[VS_ULID_TEXT];

	vs_ulid(id, fake_now.wall);
	delivery = vs_delivery_create(id, "oncall", &transition, fake_now.wall);
	vs_transition_fini(&transition);
	return delivery;
}

static struct vs_delivery *added(struct vs_queue *queue, struct vs_transition transition)
{
	struct vs_delivery *delivery = of(transition);

	vs_queue_add(queue, delivery);
	return delivery;
}

static void taken(struct vs_queue *queue, struct vs_delivery *delivery)
{
	vs_queue_remove(queue, delivery);
	vs_delivery_destroy(delivery);
}

static void deliveries_keep_their_order_and_are_found_by_transition(void **state)
{
	struct vs_queue queue = {0};
	struct vs_delivery *a = added(&queue, notice_of("a"));
	struct vs_delivery *b = added(&queue, notice_of("b"));

	(void)state;
	assert_int_equal(queue.count, 2);
	assert_ptr_equal(vs_queue_first(&queue), a);
	assert_ptr_equal(vs_queue_find(&queue, b->transition.id), b);
	assert_null(vs_queue_find(&queue, "01ARYZ6S411000000000000000"));
	taken(&queue, a);
	assert_ptr_equal(vs_queue_first(&queue), b);
	taken(&queue, b);
	assert_null(vs_queue_first(&queue));
	assert_int_equal(queue.count, 0);
}

static void the_end_of_an_incident_is_found_and_of_two_the_first(void **state)
{
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	struct vs_incident other = incident_of(VS_KIND_BYPASS, "b");
	struct vs_queue queue = {0};
	struct vs_delivery *first;
	struct vs_delivery *second;

	(void)state;
	added(&queue, change_of(&incident, VS_CHANGE_OPENED));
	assert_null(vs_queue_end_of(&queue, incident.id));
	first = added(&queue, change_of(&incident, VS_CHANGE_RESOLVED));
	second = added(&queue, change_of(&incident, VS_CHANGE_RESOLVED)); /* it flapped */
	assert_ptr_equal(vs_queue_end_of(&queue, incident.id), first);
	assert_null(vs_queue_end_of(&queue, other.id));
	taken(&queue, second);
	assert_ptr_equal(vs_queue_end_of(&queue, incident.id), first);
	taken(&queue, first);
	assert_null(vs_queue_end_of(&queue, incident.id));
	vs_queue_clear(&queue);
	assert_int_equal(queue.count, 0);
	vs_incident_fini(&incident);
	vs_incident_fini(&other);
}

static void the_oldest_notice_is_known_without_looking(void **state)
{
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	struct vs_queue queue = {0};
	struct vs_delivery *first;
	struct vs_delivery *second;

	(void)state;
	added(&queue, change_of(&incident, VS_CHANGE_OPENED));
	assert_null(vs_queue_oldest_notice(&queue));
	first = added(&queue, notice_of("a"));
	first->under_way = true;
	assert_null(vs_queue_oldest_notice(&queue));
	first->under_way = false;
	added(&queue, change_of(&incident, VS_CHANGE_RESOLVED));
	second = added(&queue, notice_of("b"));
	assert_ptr_equal(vs_queue_oldest_notice(&queue), first);
	first->under_way = true;
	assert_ptr_equal(vs_queue_oldest_notice(&queue), second);
	taken(&queue, first);
	assert_ptr_equal(vs_queue_oldest_notice(&queue), second);
	vs_queue_clear(&queue);
	vs_incident_fini(&incident);
}

static void what_was_reported_late_is_no_notice_to_give_up(void **state)
{
	struct vs_transition late;
	struct vs_queue queue = {0};
	struct vs_delivery *notice;

	(void)state;
	vs_transition_init_notice(&late, VS_KIND_DNS_LEAK, "a", NOON);
	added(&queue, late);
	assert_null(vs_queue_oldest_notice(&queue));
	notice = added(&queue, notice_of("a"));
	assert_ptr_equal(vs_queue_oldest_notice(&queue), notice);
	vs_queue_clear(&queue);
}

/* The clients in the order in which they go. */
static void assert_order(const struct vs_queue *queue, const char *expected)
{
	const struct vs_delivery *delivery;
	char text[256] = "";
	size_t len = 0;

	for (delivery = vs_queue_first(queue); delivery != NULL; delivery = vs_queue_next(queue, delivery))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s", len == 0 ? "" : ", ",
			vs_change_name((enum vs_change)delivery->transition.change),
			delivery->transition.client);
	assert_string_equal(text, expected);
}

static void the_critical_goes_before_warnings_and_those_before_notices(void **state)
{
	struct vs_incident bypass = incident_of(VS_KIND_BYPASS, "leaking");
	struct vs_incident second = incident_of(VS_KIND_BYPASS, "too");
	struct vs_incident dns = incident_of(VS_KIND_DNS_LEAK, "dns");
	struct vs_queue queue = {0};

	(void)state;
	added(&queue, notice_of("a"));
	added(&queue, notice_of("b"));
	added(&queue, change_of(&dns, VS_CHANGE_OPENED));
	added(&queue, change_of(&bypass, VS_CHANGE_OPENED));
	added(&queue, notice_of("c"));
	added(&queue, change_of(&second, VS_CHANGE_OPENED));
	added(&queue, change_of(&bypass, VS_CHANGE_RESOLVED));
	assert_order(&queue,
		"opened leaking, opened too, resolved leaking, opened dns, notice a, notice b, notice c");
	vs_queue_clear(&queue);
	vs_incident_fini(&bypass);
	vs_incident_fini(&second);
	vs_incident_fini(&dns);
}

static void messages_about_one_incident_keep_their_order_when_it_becomes_worse(void **state)
{
	struct vs_incident dns = incident_of(VS_KIND_DNS_LEAK, "dns");
	struct vs_incident other = incident_of(VS_KIND_DNS_LEAK, "other");
	struct vs_incident bypass = incident_of(VS_KIND_BYPASS, "leaking");
	struct vs_queue queue = {0};
	struct vs_delivery *opened;

	(void)state;
	added(&queue, change_of(&other, VS_CHANGE_OPENED));
	opened = added(&queue, change_of(&dns, VS_CHANGE_OPENED));
	added(&queue, change_of(&dns, VS_CHANGE_REMINDED));
	added(&queue, change_of(&bypass, VS_CHANGE_OPENED));
	dns.severity = VS_SEVERITY_CRITICAL;
	added(&queue, change_of(&dns, VS_CHANGE_ESCALATED));
	assert_order(&queue, "opened leaking, opened dns, reminded dns, escalated dns, opened other");
	/* One that became better waits behind, and comes along when it is worse again. */
	dns.severity = VS_SEVERITY_WARNING;
	added(&queue, change_of(&dns, VS_CHANGE_ACKNOWLEDGED));
	assert_order(&queue,
		"opened leaking, opened dns, reminded dns, escalated dns, opened other, acknowledged dns");
	taken(&queue, opened); /* told */
	dns.severity = VS_SEVERITY_CRITICAL;
	added(&queue, change_of(&dns, VS_CHANGE_RESOLVED));
	assert_order(&queue,
		"opened leaking, reminded dns, escalated dns, acknowledged dns, resolved dns, opened other");
	while (queue.count > 0)
		taken(&queue, vs_queue_first(&queue));
	assert_null(vs_queue_first(&queue));
	vs_incident_fini(&dns);
	vs_incident_fini(&other);
	vs_incident_fini(&bypass);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_keep_their_order_and_are_found_by_transition),
		cmocka_unit_test(the_end_of_an_incident_is_found_and_of_two_the_first),
		cmocka_unit_test(the_oldest_notice_is_known_without_looking),
		cmocka_unit_test(what_was_reported_late_is_no_notice_to_give_up),
		cmocka_unit_test(the_critical_goes_before_warnings_and_those_before_notices),
		cmocka_unit_test(messages_about_one_incident_keep_their_order_when_it_becomes_worse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
