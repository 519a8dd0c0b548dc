#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "loop/loop.h"
#include "net/dnsd_listener.h"
#include "net/dnsd_zone.h"

#define WAIT_MS 5000

/* A server that answers each query with itself, reversed in its first bit, and a loop that serves it. */
struct world {
	struct vs_loop *loop;
	struct vs_dnsd_server *server;
	struct vs_addr addr;
	uint16_t port;
	unsigned asked;
	unsigned limited;
	unsigned over_tcp;
	size_t last_len;
	size_t reply_len; /* 0: as long as the query; SILENT: none */
	int peers[64];
	unsigned peer_count;
};

#define SILENT SIZE_MAX

static size_t on_query(void *arg, const struct vs_dnsd_ask *ask, unsigned char reply[VS_DNSD_REPLY_MAX])
{
	struct world *world = arg;
	size_t len = world->reply_len == 0 ? ask->len : world->reply_len;

	world->asked++;
	world->limited += ask->limited;
	world->over_tcp += ask->tcp;
	world->last_len = ask->len;
	assert_int_equal(ask->peer.family, 4);
	if (world->reply_len == SILENT)
		return 0;
	memset(reply, 'r', len);
	memcpy(reply, ask->bytes, ask->len < len ? ask->len : len);
	return len;
}

static void start(struct world *world, const struct vs_dnsd_limits *limits)
{
	struct vs_err err;

	world->server = vs_dnsd_server_create(world->loop, limits, on_query, world);
	assert_int_equal(vs_dnsd_server_listen(world->server, &world->addr, 0, &err), 0);
	world->port = vs_dnsd_server_port(world->server, &world->addr);
	assert_int_not_equal(world->port, 0);
}

static int set_up(void **state)
{
	static struct world world;

	memset(&world, 0, sizeof(world));
	world.loop = vs_loop_create();
	assert_int_equal(vs_addr_parse(&world.addr, vs_view_of("127.0.0.1")), 0);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	while (world->peer_count > 0)
		close(world->peers[--world->peer_count]);
	vs_dnsd_server_destroy(world->server);
	vs_loop_destroy(world->loop);
	return 0;
}

static int open_peer(struct world *world, int type, const char *from)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, from, &name.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &name.sin_addr), 1);
	name.sin_port = htons(world->port);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	world->peers[world->peer_count++] = fd;
	return fd;
}

/* Serves for a moment at a time until fd has something, or its end: the bytes, 0 at the end. */
static ssize_t await(struct world *world, int fd, void *bytes, size_t size)
{
	unsigned left = WAIT_MS / 5;
	ssize_t len;

	while ((len = recv(fd, bytes, size, MSG_DONTWAIT)) < 0 && left-- > 0)
		vs_loop_run_for(world->loop, 5);
	return len;
}

static void serve_until_asked(struct world *world, unsigned count)
{
	unsigned left = WAIT_MS / 5;

	while (world->asked < count && left-- > 0)
		vs_loop_run_for(world->loop, 5);
	assert_int_equal(world->asked, count);
}

static void serve_until_connections(struct world *world, size_t count)
{
	unsigned left = WAIT_MS / 5;

	while (vs_dnsd_server_connections(world->server) != count && left-- > 0)
		vs_loop_run_for(world->loop, 5);
	assert_int_equal(vs_dnsd_server_connections(world->server), count);
}

static void a_datagram_is_answered_to_its_sender(void **state)
{
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	char bytes[100];
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_DGRAM, "127.0.0.9");
	assert_int_equal(send(fd, "query", 5, 0), 5);
	assert_int_equal(await(world, fd, bytes, sizeof(bytes)), 5);
	assert_memory_equal(bytes, "query", 5);
	assert_int_equal(world->over_tcp, 0);
}

