/* Name servers, sockets, descriptors, programs, rounds and nonces through the border, and what is left
 * behind. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/net/name_server.h"
#include "plug/hurry.h"
#include "support/asking.h"

static void a_question_is_answered_with_its_records(void **state)
{
	struct name_server server;
	char options[256];

	(void)state;
	name_server_start(&server);
	snprintf(options, sizeof(options), "{ mode: dns, target: a.example.net, server: \"%s\" }",
		server.address);
	run(options);
	assert_string_equal(seen.text, "0 0 a.example.net=192.0.2.7/0");
	snprintf(options, sizeof(options), "{ mode: dns_txt, target: txt.example.net, server: \"%s\" }",
		server.address);
	run(options);
	assert_non_null(strstr(seen.text, "txt.example.net=ns192.0.2.53/2"));
	snprintf(options, sizeof(options), "{ mode: dns, target: nx.example.net, server: \"%s\" }",
		server.address);
	run(options);
	assert_string_equal(seen.text, "1 3");
	name_server_stop(&server);
}

static void questions_beyond_the_limit_are_refused_and_cancelled_ones_are_silent(void **state)
{
	struct name_server server;
	char options[256];

	(void)state;
	name_server_start(&server);
	snprintf(options, sizeof(options), "{ mode: dns_flood, target: silent.example.net, server: \"%s\" }",
		server.address);
	run(options);
	assert_string_equal(seen.text, "16");
	snprintf(options, sizeof(options), "{ mode: dns_cancel, target: a.example.net, server: \"%s\" }",
		server.address);
	run(options);
	assert_string_equal(seen.text, "-");
	name_server_stop(&server);
}

static void the_system_has_its_name_servers(void **state)
{
	(void)state;
	run("{ mode: nameservers }");
	assert_string_equal(seen.text, "-127.0.0.1 ");
}

/* Whatever was not cancelled is closed, and told by its sort. */
static void leave(const char *options, const char *sentence)
{
	make_of("asker", options);
	probe();
	assert_string_equal(seen.text, "left");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	if (world_logged(world, sentence) != 1)
		fail_msg("\"%s\" is not once in:\n%s", sentence, world_log(world));
	assert_int_equal(seen.times, 1);
	seen.times = 0;
}

static void what_is_left_behind_is_closed_and_named(void **state)
{
	struct name_server server;
	char options[256];
	int pair[2];

	(void)state;
	name_server_start(&server);
	snprintf(options, sizeof(options), "{ mode: dns_leave, target: silent.example.net, server: \"%s\" }",
		server.address);
	leave(options, "left 1 DNS question behind");
	snprintf(
		options, sizeof(options), "{ mode: socket_leave, target: 127.0.0.1, port: %u }", server.port);
	leave(options, "left 1 exchange behind");
	name_server_stop(&server);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	snprintf(options, sizeof(options), "{ mode: poll_leave, fd: %d }", pair[0]);
	leave(options, "left 1 watched descriptor behind");
	assert_int_equal(write(pair[1], "x", 1), 1);
	world_pass(world, 10);
	close(pair[0]);
	close(pair[1]);
	leave("{ mode: spawn_leave, target: \"sleep 60\" }", "left 1 running program behind");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void ill_use_is_refused_and_reported_once(void **state)
{
	static const struct {
		const char *options;
		const char *sentence;
	} rows[] = {
		{"{ mode: dns_ill }", "asked a DNS question without size"},
		{"{ mode: socket_ill, target: 127.0.0.1 }", "wants to send something without size"},
		{"{ mode: poll_ill, fd: 0 }", "for events that do not exist"},
		{"{ mode: spawn_ill }", "wants to run a program without size"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_of("asker", rows[i].options);
		probe();
		assert_string_equal(seen.text, "refused");
		probe();
		end();
		if (world_logged(world, rows[i].sentence) != 1)
			fail_msg("\"%s\" is not once in:\n%s", rows[i].sentence, world_log(world));
	}
}

static void an_exchange_tells_what_came_back_or_why_nothing_did(void **state)
{
	struct name_server server;
	char options[256];

	(void)state;
	name_server_start(&server);
	snprintf(options, sizeof(options), "{ mode: socket_tcp, target: 127.0.0.1, port: %u }", server.port);
	run(options);
	assert_string_equal(seen.text, "0 1 ");
	name_server_stop(&server);
	snprintf(options, sizeof(options), "{ mode: socket, target: 127.0.0.1, port: %u }", server.port);
	run(options);
	assert_string_equal(seen.text, "6 0 ");
	run("{ mode: socket, target: one.one.one.one }");
	assert_string_equal(seen.text, "1 0 ");
	run("{ mode: socket, target: 127.0.0.1, server: vs-none0 }");
	assert_string_equal(seen.text, "2 0 ");
	run("{ mode: socket_cancel, target: 127.0.0.1 }");
	assert_string_equal(seen.text, "-");
}

static void a_watched_descriptor_is_told_when_it_is_ready(void **state)
{
	char options[64];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], "y", 1), 1);
	snprintf(options, sizeof(options), "{ mode: poll, fd: %d }", pair[0]);
	run(options);
	assert_string_equal(seen.text, "1 y");
	snprintf(options, sizeof(options), "{ mode: poll_flood, fd: %d }", pair[0]);
	run(options);
	assert_string_equal(seen.text, "1"); /* a second watch of the same one is refused */
	snprintf(options, sizeof(options), "{ mode: poll_cancel, fd: %d }", pair[0]);
	run(options);
	run("{ mode: poll, fd: 999 }");
	assert_string_equal(seen.text, "refused");
	close(pair[0]);
	close(pair[1]);
}

