/* What a request leaves in the audit log, and whose it counts as behind a proxy. */
#include "api_world.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "base/user.h"
#include "server/audit.h"

#define API "/api/v1"
#define BODY "{\"client_id\":\"office-1\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\"}"

struct scene {
	struct world *world;
	char folder[32];
	char path[48];
	struct vs_buf text;
	json_t *lines; /* of the log, as far as it was read */
	struct vs_prefix trusted;
};

static struct scene *scene_create(uint32_t requests)
{
	struct scene *scene = vs_zalloc(sizeof(*scene));
	struct vs_err err;

	scene->world = world_create(API, requests, 100);
	strcpy(scene->folder, "/tmp/vs-audit-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->path, sizeof(scene->path), "%s/log", scene->folder);
	scene->world->parts.audit = vs_audit_create(scene->world->loop,
		&(struct vs_audit_place){scene->path, 1 << 20, 1}, &scene->world->stats, &err);
	assert_non_null(scene->world->parts.audit);
	return scene;
}

static void trust(struct scene *scene, const char *prefix)
{
	assert_int_equal(vs_prefix_parse(&scene->trusted, vs_view_of(prefix)), 0);
	scene->world->parts.proxies = (struct vs_proxies){&scene->trusted, 1, VS_FORWARDED_AUTO};
}

static void scene_destroy(struct scene *scene)
{
	vs_audit_destroy(scene->world->parts.audit);
	world_destroy(scene->world);
	json_decref(scene->lines);
	unlink(scene->path);
	assert_int_equal(rmdir(scene->folder), 0);
	vs_free(scene);
}

/* Everything so far, as an array of objects. */
static size_t read_log(struct scene *scene)
{
	struct vs_view rest;
	struct vs_view line;

	scene->world->woken = false;
	vs_audit_flush(scene->world->parts.audit, world_wake, scene->world);
	world_await(scene->world);
	json_decref(scene->lines);
	scene->lines = json_array();
	vs_buf_init(&scene->text);
	assert_int_equal(vs_file_read(&scene->text, scene->path, 1 << 20, NULL), 0);
	rest = vs_buf_view(&scene->text);
	while (vs_view_split(&rest, '\n', &line) && line.len > 0) {
		json_t *object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(object);
		json_array_append_new(scene->lines, object);
	}
	vs_buf_fini(&scene->text);
	return json_array_size(scene->lines);
}

static const char *text_of(const struct scene *scene, size_t index, const char *member)
{
	const char *text = json_string_value(json_object_get(json_array_get(scene->lines, index), member));

	return text == NULL ? "(null)" : text;
}

static void expect_line(const struct scene *scene, size_t index, const char *method, const char *path,
	int status, const char *principal, const char *client)
{
	assert_string_equal(text_of(scene, index, "method"), method);
	assert_string_equal(text_of(scene, index, "path"), path);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(scene->lines, index), "status")), status);
	assert_string_equal(text_of(scene, index, "principal"), principal);
	assert_string_equal(text_of(scene, index, "client"), client);
	assert_string_equal(text_of(scene, index, "address"), "127.0.0.1");
}