static void beyond_the_rate_nobody_is_asked_and_it_is_counted(void **state)
{
	const struct vs_dnsd_limits limits = {.rate = 2};
	struct world *world = *state;
	unsigned i;
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_DGRAM, "127.0.0.9");
	for (i = 0; i < 6; i++)
		assert_int_equal(send(fd, "query", 5, 0), 5);
	serve_until_asked(world, 4);
	vs_loop_run_for(world->loop, 20);
	assert_int_equal(world->asked, 4);
	assert_int_equal(world->limited, 2);
	assert_int_equal(vs_dnsd_server_dropped(world->server), 2);
}

static void more_than_fits_is_dropped(void **state)
{
	static char bytes[VS_DNSD_QUERY_MAX + 1];
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_DGRAM, "127.0.0.9");
	assert_int_equal(send(fd, bytes, sizeof(bytes), 0), (int)sizeof(bytes));
	assert_int_equal(send(fd, bytes, VS_DNSD_QUERY_MAX, 0), VS_DNSD_QUERY_MAX);
	serve_until_asked(world, 1);
	assert_int_equal(world->last_len, VS_DNSD_QUERY_MAX);
}

static void queries_of_a_connection_are_answered_however_they_are_cut(void **state)
{
	static const char queries[] = "\0\003one\0\005three\0\003two";
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	char bytes[100];
	size_t len = 0;
	size_t i;
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	for (i = 0; i < sizeof(queries) - 1; i++) {
		assert_int_equal(send(fd, queries + i, 1, 0), 1);
		vs_loop_run_for(world->loop, 1);
	}
	while (len < sizeof(queries) - 1) {
		ssize_t more = await(world, fd, bytes + len, sizeof(bytes) - len);

		assert_true(more > 0);
		len += (size_t)more;
	}
	assert_memory_equal(bytes, queries, sizeof(queries) - 1);
	assert_int_equal(world->over_tcp, 3);
}

static void what_is_too_long_or_not_worth_an_answer_ends_a_connection(void **state)
{
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	char bytes[100];
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	assert_int_equal(send(fd, "\x10\x01", 2, 0), 2);
	assert_int_equal(await(world, fd, bytes, sizeof(bytes)), 0);
	world->reply_len = SILENT;
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	assert_int_equal(send(fd, "\0\001x\0\001y", 6, 0), 6);
	assert_int_equal(await(world, fd, bytes, sizeof(bytes)), 0);
	assert_int_equal(world->asked, 1);
	serve_until_connections(world, 0);
}

static void so_many_queries_and_no_more_come_by_one_connection(void **state)
{
	const struct vs_dnsd_limits limits = {.queries = 3};
	struct world *world = *state;
	char bytes[100];
	ssize_t len;
	size_t all = 0;
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	assert_int_equal(send(fd, "\0\001a\0\001b\0\001c\0\001d\0\001e", 15, 0), 15);
	while ((len = await(world, fd, bytes, sizeof(bytes))) > 0)
		all += (size_t)len;
	assert_int_equal(len, 0);
	assert_true(all <= 9);
	assert_int_equal(world->asked, 4);
}

static void whoever_says_nothing_is_cut_though_he_dribbles(void **state)
{
	const struct vs_dnsd_limits limits = {.idle_ms = 60};
	struct world *world = *state;
	char bytes[10];
	unsigned i;
	int fd;

	start(world, &limits);
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	assert_int_equal(send(fd, "\0\144", 2, 0), 2); /* a hundred bytes are to come */
	for (i = 0; i < 40 && recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) < 0; i++) {
		(void)send(fd, "x", 1, MSG_NOSIGNAL);
		vs_loop_run_for(world->loop, 10);
	}
	assert_true(i >= 4 && i < 40);
	assert_int_equal(world->asked, 0);
	serve_until_connections(world, 0);
}

