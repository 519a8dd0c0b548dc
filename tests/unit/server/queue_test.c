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
	assert_ptr_equal(queue.first, a);
	assert_ptr_equal(vs_queue_find(&queue, b->transition.id), b);
	assert_null(vs_queue_find(&queue, "01ARYZ6S411000000000000000"));
	taken(&queue, a);
	assert_ptr_equal(queue.first, b);
	taken(&queue, b);
	assert_null(queue.first);
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
	assert_null(vs_queue_oldest_notice(&queue, NULL));
	first = added(&queue, notice_of("a"));
	assert_null(vs_queue_oldest_notice(&queue, first));
	added(&queue, change_of(&incident, VS_CHANGE_RESOLVED));
	second = added(&queue, notice_of("b"));
	assert_ptr_equal(vs_queue_oldest_notice(&queue, NULL), first);
	assert_ptr_equal(vs_queue_oldest_notice(&queue, first), second);
	assert_ptr_equal(vs_queue_oldest_notice(&queue, second), first);
	taken(&queue, first);
	assert_ptr_equal(vs_queue_oldest_notice(&queue, NULL), second);
	vs_queue_clear(&queue);
	vs_incident_fini(&incident);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_keep_their_order_and_are_found_by_transition),
		cmocka_unit_test(the_end_of_an_incident_is_found_and_of_two_the_first),
		cmocka_unit_test(the_oldest_notice_is_known_without_looking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
