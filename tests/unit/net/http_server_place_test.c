/* Where an HTTP server listens: Unix sockets, addresses. */
#include "rig.h"

#include <sys/stat.h>
#include <sys/un.h>

static void unix_path(char *path, size_t size)
{
	(void)snprintf(path, size, "unix:/tmp/vs-net-test-%ld.sock", (long)getpid());
	(void)unlink(path + 5);
}

static void open_unix(struct wire *wire, struct rig *rig, const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	wire_prepare(wire, rig, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(connect(wire->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(wire->fd, F_SETFL, O_NONBLOCK), 0);
}

static void a_unix_socket_serves_and_says_who_asks(void **state)
{
	struct rig *rig = rig_create(NULL);
	const struct vs_http_message *message;
	struct stat info;
	struct wire wire;
	struct vs_err err;
	char path[64];

	(void)state;
	unix_path(path, sizeof(path));
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	assert_int_equal(stat(path + 5, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	open_unix(&wire, rig, path + 5);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
	message = vs_http_exchange_message(rig->late[0]);
	assert_true(message->is_unix);
	assert_int_equal(message->peer_uid, getuid());
	assert_int_equal(message->peer.family, 0);
	assert_string_equal(message->tag, "local");
	rig_answer(rig->late[0], 200, "hello");
	RIG_UNTIL(rig, wire_has(&wire, "hello"));
	wire_close(&wire);
	rig_destroy(rig);
	assert_int_equal(stat(path + 5, &info), -1);
}

static void a_live_unix_socket_is_not_taken_over_and_a_stale_one_is(void **state)
{
	struct rig *first = rig_create(NULL);
	struct rig *second = rig_create(NULL);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct vs_err err;
	char path[64];
	int stale;

	(void)state;
	unix_path(path, sizeof(path));
	assert_int_equal(vs_http_server_listen(first->server, path, "local", &err), 0);
	assert_int_equal(vs_http_server_listen(second->server, path, "local", &err), VS_ERR_BUSY);
	assert_non_null(strstr(err.text, "another process"));
	rig_destroy(first);

	stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path + 5);
	assert_int_equal(bind(stale, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(close(stale), 0);
	assert_int_equal(vs_http_server_listen(second->server, path, "local", &err), 0);
	rig_destroy(second);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct vs_err err;
	char path[64];
	int fd;

	(void)state;
	unix_path(path, sizeof(path));
	fd = open(path + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), VS_ERR_BUSY);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path + 5), 0);
	rig_destroy(rig);
}

static void addresses_that_cannot_be_listened_on_are_refused_with_a_sentence(void **state)
{
	static const char *const bad[] = {"", "5000", "localhost:5000", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:5000", "[127.0.0.1]:5000", "[::1]",
		"[::1]5000", "unix:", "[]:1"};
	struct rig *rig = rig_create(NULL);
	struct vs_err err;
	char taken[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		if (vs_http_server_listen(rig->server, bad[i], "x", &err) != VS_ERR_INVALID)
			fail_msg("\"%s\" was not refused", bad[i]);
		assert_true(strlen(err.text) > 10);
	}
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", rig->port);
	assert_int_equal(vs_http_server_listen(rig->server, taken, "x", &err), VS_ERR_BUSY);
	assert_int_equal(vs_http_server_port(rig->server, "x"), 0);
	rig_destroy(rig);
}

static void ipv6_is_listened_on_beside_ipv4(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct wire wire;
	struct vs_err err;
	char address[64];

	(void)state;
	(void)snprintf(address, sizeof(address), "[::]:%u", rig->port);
	if (vs_http_server_listen(rig->server, address, "six", &err) != 0) {
		print_message("skipped: %s\n", err.text);
		rig_destroy(rig);
		skip();
	}
	to.sin6_port = htons(rig->port);
	wire_prepare(&wire, rig, socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (connect(wire.fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
		assert_int_equal(fcntl(wire.fd, F_SETFL, O_NONBLOCK), 0);
		wire_send(&wire, GET_LATE);
		RIG_UNTIL(rig, rig->late_count == 1);
		assert_int_equal(vs_http_exchange_message(rig->late[0])->peer.family, 6);
		assert_string_equal(vs_http_exchange_message(rig->late[0])->tag, "six");
		rig_answer(rig->late[0], 200, "six");
		RIG_UNTIL(rig, wire_has(&wire, "six"));
	}
	wire_close(&wire);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unix_socket_serves_and_says_who_asks),
		cmocka_unit_test(a_live_unix_socket_is_not_taken_over_and_a_stale_one_is),
		cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
		cmocka_unit_test(addresses_that_cannot_be_listened_on_are_refused_with_a_sentence),
		cmocka_unit_test(ipv6_is_listened_on_beside_ipv4),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