static void one_network_has_its_share_of_connections(void **state)
{
	const struct vs_dnsd_limits limits = {.per_network = 2};
	struct world *world = *state;
	char bytes[10];
	int fds[3];
	int i;

	start(world, &limits);
	for (i = 0; i < 3; i++)
		fds[i] = open_peer(world, SOCK_STREAM, "127.0.0.9");
	(void)open_peer(world, SOCK_STREAM, "127.0.1.9");
	assert_int_equal(await(world, fds[2], bytes, sizeof(bytes)), 0);
	serve_until_connections(world, 3);
}

static void the_longest_idle_one_makes_room(void **state)
{
	const struct vs_dnsd_limits limits = {.connections = 2};
	struct world *world = *state;
	char bytes[10];
	int first;
	int second;

	start(world, &limits);
	first = open_peer(world, SOCK_STREAM, "127.0.0.9");
	serve_until_connections(world, 1);
	second = open_peer(world, SOCK_STREAM, "127.0.1.9");
	serve_until_connections(world, 2);
	assert_int_equal(send(first, "\0\001x", 3, 0), 3); /* so the second is idle for longer */
	serve_until_asked(world, 1);
	(void)open_peer(world, SOCK_STREAM, "127.0.2.9");
	assert_int_equal(await(world, second, bytes, sizeof(bytes)), 0);
	assert_int_equal(vs_dnsd_server_connections(world->server), 2);
}

static void whoever_reads_no_answers_is_cut(void **state)
{
	const struct vs_dnsd_limits limits = {.queries = 1000000};
	struct world *world = *state;
	int small = 4096;
	unsigned i;
	int fd;

	start(world, &limits);
	world->reply_len = VS_DNSD_REPLY_MAX;
	fd = open_peer(world, SOCK_STREAM, "127.0.0.9");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	serve_until_connections(world, 1);
	for (i = 0; i < 20000 && vs_dnsd_server_connections(world->server) > 0; i++) {
		(void)send(fd, "\0\001x", 3, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (i % 16 == 0)
			vs_loop_run_for(world->loop, 1);
	}
	serve_until_connections(world, 0);
}

/* A port of loopback that somebody else answers; *fd is his socket. */
static uint16_t taken_port(int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static void a_port_that_is_taken_is_named_with_whoever_has_it(void **state)
{
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	struct vs_err err;
	int fd;

	start(world, &limits);
	assert_int_equal(
		vs_dnsd_server_listen(world->server, &world->addr, taken_port(&fd), &err), VS_ERR_BUSY);
	assert_non_null(strstr(err.text, "another program does"));
	close(fd);
	assert_int_equal(vs_dnsd_server_listen(world->server, &world->addr, world->port, &err), VS_ERR_BUSY);
	assert_non_null(strstr(err.text, "this server does so"));
}

static void a_port_that_was_left_is_free_at_once(void **state)
{
	const struct vs_dnsd_limits limits = {0};
	struct world *world = *state;
	struct vs_err err;
	uint16_t port;

	start(world, &limits);
	port = world->port;
	vs_dnsd_server_unlisten(world->server, &world->addr, 0);
	assert_int_equal(vs_dnsd_server_port(world->server, &world->addr), 0);
	assert_int_equal(vs_dnsd_server_listen(world->server, &world->addr, port, &err), 0);
	assert_int_equal(vs_dnsd_server_port(world->server, &world->addr), port);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_is_answered_to_its_sender),
		TEST(beyond_the_rate_nobody_is_asked_and_it_is_counted),
		TEST(more_than_fits_is_dropped),
		TEST(queries_of_a_connection_are_answered_however_they_are_cut),
		TEST(what_is_too_long_or_not_worth_an_answer_ends_a_connection),
		TEST(so_many_queries_and_no_more_come_by_one_connection),
		TEST(whoever_says_nothing_is_cut_though_he_dribbles),
		TEST(one_network_has_its_share_of_connections),
		TEST(the_longest_idle_one_makes_room),
		TEST(whoever_reads_no_answers_is_cut),
		TEST(a_port_that_is_taken_is_named_with_whoever_has_it),
		TEST(a_port_that_was_left_is_free_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
