/* Whom the gate lets in, and with which roles, by what the checks say. */
#include "gate_world.h"

#include "base/user.h"

static void a_good_key_opens_and_a_wrong_or_missing_one_does_not(void **state)
{
	struct scene *scene = scene_create("s", 0);

	(void)state;
	scene->stand_ins[0].looks = true;
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, VPNS_AUTH_ROLE_READ);
	assert_string_equal(scene->visit.principal, "key");
	assert_int_equal(scene->done, 1);
	assert_int_equal(visit(scene, "X-API-Key: " KEY "\r\n"), VS_GATE_OPEN);
	assert_int_equal(visit(scene, WRONG), VS_GATE_BAD_CREDENTIALS);
	assert_int_equal(visit(scene, ""), VS_GATE_NO_CREDENTIALS);
	assert_string_equal(scene->stand_ins[0].saw_address, "192.0.2.7");
	assert_false(scene->visit.has_limit);
	scene_destroy(scene);
}

static void required_checks_come_first_whatever_their_place(void **state)
{
	struct scene *scene = scene_create("sr", 0);

	(void)state;
	scene->stand_ins[0].looks = true;
	say(scene, 1, VPNS_AUTH_DENY, VPNS_DENY_FORBIDDEN);
	assert_int_equal(visit(scene, GOOD), VS_GATE_FORBIDDEN);
	assert_int_equal(scene->stand_ins[0].asked, 0);
	say(scene, 1, VPNS_AUTH_ALLOW, 0);
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(visit(scene, ""), VS_GATE_NO_CREDENTIALS);
	scene_destroy(scene);
}

static void a_required_check_that_refuses_or_fails_closes(void **state)
{
	struct scene *scene = scene_create("rs", 0);

	(void)state;
	scene->stand_ins[1].looks = true;
	say(scene, 0, VPNS_AUTH_ERROR, 0);
	assert_int_equal(visit(scene, GOOD), VS_GATE_UNAVAILABLE);
	say(scene, 0, 77, 0); /* no answer that there is */
	assert_int_equal(visit(scene, GOOD), VS_GATE_UNAVAILABLE);
	say(scene, 0, VPNS_AUTH_DENY, VPNS_DENY_BAD_CREDENTIALS);
	assert_int_equal(visit(scene, GOOD), VS_GATE_BAD_CREDENTIALS);
	scene_destroy(scene);
}

static void somebody_must_have_allowed_it(void **state)
{
	static const struct {
		const char *kinds;
		const char *says; /* 'a'llow, '-' abstain, 'd'eny, a letter a check */
		enum vs_gate_answer answer;
		bool open_roles;
	} rows[] = {
		{"", "", VS_GATE_OPEN, true},
		{"r", "a", VS_GATE_OPEN, true},
		{"r", "-", VS_GATE_NO_CREDENTIALS, false},
		{"r", "d", VS_GATE_FORBIDDEN, false},
		{"rr", "--", VS_GATE_NO_CREDENTIALS, false},
		{"rr", "a-", VS_GATE_OPEN, true},
		{"rr", "-a", VS_GATE_OPEN, true},
		{"rr", "-d", VS_GATE_FORBIDDEN, false},
		{"rr", "ad", VS_GATE_FORBIDDEN, false},
		{"s", "a", VS_GATE_OPEN, false},
		{"s", "-", VS_GATE_NO_CREDENTIALS, false},
		{"s", "d", VS_GATE_FORBIDDEN, false},
		{"rs", "-a", VS_GATE_OPEN, false},
		{"rs", "--", VS_GATE_NO_CREDENTIALS, false},
		{"rs", "-d", VS_GATE_FORBIDDEN, false},
		{"rs", "aa", VS_GATE_OPEN, false},
		{"rs", "a-", VS_GATE_NO_CREDENTIALS, false},
		{"rs", "ad", VS_GATE_FORBIDDEN, false},
		{"rs", "da", VS_GATE_FORBIDDEN, false},
		{"rss", "--a", VS_GATE_OPEN, false},
		{"rss", "---", VS_GATE_NO_CREDENTIALS, false},
	};
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene *scene = scene_create(rows[i].kinds, 0);
		uint32_t roles = rows[i].open_roles ? VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ : 0;

		for (k = 0; rows[i].says[k] != '\0'; k++)
			say(scene, k,
				rows[i].says[k] == 'a'   ? VPNS_AUTH_ALLOW
				: rows[i].says[k] == 'd' ? VPNS_AUTH_DENY
							 : VPNS_AUTH_ABSTAIN,
				VPNS_DENY_FORBIDDEN);
		if (visit(scene, "") != rows[i].answer || scene->visit.roles != roles)
			fail_msg("checks %s that say %s: answer %d, roles %u", rows[i].kinds, rows[i].says,
				(int)scene->visit.answer, (unsigned)scene->visit.roles);
		scene_destroy(scene);
	}
}

