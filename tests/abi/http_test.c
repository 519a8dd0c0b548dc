/* Requests of plugins through the border: connections that are used again, and who looks on. */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plug/hurry.h"
#include "support/asking.h"

/* A web server on a thread that tells each request over which connection it came: "1", "2", ... */
struct web {
	int listener;
	int stop[2];
	uint16_t port;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct web *web = arg;
	struct pollfd polls[18] = {{web->listener, POLLIN, 0}, {web->stop[0], POLLIN, 0}};
	nfds_t count = 2;
	char text[1024];
	nfds_t i;

	while (poll(polls, count, -1) > 0 && polls[1].revents == 0) {
		for (i = 2; i < count; i++) {
			if (polls[i].revents == 0)
				continue;
			if (recv(polls[i].fd, text, sizeof(text), 0) > 0) {
				snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%u",
					(unsigned)i - 1);
				send(polls[i].fd, text, strlen(text), MSG_NOSIGNAL);
			} else {
				close(polls[i].fd);
				polls[i].fd = -1;
			}
		}
		if (polls[0].revents != 0 && count < 18)
			polls[count++] = (struct pollfd){accept(web->listener, NULL, NULL), POLLIN, 0};
	}
	for (i = 2; i < count; i++)
		if (polls[i].fd >= 0)
			close(polls[i].fd);
	return NULL;
}

/* Takes connections, and nobody ever answers over them. */
static void web_open(struct web *web)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	web->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(web->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(web->listener, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(listen(web->listener, 8), 0);
	web->port = ntohs(at.sin_port);
}

static void web_start(struct web *web)
{
	web_open(web);
	assert_int_equal(pipe(web->stop), 0);
	assert_int_equal(pthread_create(&web->thread, NULL, serve, web), 0);
}

static void web_stop(struct web *web)
{
	assert_int_equal(write(web->stop[1], "x", 1), 1);
	pthread_join(web->thread, NULL);
	close(web->listener);
	close(web->stop[0]);
	close(web->stop[1]);
}

static void ignore_hurry(void *arg, const char *reason)
{
	(void)arg;
	(void)reason;
}

static void a_probe_uses_a_connection_again_only_if_it_says_so_and_until_the_path_changes(void **state)
{
	struct web web;
	char options[128];

	(void)state;
	web_start(&web);
	world->env.hurry = vs_hurry_create(world->loop, ignore_hurry, NULL);
	snprintf(
		options, sizeof(options), "{ mode: http_reuse, target: \"http://127.0.0.1:%u/\" }", web.port);
	make_of("asker", options);
	probe();
	assert_string_equal(seen.text, "0 200 1");
	probe();
	assert_string_equal(seen.text, "0 200 1");
	vs_hurry_wish(world->env.hurry, "the path has changed");
	probe();
	assert_string_equal(seen.text, "0 200 2");
	end();
	snprintf(options, sizeof(options), "{ mode: http_post, target: \"http://127.0.0.1:%u/\" }", web.port);
	make_of("asker", options);
	probe();
	assert_string_equal(seen.text, "0 200 3");
	probe();
	assert_string_equal(seen.text, "0 200 4");
	end();
	snprintf(options, sizeof(options), "{ mode: http, target: \"http://127.0.0.1:%u/\" }", web.port);
	make_of("asker", options);
	probe();
	probe();
	assert_string_equal(seen.text, "0 200 6");
	end();
	assert_string_equal(world_complaints(world), "");
	vs_hurry_destroy(world->env.hurry);
	web_stop(&web);
}

/* What somebody who looks on has seen. */
struct onlooker {
	unsigned count;
	uint64_t handle;
	char url[128];
	uint32_t status;
	enum vs_http_error error;
	char body[16];
	unsigned told_before; /* results of the probe at that time */
};

static void look_on(void *arg, uint64_t handle, const char *url, const struct vs_http_reply *reply)
{
	struct onlooker *onlooker = arg;

	assert_true(handle > onlooker->handle); /* each left later than the one before */
	onlooker->count++;
	onlooker->handle = handle;
	snprintf(onlooker->url, sizeof(onlooker->url), "%s", url);
	onlooker->status = reply->status;
	onlooker->error = reply->error;
	snprintf(onlooker->body, sizeof(onlooker->body), "%.*s", (int)reply->body_len, reply->body);
	onlooker->told_before = seen.times;
}

static void who_looks_on_sees_each_answer_before_the_plugin(void **state)
{
	struct onlooker onlooker = {0};
	struct web web;
	char options[128];
	char url[64];

	(void)state;
	world->env.http_watch = (struct vs_http_watch){look_on, &onlooker};
	web_start(&web);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/where", web.port);
	snprintf(options, sizeof(options), "{ mode: http, target: \"%s\" }", url);
	make_of("asker", options);
	probe();
	assert_int_equal(onlooker.count, 1);
	assert_string_equal(onlooker.url, url);
	assert_int_equal(onlooker.error, VS_HTTP_E_OK);
	assert_int_equal(onlooker.status, 200);
	assert_string_equal(onlooker.body, "1");
	assert_int_equal(onlooker.told_before, 0);
	assert_string_equal(seen.text, "0 200 1"); /* and the plugin gets the same */
	probe();
	assert_int_equal(onlooker.count, 2);
	assert_string_equal(onlooker.body, "2");
	end();
	web_stop(&web);
	assert_string_equal(world_complaints(world), "");
}

static void who_looks_on_sees_what_failed_but_not_what_was_cancelled_or_left(void **state)
{
	struct onlooker onlooker = {0};
	struct web web;
	char options[128];

	(void)state;
	world->env.http_watch = (struct vs_http_watch){look_on, &onlooker};
	web_open(&web);
	snprintf(options, sizeof(options), "{ mode: http_cancel, target: \"http://127.0.0.1:%u/\" }",
		web.port);
	run(options);
	assert_string_equal(seen.text, "-");
	snprintf(
		options, sizeof(options), "{ mode: http_leave, target: \"http://127.0.0.1:%u/\" }", web.port);
	make_of("asker", options);
	probe();
	assert_string_equal(seen.text, "left");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	assert_int_equal(onlooker.count, 0);
	close(web.listener);
	/* Nobody listens there any more. */
	snprintf(options, sizeof(options), "{ mode: http, target: \"http://127.0.0.1:%u/\" }", web.port);
	make_of("asker", options);
	probe();
	end();
	assert_int_equal(onlooker.count, 1);
	assert_int_equal(onlooker.error, VS_HTTP_E_CONNECT);
	assert_int_equal(onlooker.status, 0);
	assert_string_equal(onlooker.body, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_probe_uses_a_connection_again_only_if_it_says_so_and_until_the_path_changes),
		TEST(who_looks_on_sees_each_answer_before_the_plugin),
		TEST(who_looks_on_sees_what_failed_but_not_what_was_cancelled_or_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
