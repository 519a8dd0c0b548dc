/* The role as a whole, with the plugins of the build tree: how it starts, refuses to start, and ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "config/env.h"
#include "config/server_conf.h"
#include "server/server.h"

#define AUTH                                                                                                 \
	"auth: [ { plugin: bearer, control: sufficient, options: { keys: 0123456789abcdef0123456789abcdef "  \
	"} } ]\n"
#define LISTEN "server: { listen: [ { address: '127.0.0.1:0' } ] }\n"

/* A folder with a configuration, run in this process. */
struct place {
	char folder[32];
	char file[64];
	char socket[64];
	struct vs_err err;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/vs-role-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%s/server.yaml", place->folder);
	snprintf(place->socket, sizeof(place->socket), "%s/server.sock", place->folder);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	unlink(place->socket);
	snprintf(place->socket, sizeof(place->socket), "%s/audit.log", place->folder);
	unlink(place->socket);
	assert_int_equal(rmdir(place->folder), 0);
	free(place);
	vs_log_forget_secrets();
	return 0;
}

static int run(struct place *place, const char *yaml)
{
	const struct vs_env env = {NULL};
	FILE *file = fopen(place->file, "w");
	struct vs_problems problems;
	struct vs_server_conf *conf;
	int code;

	assert_non_null(file);
	fprintf(file, "state_dir: %s\n%s", place->folder, yaml);
	fclose(file);
	vs_problems_init(&problems);
	conf = vs_server_conf_read(place->file, &env, &problems);
	assert_non_null(conf);
	assert_int_equal(problems.errors, 0);
	code = vs_server_run(conf, &place->err);
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
	return code;
}

/* The role looks for them beside the folder of this program. */
static void need_plugins(void)
{
	char program[256];
	char *slash;
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 64);

	assert_true(len > 0);
	program[len] = '\0';
	slash = strrchr(program, '/');
	*slash = '\0';
	strcpy(strrchr(program, '/'), "/lib/vpn-sentinel/stores/memory.so");
	if (access(program, R_OK) != 0) {
		print_message("skipped: %s was not built\n", program);
		skip();
	}
}

/* --- another thread, which plays the world --------------------------------------------- */

struct outside {
	const char *socket;
	int number; /* signal to end the server with */
	uint64_t signalled_ms;
	char answer[512];
	pthread_t thread;
};

static int connect_to(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	uint64_t end = vs_mono_ms() + 10000;
	int fd = -1;

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	while (vs_mono_ms() < end) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
			return fd;
		close(fd);
		usleep(2000);
	}
	return -1;
}

/* Asks until the server is no longer starting. */
static ssize_t wait_healthy(struct outside *outside, int fd)
{
	static const char request[] = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
	ssize_t got = 1;
	size_t len;

	do {
		len = 0;
		memset(outside->answer, 0, sizeof(outside->answer));
		(void)!write(fd, request, strlen(request));
		while (got > 0 && strchr(outside->answer, '}') == NULL) {
			got = read(fd, outside->answer + len, sizeof(outside->answer) - 1 - len);
			len += got > 0 ? (size_t)got : 0;
		}
	} while (got > 0 && strstr(outside->answer, "starting") != NULL);
	return got;
}

static void *live(void *arg)
{
	struct outside *outside = arg;
	int fd = connect_to(outside->socket);
	ssize_t got = wait_healthy(outside, fd);
	char rest[64];

	outside->signalled_ms = vs_mono_ms();
	kill(getpid(), outside->number);
	while (got > 0) /* the connection stays open: it must not hold the server up */
		got = read(fd, rest, sizeof(rest));
	close(fd);
	return NULL;
}

static void ends_cleanly(struct place *place, int number, const char *yaml)
{
	struct outside outside = {.socket = place->socket, .number = number};
	uint64_t ended_ms;

	assert_int_equal(pthread_create(&outside.thread, NULL, live, &outside), 0);
	assert_int_equal(run(place, yaml), 0);
	ended_ms = vs_mono_ms();
	assert_int_equal(pthread_join(outside.thread, NULL), 0);
	assert_true(ended_ms - outside.signalled_ms < 1000);
	assert_non_null(strstr(outside.answer, "{\"status\":\"healthy\"}"));
}

static void an_idle_server_ends_within_a_second(void **state)
{
	need_plugins();
	ends_cleanly(*state, SIGTERM, LISTEN AUTH);
	ends_cleanly(
		*state, SIGINT, LISTEN AUTH "notifiers: [ { plugin: console, options: { stream: log } } ]\n");
}

static void a_probe_that_hangs_does_not_hold_up_the_end(void **state)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(name);
	char yaml[512];

	need_plugins();
	assert_int_equal(bind(silent, (struct sockaddr *)&name, len), 0);
	assert_int_equal(listen(silent, 8), 0);
	assert_int_equal(getsockname(silent, (struct sockaddr *)&name, &len), 0);
	snprintf(yaml, sizeof(yaml),
		LISTEN AUTH
		"probes: [ { plugin: ipinfo, timeout: 60s, options: { url: 'http://127.0.0.1:%u/' } } ]\n",
		ntohs(name.sin_port));
	ends_cleanly(*state, SIGTERM, yaml);
	close(silent);
}

static void without_any_check_it_serves_this_host_only(void **state)
{
	struct place *place = *state;

	assert_int_equal(run(place, "server: { listen: [ { address: '0.0.0.0:0' } ] }\n"), 2);
	assert_non_null(strstr(place->err.text, "auth"));
	need_plugins();
	ends_cleanly(place, SIGTERM, LISTEN);
}

static void a_store_that_is_not_there_is_a_mistake_of_the_configuration(void **state)
{
	struct place *place = *state;

	assert_int_equal(run(place, LISTEN AUTH "store: { plugin: no_such_store }\n"), 2);
	assert_non_null(strstr(place->err.text, "no_such_store"));
}

static void a_plugin_that_cannot_be_made_ends_the_start_and_those_that_were(void **state)
{
	struct place *place = *state;

	need_plugins();
	assert_int_equal(
		run(place, LISTEN AUTH "notifiers: [ { plugin: console }, { plugin: no_such_one } ]\n"), 2);
	assert_non_null(strstr(place->err.text, "1 of 3"));
	assert_int_equal(
		run(place, LISTEN "auth: [ { plugin: bearer, options: { roles: nonsense } } ]\n"), 2);
	assert_int_equal(access(place->socket, F_OK), -1);
}

static void a_port_in_use_ends_the_start(void **state)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(name);
	struct place *place = *state;
	char yaml[512];

	need_plugins();
	assert_int_equal(bind(taken, (struct sockaddr *)&name, len), 0);
	assert_int_equal(listen(taken, 8), 0);
	assert_int_equal(getsockname(taken, (struct sockaddr *)&name, &len), 0);
	snprintf(yaml, sizeof(yaml), "server: { listen: [ { address: '127.0.0.1:%u' } ] }\n" AUTH,
		ntohs(name.sin_port));
	assert_int_equal(run(place, yaml), 1);
	assert_non_null(strstr(place->err.text, "in use"));
	close(taken);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_idle_server_ends_within_a_second),
		TEST(a_probe_that_hangs_does_not_hold_up_the_end),
		TEST(without_any_check_it_serves_this_host_only),
		TEST(a_store_that_is_not_there_is_a_mistake_of_the_configuration),
		TEST(a_plugin_that_cannot_be_made_ends_the_start_and_those_that_were),
		TEST(a_port_in_use_ends_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