static void one_sufficient_check_is_enough_and_the_rest_is_not_asked(void **state)
{
	struct scene *scene = scene_create("sss", 0);

	(void)state;
	say(scene, 0, VPNS_AUTH_DENY, VPNS_DENY_BAD_CREDENTIALS);
	scene->stand_ins[1].looks = true;
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(scene->stand_ins[0].asked, 1);
	assert_int_equal(scene->stand_ins[2].asked, 0);
	scene_destroy(scene);
}

static void an_errored_sufficient_check_is_passed_over(void **state)
{
	struct scene *scene = scene_create("ss", 0);

	(void)state;
	say(scene, 0, VPNS_AUTH_ERROR, 0);
	scene->stand_ins[1].looks = true;
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(visit(scene, WRONG), VS_GATE_UNAVAILABLE);
	scene_destroy(scene);
}

static void the_strongest_denial_is_told(void **state)
{
	struct scene *scene = scene_create("sss", 0);

	(void)state;
	say(scene, 0, VPNS_AUTH_DENY, VPNS_DENY_BAD_CREDENTIALS);
	say(scene, 1, VPNS_AUTH_DENY, VPNS_DENY_NO_CREDENTIALS);
	say(scene, 2, VPNS_AUTH_ABSTAIN, 0);
	assert_int_equal(visit(scene, WRONG), VS_GATE_BAD_CREDENTIALS);
	say(scene, 2, VPNS_AUTH_DENY, VPNS_DENY_FORBIDDEN);
	assert_int_equal(visit(scene, WRONG), VS_GATE_FORBIDDEN);
	say(scene, 0, VPNS_AUTH_ABSTAIN, 0);
	say(scene, 1, VPNS_AUTH_ABSTAIN, 0);
	say(scene, 2, VPNS_AUTH_ABSTAIN, 0);
	assert_int_equal(visit(scene, WRONG), VS_GATE_NO_CREDENTIALS);
	scene_destroy(scene);
}

static void without_a_check_that_grants_roles_everybody_may_report_and_read(void **state)
{
	struct scene *scene = scene_create("", 0);

	(void)state;
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ);
	scene_destroy(scene);
	scene = scene_create("r", 0);
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ);
	scene_destroy(scene);
}

static void a_key_without_roles_gets_none(void **state)
{
	struct scene *scene = scene_create("s", 0);

	(void)state;
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, 0);
	scene_destroy(scene);
}

static void a_check_may_take_its_time(void **state)
{
	struct scene *scene = scene_create("rs", 0);

	(void)state;
	scene->stand_ins[0].waits = true;
	scene->stand_ins[1].waits = true;
	visit(scene, GOOD);
	assert_int_equal(scene->done, 0);
	assert_int_equal(scene->stand_ins[1].asked, 0);
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	answer_late(&scene->stand_ins[0]);
	assert_int_equal(scene->done, 0);
	assert_int_equal(scene->stand_ins[1].asked, 1);
	say(scene, 1, VPNS_AUTH_ALLOW, 0);
	answer_late(&scene->stand_ins[1]);
	assert_int_equal(scene->done, 1);
	assert_int_equal(scene->visit.answer, VS_GATE_OPEN);
	scene_destroy(scene);
}