static void every_request_leaves_one_line_whatever_its_answer(void **state)
{
	struct scene *scene = scene_create(1000);
	struct world *world = scene->world;
	struct reply reply;

	(void)state;
	assert_int_equal(report(world, API "/keepalive", REPORTER, BODY), 200);
	assert_int_equal(report(world, API "/keepalive", REPORTER, "{}"), 400);
	assert_int_equal(report(world, API "/keepalive", "X-API-Key: office\r\n",
				 "{\"client_id\":\"other\",\"public_ip\":\"198.51.100.7\"}"),
		403);
	assert_int_equal(status_of(world, "GET", API "/status?limit=1", READER), 200);
	assert_int_equal(status_of(world, "GET", API "/status", "X-API-Key: wrong\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/nowhere", READER), 404);
	assert_int_equal(status_of(world, "DELETE", API "/status", READER), 405);
	assert_int_equal(status_of(world, "OPTIONS", API "/status", READER), 204);
	assert_int_equal(status_of(world, "GET", "/health", ""), 200);
	assert_int_equal(status_of(world, "GET", API "/clients/office-1", READER), 200);
	assert_int_equal(status_of(world, "DELETE", API "/clients/office-1", ADMIN), 204);
	talk(world, "all", "NONSENSE\r\n\r\n", &reply.text);
	vs_buf_fini(&reply.text);
	assert_int_equal(read_log(scene), 12);
	expect_line(scene, 0, "POST", API "/keepalive", 200, "report", "office-1");
	expect_line(scene, 1, "POST", API "/keepalive", 400, "report", "(null)");
	expect_line(scene, 2, "POST", API "/keepalive", 403, "office", "other");
	expect_line(scene, 3, "GET", API "/status", 200, "read", "(null)");
	expect_line(scene, 4, "GET", API "/status", 401, "(null)", "(null)");
	expect_line(scene, 5, "GET", "/nowhere", 404, "read", "(null)");
	expect_line(scene, 6, "DELETE", API "/status", 405, "read", "(null)");
	expect_line(scene, 7, "OPTIONS", API "/status", 204, "read", "(null)");
	expect_line(scene, 8, "GET", "/health", 200, "(null)", "(null)");
	expect_line(scene, 9, "GET", API "/clients/office-1", 200, "read", "office-1");
	expect_line(scene, 10, "DELETE", API "/clients/office-1", 204, "admin", "office-1");
	expect_line(scene, 11, "(null)", "(null)", 400, "(null)", "(null)");
	scene_destroy(scene);
}

static void who_is_over_the_limit_is_in_the_log_too(void **state)
{
	struct scene *scene = scene_create(2);

	(void)state;
	assert_int_equal(status_of(scene->world, "GET", "/x", ""), 401);
	assert_int_equal(status_of(scene->world, "GET", "/x", ""), 401);
	assert_int_equal(status_of(scene->world, "GET", "/x", ""), 429);
	assert_int_equal(read_log(scene), 3);
	expect_line(scene, 2, "GET", "/x", 429, "(null)", "(null)");
	scene_destroy(scene);
}

static void whoever_leaves_before_the_end_of_the_body_is_499(void **state)
{
	struct scene *scene = scene_create(1000);
	uint64_t end = vs_mono_ms() + PATIENCE_MS;
	struct wire wire;

	(void)state;
	wire_open(&wire, scene->world, "all");
	wire_send(&wire,
		"POST " API "/keepalive HTTP/1.1\r\nHost: a\r\n" REPORTER "Content-Length: 50\r\n\r\n{");
	vs_loop_run_for(scene->world->loop, 50);
	wire_close(&wire);
	while (read_log(scene) == 0 && vs_mono_ms() < end)
		vs_loop_run_for(scene->world->loop, 5);
	assert_int_equal(read_log(scene), 1);
	expect_line(scene, 0, "POST", API "/keepalive", 499, "report", "(null)");
	scene_destroy(scene);
}

static void a_secret_at_the_wrong_place_is_masked(void **state)
{
	struct scene *scene = scene_create(1000);

	(void)state;
	vs_log_secret("hunter2-hunter2");
	assert_int_equal(status_of(scene->world, "GET", "/hunter2-hunter2", READER), 404);
	assert_int_equal(status_of(scene->world, "GET", API "/clients/hunter2-hunter2", READER), 404);
	assert_int_equal(status_of(scene->world, "GET", "/hunter%32-hunter2?key=hunter2-hunter2", ""), 401);
	assert_int_equal(report(scene->world, API "/keepalive", REPORTER,
				 "{\"client_id\":\"hunter2-hunter2\",\"public_ip\":\"198.51.100.7\"}"),
		200);
	assert_int_equal(status_of(scene->world, "GET", API "/clients/hunter2-hunter2", READER), 200);
	vs_log_forget_secrets();
	assert_int_equal(read_log(scene), 5);
	expect_line(scene, 3, "POST", API "/keepalive", 200, "report", "***");
	expect_line(scene, 4, "GET", API "/clients/***", 200, "read", "***");
	expect_line(scene, 0, "GET", "/***", 404, "read", "(null)");
	assert_string_equal(text_of(scene, 1, "path"), API "/clients/***");
	expect_line(scene, 2, "GET", "/***", 401, "(null)", "(null)");
	scene_destroy(scene);
}

