/* What every test of the listening notifier telegram begins with. */
#ifndef TELEGRAM_BOT_KIT_H
#define TELEGRAM_BOT_KIT_H

#include "kit_test.h"

#include <jansson.h>
#include <stdio.h>

#define TOKEN "123456:AAbbCC-dd_ee"
#define API "https://api.telegram.org/bot" TOKEN
#define OK "{\"ok\":true,\"result\":true}"
#define NOTHING "{\"ok\":true,\"result\":[]}"
#define SENT "{\"ok\":true,\"result\":{\"message_id\":900}}"
#define FROM(user)                                                                                           \
	"\"from\":{\"id\":" user ",\"is_bot\":false,\"first_name\":\"Ana\",\"language_code\":\"es\"}"
#define CHAT(chat, type) "\"chat\":{\"id\":" chat ",\"type\":\"" type "\"}"
#define SAID(id, chat, user, text)                                                                           \
	"{\"update_id\":" id ",\"message\":{\"message_id\":5," FROM(user) "," CHAT(                          \
		chat, "supergroup") ","                                                                      \
				    "\"date\":1767323045,\"text\":\"" text "\"}}"
#define PRESSED(id, chat, user, data)                                                                        \
	"{\"update_id\":" id ",\"callback_query\":{\"id\":\"4711\"," FROM(                                   \
		user) ",\"data\":\"" data "\","                                                              \
		      "\"message\":{\"message_id\":42," CHAT(chat, "supergroup") ",\"text\":\"x\"}}}"
#define UPDATES(list) "{\"ok\":true,\"result\":[" list "]}"

#define ME "{\"ok\":true,\"result\":{\"id\":123456,\"is_bot\":true,\"username\":\"our_bot\"}}"

#define STRANGER "1"
#define ANONYMOUS "4"
#define MAY_ACT "2"
#define MAY_ASK "0"

static inline void expect(struct vpnt *kit, const char *method, const char *reply)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.method = "POST", .url = url, .reply = reply});
}

static inline void expect_error(struct vpnt *kit, const char *method, uint32_t status, const char *reply)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.url = url, .status = status, .reply = reply});
}

/* A question for what was said that is never answered within the test: the end of what happens. */
static inline void expect_rest(struct vpnt *kit)
{
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates", .never = 1});
}

static inline void expect_begin(struct vpnt *kit)
{
	expect(kit, "getMe", ME);
	expect(kit, "setMyCommands", OK);
	expect(kit, "setMyCommands", OK);
}

static inline int setup_bare(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));

	vpnt_offer_commands(kit);
	*state = kit;
	return 0;
}

static inline int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

#define REPLY(text)                                                                                          \
	"{\"chat_id\":-1001,\"reply_parameters\":{\"message_id\":5,\"allow_sending_without_reply\":true},"   \
	"\"text\":\"" text "\",\"parse_mode\":\"HTML\",\"link_preview_options\":{\"is_disabled\":true}"

static inline void expect_body(struct vpnt *kit, const char *method, const char *body)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.url = url, .body = body, .reply = SENT});
}

/* From here on a restart is behind us: what is to be asked for next is remembered. */
static inline void expect_heard(struct vpnt *kit, const char *updates)
{
	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates",
				 .body = "{\"limit\":20,\"timeout\":50,\"allowed_updates\":[\"message\","
					 "\"callback_query\"],\"offset\":70}",
				 .reply = updates});
}

static inline void run_with(struct vpnt *kit, const char *const *options)
{
	int i;

	expect_rest(kit);
	vpnt_start(kit, options);
	for (i = 0; i < 40; i++)
		vpnt_advance(kit, 100);
}

static inline void run(struct vpnt *kit)
{
	run_with(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
}

static inline int64_t asked_offset(const struct vpnt *kit)
{
	json_t *body = json_loads(vpnt_sent_body(kit), 0, NULL);
	int64_t offset = json_integer_value(json_object_get(body, "offset"));

	json_decref(body);
	return offset;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

#endif