static void patterns_of_all_checks_must_fit_the_client(void **state)
{
	struct scene *scene = scene_create("rs", 0);

	(void)state;
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	say(scene, 1, VPNS_AUTH_ALLOW, 0);
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_true(vs_visit_may_report(&scene->visit, "anybody"));
	scene->stand_ins[0].says.client_pattern = "office-*";
	scene->stand_ins[1].says.client_pattern = "*-[12]";
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_true(vs_visit_may_report(&scene->visit, "office-1"));
	assert_false(vs_visit_may_report(&scene->visit, "office-3"));
	assert_false(vs_visit_may_report(&scene->visit, "home-1"));
	scene_destroy(scene);
}

static void without_a_key_the_required_checks_decide_where_none_is_wanted(void **state)
{
	struct scene *scene = scene_create("rs", 1000);

	(void)state;
	scene->keyless = true;
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	say(scene, 1, VPNS_AUTH_DENY, VPNS_DENY_NO_CREDENTIALS);
	assert_int_equal(visit(scene, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, VPNS_AUTH_ROLE_READ);
	assert_int_equal(scene->stand_ins[1].asked, 0);
	say(scene, 0, VPNS_AUTH_DENY, VPNS_DENY_FORBIDDEN);
	assert_int_equal(visit(scene, GOOD), VS_GATE_FORBIDDEN);
	scene_destroy(scene);
}

static enum vs_gate_answer visit_locally(struct scene *scene, uid_t uid, const char *headers)
{
	visit(scene, headers);
	scene->message.is_unix = true;
	scene->message.peer_uid = uid;
	memset(&scene->message.peer, 0, sizeof(scene->message.peer));
	vs_visit_fini(&scene->visit);
	memset(&scene->visit, 0, sizeof(scene->visit));
	scene->visit.message = &scene->message;
	scene->visit.from = scene->message.peer;
	scene->visit.done = on_done;
	scene->visit.arg = scene;
	vs_gate_ask(scene->gate, &scene->visit);
	scene->message.is_unix = false;
	return scene->visit.answer;
}

static void over_the_socket_the_own_user_and_root_are_admins(void **state)
{
	struct scene *scene = scene_create("s", 1000);
	const uint32_t all =
		VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_ADMIN | VPNS_AUTH_ROLE_OPERATE;
	char name[VS_USER_NAME];

	(void)state;
	scene->stand_ins[0].looks = true;
	vs_user_name(name, 1234, VS_USER_FILE);
	assert_int_equal(visit_locally(scene, 1234, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, all);
	assert_false(scene->visit.has_limit);
	assert_string_equal(scene->visit.principal, name);
	assert_int_equal(visit_locally(scene, 0, ""), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, all);
	assert_string_equal(scene->visit.principal, "root");
	assert_int_equal(visit_locally(scene, 1235, ""), VS_GATE_NO_CREDENTIALS);
	assert_int_equal(visit_locally(scene, 1235, GOOD), VS_GATE_OPEN);
	assert_int_equal(scene->visit.roles, VPNS_AUTH_ROLE_READ);
	scene_destroy(scene);
}

static enum vs_gate_answer visit_as_browser(struct scene *scene, const char *headers)
{
	visit(scene, headers);
	vs_visit_fini(&scene->visit);
	memset(&scene->visit, 0, sizeof(scene->visit));
	scene->visit.message = &scene->message;
	scene->visit.from = scene->message.peer;
	scene->visit.takes_basic = true;
	scene->visit.done = on_done;
	scene->visit.arg = scene;
	vs_gate_ask(scene->gate, &scene->visit);
	return scene->visit.answer;
}

#define BASIC "Authorization: Basic YW55Ym9keTpnb29kLWtleQ==\r\n" /* anybody:good-key */

static void a_browsers_password_is_a_key_where_that_is_wanted(void **state)
{
	struct scene *scene = scene_create("s", 0);

	(void)state;
	scene->stand_ins[0].looks = true;
	assert_int_equal(visit_as_browser(scene, BASIC), VS_GATE_OPEN);
	assert_string_equal(scene->visit.principal, "key");
	assert_int_equal(visit_as_browser(scene, "Authorization: Basic YTpi\r\n"), VS_GATE_BAD_CREDENTIALS);
	assert_int_equal(visit_as_browser(scene, "Authorization: Basic broken\r\n"), VS_GATE_BAD_CREDENTIALS);
	assert_int_equal(visit_as_browser(scene, ""), VS_GATE_NO_CREDENTIALS);
	assert_int_equal(visit_as_browser(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(visit(scene, BASIC), VS_GATE_BAD_CREDENTIALS);
	scene_destroy(scene);
}

static void a_browsers_password_does_not_outlive_the_visit(void **state)
{
	struct scene *scene = scene_create("s", 0);

	(void)state;
	scene->stand_ins[0].looks = true;
	visit_as_browser(scene, BASIC);
	assert_string_equal(scene->visit.key, KEY);
	vs_visit_fini(&scene->visit);
	assert_null(scene->visit.key);
	scene_destroy(scene);
}

static void a_gate_that_takes_over_leaves_whoever_is_being_asked_to_the_old_checks(void **state)
{
	struct scene *old = scene_create("ss", 3);
	struct scene *now = scene_create("s", 6);
	unsigned left = 0;

	(void)state;
	old->stand_ins[0].waits = true;
	say(old, 0, VPNS_AUTH_ABSTAIN, 0);
	say(old, 1, VPNS_AUTH_ALLOW, 0);
	visit(old, GOOD);
	vs_gate_succeed(now->gate, old->gate, count_one, &left);
	now->stand_ins[0].looks = true;
	assert_int_equal(visit(now, WRONG), VS_GATE_BAD_CREDENTIALS);
	assert_int_equal(left, 0);
	answer_late(&old->stand_ins[0]);
	assert_int_equal(old->done, 1);
	assert_int_equal(old->visit.answer, VS_GATE_OPEN);
	assert_int_equal(left, 1);
	scene_destroy(old);
	scene_destroy(now);
}

static void a_gate_that_takes_over_an_empty_one_is_told_at_once(void **state)
{
	struct scene *old = scene_create("s", 0);
	struct scene *now = scene_create("s", 0);
	unsigned left = 0;

	(void)state;
	old->stand_ins[0].looks = true;
	visit(old, GOOD);
	vs_gate_succeed(now->gate, old->gate, count_one, &left);
	assert_int_equal(left, 1);
	scene_destroy(old);
	scene_destroy(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_key_opens_and_a_wrong_or_missing_one_does_not),
		cmocka_unit_test(required_checks_come_first_whatever_their_place),
		cmocka_unit_test(a_required_check_that_refuses_or_fails_closes),
		cmocka_unit_test(somebody_must_have_allowed_it),
		cmocka_unit_test(one_sufficient_check_is_enough_and_the_rest_is_not_asked),
		cmocka_unit_test(an_errored_sufficient_check_is_passed_over),
		cmocka_unit_test(the_strongest_denial_is_told),
		cmocka_unit_test(without_a_check_that_grants_roles_everybody_may_report_and_read),
		cmocka_unit_test(a_key_without_roles_gets_none),
		cmocka_unit_test(a_check_may_take_its_time),
		cmocka_unit_test(patterns_of_all_checks_must_fit_the_client),
		cmocka_unit_test(without_a_key_the_required_checks_decide_where_none_is_wanted),
		cmocka_unit_test(over_the_socket_the_own_user_and_root_are_admins),
		cmocka_unit_test(a_browsers_password_is_a_key_where_that_is_wanted),
		cmocka_unit_test(a_browsers_password_does_not_outlive_the_visit),
		cmocka_unit_test(a_gate_that_takes_over_leaves_whoever_is_being_asked_to_the_old_checks),
		cmocka_unit_test(a_gate_that_takes_over_an_empty_one_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