static void a_hostile_request_leaves_one_line(void **state)
{
	struct scene *scene = scene_create(1000);

	(void)state;
	assert_int_equal(status_of(scene->world, "GET", "/%0a%0d%22%7d%0a%7b%22x%22:1%7d%e2%80%ae%1b%5b2J%ff",
				 "User-Agent: \"}\t{{7*7}}\r\n" READER),
		404);
	assert_int_equal(read_log(scene), 1);
	assert_int_equal(json_object_size(json_array_get(scene->lines, 0)), 8);
	assert_string_equal(text_of(scene, 0, "path"), "/\n\r\"}\n{\"x\":1}\xe2\x80\xae\x1b[2J\xef\xbf\xbd");
	scene_destroy(scene);
}

static void over_the_socket_the_user_is_named(void **state)
{
	struct scene *scene = scene_create(1000);
	char name[VS_USER_NAME];
	struct reply reply;

	(void)state;
	trust(scene, "127.0.0.0/8");
	ask_at(scene->world, "socket", &reply, "GET", API "/status", "X-Forwarded-For: 192.0.2.1\r\n", NULL);
	assert_int_equal(reply.status, 200);
	reply_fini(&reply);
	assert_int_equal(read_log(scene), 1);
	assert_string_equal(text_of(scene, 0, "address"), "unix");
	vs_user_name(name, geteuid(), VS_USER_FILE);
	assert_string_equal(text_of(scene, 0, "principal"), name);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(scene->lines, 0), "uid")), geteuid());
	scene_destroy(scene);
}

static size_t sums_of(const struct scene *scene, int status)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < json_array_size(scene->lines); i++) {
		const json_t *line = json_array_get(scene->lines, i);

		if (strcmp(text_of(scene, i, "event"), "repeated") == 0 &&
			json_integer_value(json_object_get(line, "status")) == status)
			count += (size_t)json_integer_value(json_object_get(line, "count"));
	}
	return count;
}

static void what_strangers_repeat_is_summed_up_and_nothing_of_who_has_a_key(void **state)
{
	struct scene *scene = scene_create(1000);
	struct world *world = scene->world;
	int i;

	(void)state;
	world->parts.metrics_public = true;
	for (i = 0; i < 20; i++) {
		assert_int_equal(status_of(world, "GET", "/health", ""), 200);
		assert_int_equal(status_of(world, "GET", "/x", ""), 401);
		assert_int_equal(status_of(world, "GET", "/nowhere", READER), 404);
		assert_int_equal(status_of(world, "GET", API "/status?limit=0", READER), 400);
	}
	assert_int_equal(status_of(world, "GET", "/metrics", ""), 200);
	assert_int_equal(read_log(scene), 8 + 8 + 20 + 20 + 2);
	assert_int_equal(sums_of(scene, 200), 13);
	assert_int_equal(sums_of(scene, 401), 12);
	scene_destroy(scene);
}

/* --- behind a proxy ------------------------------------------------------------------------------- */

static void whom_a_trusted_proxy_names_has_a_bucket_of_its_own(void **state)
{
	struct scene *scene = scene_create(2);
	struct world *world = scene->world;

	(void)state;
	trust(scene, "127.0.0.1");
	assert_int_equal(status_of(world, "GET", "/x", "X-Forwarded-For: 192.0.2.1\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/x", "X-Forwarded-For: 192.0.2.1\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/x", "X-Forwarded-For: 192.0.2.1\r\n"), 429);
	assert_int_equal(status_of(world, "GET", "/x", "X-Forwarded-For: 192.0.2.2\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/x", "Forwarded: for=\"192.0.2.1:99\"\r\n"), 429);
	assert_int_equal(status_of(world, "GET", "/x", ""), 401);
	assert_int_equal(read_log(scene), 6);
	assert_string_equal(text_of(scene, 2, "address"), "192.0.2.1");
	assert_string_equal(text_of(scene, 2, "proxy"), "127.0.0.1");
	assert_string_equal(text_of(scene, 5, "address"), "127.0.0.1");
	assert_string_equal(text_of(scene, 5, "proxy"), "(null)");
	scene_destroy(scene);
}

