/* What every test of deliveries of the notifier telegram begins with. */
#ifndef TELEGRAM_KIT_H
#define TELEGRAM_KIT_H

#include "kit_test.h"

#include <jansson.h>
#include <stdio.h>

#define TOKEN "123456:AAbbCC-dd_ee"
#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)
#define URL "https://api.telegram.org/bot" TOKEN "/sendMessage"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_BARE(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

static const char sent_reply[] = "{\"ok\":true,\"result\":{\"message_id\":42,\"date\":1767323045,"
				 "\"chat\":{\"id\":-1001,\"type\":\"supergroup\"},\"text\":\"x\"}}";

static const char bad_markup[] =
	"{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: can't parse "
	"entities: Can't find end of the entity starting at byte offset 7\"}";

static inline int setup(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	*state = kit;
	return 0;
}

static inline int setup_bare(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));
	return 0;
}

static inline int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static inline vpns_op deliver_alert(struct vpnt *kit, const struct vpns_alert *alert)
{
	vpns_op op = vpnt_deliver(kit, alert);

	vpnt_advance(kit, 20000);
	return op;
}

/* Delivers the ready alert against one scripted answer. */
static inline const struct vpns_delivery_result *deliver(struct vpnt *kit, const struct vpnt_http *http)
{
	struct vpns_alert alert = vpnt_alert();

	vpnt_expect(kit, http);
	return vpnt_delivery_result(kit, deliver_alert(kit, &alert));
}

static inline json_t *sent_body(struct vpnt *kit)
{
	json_t *body = json_loads(vpnt_sent_body(kit), 0, NULL);

	assert_non_null(body);
	return body;
}

static inline json_int_t sent_number(struct vpnt *kit, const char *member)
{
	json_t *body = sent_body(kit);
	json_int_t number = json_integer_value(json_object_get(body, member));

	json_decref(body);
	return number;
}

#endif