static void a_program_runs_and_tells_its_end(void **state)
{
	(void)state;
	run("{ mode: spawn, target: \"cat; echo bad >&2; exit 4\" }");
	assert_string_equal(seen.text, "0 4 in|bad\n");
	run("{ mode: spawn_flood, target: \"sleep 60\" }");
	assert_string_equal(seen.text, "2");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_program_needs_the_grant_that_people_see(void **state)
{
	(void)state;
	make_of("asker_bare", "{ mode: spawn, target: \"exit 0\" }");
	probe();
	assert_string_equal(seen.text, "refused");
	end();
	assert_int_equal(world_logged(world, "does not declare VPNS_GRANT_EXEC"), 1);
}

struct wishes {
	unsigned count;
	char reason[256];
};

static void on_hurry(void *arg, const char *reason)
{
	struct wishes *wishes = arg;

	wishes->count++;
	snprintf(wishes->reason, sizeof(wishes->reason), "%s", reason);
}

static void many_wishes_to_hurry_are_one_round(void **state)
{
	struct wishes wishes = {0};
	unsigned i;

	(void)state;
	run("{ mode: hurry }");
	assert_string_equal(seen.text, "-2"); /* nobody makes rounds */
	world->env.hurry = vs_hurry_create(world->loop, on_hurry, &wishes);
	make_of("asker", "{ mode: hurry, target: \"wg0 went down\" }");
	for (i = 0; i < 5; i++)
		probe();
	world_pass(world, 100);
	assert_int_equal(wishes.count, 1); /* the next one comes two seconds later */
	assert_string_equal(wishes.reason, "asker@it: wg0 went down");
	assert_int_equal(vs_hurry_epoch(world->env.hurry), 5);
	end();
	vs_hurry_destroy(world->env.hurry);
}

static int take_nonce(void *arg, const char *nonce)
{
	char *taken = arg;

	if (taken[0] != '\0')
		return -1;
	strcpy(taken, nonce);
	return 0;
}

static void a_nonce_goes_where_reports_are_made(void **state)
{
	char taken[VPNS_NONCE_MAX + 1] = "";

	(void)state;
	run("{ mode: nonce, target: abc }");
	assert_string_equal(seen.text, "-2");
	world->env.nonce.tell = take_nonce;
	world->env.nonce.arg = taken;
	run("{ mode: nonce, target: abc-DEF-123 }");
	assert_string_equal(seen.text, "0");
	assert_string_equal(taken, "abc-DEF-123");
	run("{ mode: nonce, target: abc }");
	assert_string_equal(seen.text, "-3");
	run("{ mode: nonce, target: \"a.b\" }");
	assert_string_equal(seen.text, "-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_is_answered_with_its_records),
		TEST(questions_beyond_the_limit_are_refused_and_cancelled_ones_are_silent),
		TEST(the_system_has_its_name_servers),
		TEST(what_is_left_behind_is_closed_and_named),
		TEST(ill_use_is_refused_and_reported_once),
		TEST(an_exchange_tells_what_came_back_or_why_nothing_did),
		TEST(a_watched_descriptor_is_told_when_it_is_ready),
		TEST(a_program_runs_and_tells_its_end),
		TEST(a_program_needs_the_grant_that_people_see),
		TEST(many_wishes_to_hurry_are_one_round),
		TEST(a_nonce_goes_where_reports_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
