/* The services that every kind may use, used well and used ill: what is left behind, floods, other threads.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/unruly.h"

static void a_timer_left_behind_is_closed_and_told_as_a_leak(void **state)
{
	(void)state;
	run_once("leaks_timer", 5000);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 1 timer behind; the host closed it");
}

static void a_slow_callback_is_told_with_the_instances_name(void **state)
{
	(void)state;
	run_once("slow", 5000);
	assert_true(world_logged(world, "unruly@it") == 1);
	expect_clean_end();
}

static void work_runs_on_a_worker_and_comes_back_by_post(void **state)
{
	(void)state;
	run_once("worker", 5000);
	assert_string_equal(seen.text, "hello");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_thread_of_the_plugins_own_may_post_too(void **state)
{
	(void)state;
	run_once("thread", 5000);
	assert_string_equal(seen.text, "hello");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void finishing_from_a_worker_is_refused_and_told(void **state)
{
	struct vs_instance_stats stats;

	(void)state;
	run_once("worker_finishes", 100);
	assert_string_equal(seen.reason, "timed out after 100 ms");
	expect_told_once("called finish() on another thread than its own: refused");
	vs_instance_stats(instance, &stats);
	assert_true(stats.breaches >= 2);
	assert_int_equal(world_drain(world, instance, 10), VS_DRAIN_ABANDONED);
}

static void floods_of_wishes_are_refused_politely(void **state)
{
	static const struct {
		const char *mode;
		const char *taken;
		enum vs_drained end;
	} cases[] = {
		{"flood_timers", "64", VS_DRAIN_LEAKED},
		{"flood_posts", "1024", VS_DRAIN_CLEAN},
		{"flood_work", "2", VS_DRAIN_CLEAN},
		{"flood_state", "64", VS_DRAIN_CLEAN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seen.times = 0;
		run_once(cases[i].mode, 5000);
		assert_string_equal(seen.text, cases[i].taken);
		assert_int_equal(world_drain(world, instance, 5000), cases[i].end);
	}
	expect_told_once("wants more than 64 timers at once: refused");
	expect_told_once("state/1: wants more than 64 keys: refused");
}

struct metrics {
	unsigned count;
	double last;
};

static void on_metric(void *arg, const char *name, bool is_counter, double value)
{
	struct metrics *metrics = arg;

	metrics->count++;
	assert_false(is_counter);
	if (strcmp(name, "metric31") == 0)
		metrics->last = value;
}

static void metrics_are_kept_up_to_their_limit(void **state)
{
	struct metrics metrics = {0, 0};

	(void)state;
	run_once("flood_metrics", 5000);
	vs_instance_metrics(instance, on_metric, &metrics);
	assert_int_equal(metrics.count, 32);
	assert_true(metrics.last > 30.5 && metrics.last < 31.5);
	expect_told_once("metric/1: 'metric32' was dropped");
	expect_clean_end();
}

struct shelf {
	char owner[64];
	char key[64];
	char text[64];
	unsigned puts;
};

static const char *shelf_get(void *arg, const char *owner, const char *key)
{
	struct shelf *shelf = arg;

	return strcmp(owner, shelf->owner) == 0 && strcmp(key, shelf->key) == 0 ? shelf->text : NULL;
}

static int shelf_put(void *arg, const char *owner, const char *key, const char *text)
{
	struct shelf *shelf = arg;

	snprintf(shelf->owner, sizeof(shelf->owner), "%s", owner);
	snprintf(shelf->key, sizeof(shelf->key), "%s", key);
	snprintf(shelf->text, sizeof(shelf->text), "%s", text);
	shelf->puts++;
	return 0;
}

static void state_outlives_the_instance_when_the_host_keeps_it(void **state)
{
	struct shelf shelf = {.owner = ""};

	(void)state;
	world->env.state = (struct vs_state_backend){shelf_get, shelf_put, &shelf};
	run_once("state", 5000);
	assert_string_equal(seen.text, "1");
	assert_string_equal(shelf.owner, "probe/it");
	expect_clean_end();
	seen.times = 0;
	run_once("state", 5000);
	assert_string_equal(seen.text, "2");
	assert_int_equal(shelf.puts, 2);
	expect_clean_end();
}

/* Takes connections and says nothing. */
static int silent_listener(uint16_t *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
	*port = ntohs(here.sin_port);
	return fd;
}

static void make_with_url(const char *mode, uint16_t port)
{
	char options[256];

	snprintf(options, sizeof(options), "{ mode: %s, url: 'http://127.0.0.1:%u/' }", mode, port);
	instance = world_instance(world, VPNS_KIND_PROBE, "unruly", options);
	assert_non_null(instance);
}

static void requests_left_behind_are_closed_and_told_as_leaks(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);

	(void)state;
	make_with_url("leaks_request", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 1 HTTP request behind; the host closed it");

	make_with_url("flood_requests", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_string_equal(seen.text, "16");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 16 HTTP requests behind; the host closed them");
	close(fd);
}

/* One connection, one answer, on a thread of its own. */
static void *answer_once(void *arg)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nfrom the wire";
	char request[2048];
	int fd = accept4(*(int *)arg, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || read(fd, request, sizeof(request)) <= 0)
		return NULL;
	if (write(fd, answer, sizeof(answer) - 1) != (ssize_t)sizeof(answer) - 1)
		return NULL;
	close(fd);
	return NULL;
}

static void an_answer_from_the_network_comes_through_the_service(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, answer_once, &fd), 0);
	make_with_url("http", port);
	assert_true(start(5000) != 0);
	world_run(world);
	pthread_join(thread, NULL);
	close(fd);
	assert_string_equal(seen.text, "from the wire");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_refused_connection_comes_as_a_sentence_without_the_url(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);

	(void)state;
	close(fd); /* nobody listens there any more */
	make_with_url("http", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_true(seen.text[0] != '\0');
	assert_null(strstr(seen.text, "http://"));
	expect_clean_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_timer_left_behind_is_closed_and_told_as_a_leak),
		TEST(a_slow_callback_is_told_with_the_instances_name),
		TEST(work_runs_on_a_worker_and_comes_back_by_post),
		TEST(a_thread_of_the_plugins_own_may_post_too),
		TEST(finishing_from_a_worker_is_refused_and_told),
		TEST(floods_of_wishes_are_refused_politely),
		TEST(metrics_are_kept_up_to_their_limit),
		TEST(state_outlives_the_instance_when_the_host_keeps_it),
		TEST(requests_left_behind_are_closed_and_told_as_leaks),
		TEST(an_answer_from_the_network_comes_through_the_service),
		TEST(a_refused_connection_comes_as_a_sentence_without_the_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