static void nobody_gets_another_bucket_by_naming_others_without_trust(void **state)
{
	struct scene *scene = scene_create(2);
	struct world *world = scene->world;

	(void)state;
	trust(scene, "10.0.0.0/8");
	assert_int_equal(status_of(world, "GET", "/x", "X-Forwarded-For: 192.0.2.1\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/x", "Forwarded: for=192.0.2.2\r\n"), 401);
	assert_int_equal(status_of(world, "GET", "/x", "X-Real-IP: 192.0.2.3\r\n"), 429);
	assert_int_equal(read_log(scene), 3);
	expect_line(scene, 2, "GET", "/x", 429, "(null)", "(null)");
	scene_destroy(scene);
}

static void the_source_of_a_report_is_whom_the_proxy_names(void **state)
{
	struct scene *scene = scene_create(1000);
	struct reply reply;

	(void)state;
	trust(scene, "127.0.0.1");
	assert_int_equal(
		report(scene->world, API "/keepalive", REPORTER "X-Forwarded-For: 198.51.100.7\r\n", BODY),
		200);
	ask(scene->world, &reply, "GET", API "/clients/office-1", READER, NULL);
	assert_non_null(strstr(reply.body, "\"source_address\":\"198.51.100.7\""));
	reply_fini(&reply);
	scene_destroy(scene);
}

static void a_proxy_that_cannot_be_read_is_told_once_and_counts_itself(void **state)
{
	struct scene *scene = scene_create(3);
	char text[4096] = "";
	int log[2];
	int i;

	(void)state;
	trust(scene, "127.0.0.1");
	assert_int_equal(pipe(log), 0);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, log[1]);
	for (i = 0; i < 3; i++)
		assert_int_equal(
			status_of(scene->world, "GET", "/x", "X-Forwarded-For: 1.2.3.4, nobody\r\n"), 401);
	assert_int_equal(status_of(scene->world, "GET", "/x", ""), 429);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	close(log[1]);
	assert_true(read(log[0], text, sizeof(text) - 1) > 0);
	close(log[0]);
	assert_non_null(
		strstr(text, "[api] the trusted proxy 127.0.0.1 does not say readably whom it asks for"));
	assert_null(strstr(strstr(text, "does not say readably") + 1, "does not say readably"));
	assert_int_equal(read_log(scene), 4);
	expect_line(scene, 0, "GET", "/x", 401, "(null)", "(null)");
	scene_destroy(scene);
}

/* --- metrics for everybody -------------------------------------------------------------------------- */

static void public_metrics_need_no_key_but_count_in_the_bucket(void **state)
{
	struct scene *scene = scene_create(3);
	struct world *world = scene->world;

	(void)state;
	assert_int_equal(status_of(world, "GET", "/metrics", ""), 401);
	world->parts.metrics_public = true;
	assert_int_equal(status_of(world, "GET", "/metrics", ""), 200);
	assert_int_equal(status_of(world, "GET", API "/status", ""), 401);
	assert_int_equal(status_of(world, "GET", "/metrics", ""), 429);
	scene_destroy(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_leaves_one_line_whatever_its_answer),
		cmocka_unit_test(who_is_over_the_limit_is_in_the_log_too),
		cmocka_unit_test(whoever_leaves_before_the_end_of_the_body_is_499),
		cmocka_unit_test(a_secret_at_the_wrong_place_is_masked),
		cmocka_unit_test(what_strangers_repeat_is_summed_up_and_nothing_of_who_has_a_key),
		cmocka_unit_test(a_hostile_request_leaves_one_line),
		cmocka_unit_test(over_the_socket_the_user_is_named),
		cmocka_unit_test(whom_a_trusted_proxy_names_has_a_bucket_of_its_own),
		cmocka_unit_test(nobody_gets_another_bucket_by_naming_others_without_trust),
		cmocka_unit_test(the_source_of_a_report_is_whom_the_proxy_names),
		cmocka_unit_test(a_proxy_that_cannot_be_read_is_told_once_and_counts_itself),
		cmocka_unit_test(public_metrics_need_no_key_but_count_in_the_bucket),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
