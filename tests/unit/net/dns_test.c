#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "name_server.h"
#include "net/dns.h"
#include "net/dns_message.h"

#define LONG_MS 30000
#define TEXTS 8

static atomic_uint looked_up;
static pthread_mutex_t hang = PTHREAD_MUTEX_INITIALIZER;

/* In place of the C library's, which would ask the network. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	static struct sockaddr_in v4 = {.sin_family = AF_INET};
	static struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	static struct addrinfo infos[2] = {
		{.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&v4, .ai_next = &infos[1]},
		{.ai_family = AF_INET6, .ai_addr = (struct sockaddr *)&v6},
	};

	(void)service;
	looked_up++;
	if (strcmp(name, "hang.example.") == 0) {
		pthread_mutex_lock(&hang);
		pthread_mutex_unlock(&hang);
	}
	if (strcmp(name, "empty.example.") == 0)
		return EAI_NODATA;
	if (strcmp(name, "again.example.") == 0 || strcmp(name, "hang.example.") == 0)
		return EAI_AGAIN;
	if (strcmp(name, "fail.example.") == 0)
		return EAI_FAIL;
	if (strcmp(name, "both.example.") != 0)
		return EAI_NONAME;
	inet_pton(AF_INET, "127.0.0.9", &v4.sin_addr);
	inet_pton(AF_INET6, "::9", &v6.sin6_addr);
	*list = &infos[hints->ai_family == AF_INET6 ? 1 : 0];
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

struct world {
	struct name_server server;
	struct vs_loop *loop;
	struct vs_dns *dns;
	char resolv_conf[64];
	unsigned calls;
	enum vs_dns_error error;
	unsigned rcode;
	size_t count;
	char texts[TEXTS][2800];
	char strings[TEXTS][64]; /* of the first record */
	size_t string_count;
	uint32_t ttl;
	char name[64];
	char answered[64];
	char error_text[256];
};

static void on_reply(void *arg, const struct vs_dns_reply *reply)
{
	struct world *world = arg;
	size_t i;

	world->calls++;
	world->error = reply->error;
	world->rcode = reply->rcode;
	world->count = reply->record_count;
	for (i = 0; i < reply->record_count && i < TEXTS; i++)
		snprintf(world->texts[i], sizeof(world->texts[i]), "%s", reply->records[i].text);
	if (reply->record_count > 0) {
		const struct vs_dns_record *first = &reply->records[0];

		world->ttl = first->ttl;
		snprintf(world->name, sizeof(world->name), "%s", first->name);
		world->string_count = first->string_count;
		for (i = 0; i < first->string_count && i < TEXTS; i++)
			snprintf(world->strings[i], sizeof(world->strings[i]), "%s", first->strings[i]);
	}
	snprintf(world->answered, sizeof(world->answered), "%s", reply->server);
	snprintf(world->error_text, sizeof(world->error_text), "%s", reply->error_text);
	vs_loop_stop(world->loop);
}

static void write_resolv_conf(struct world *world, const char *text)
{
	FILE *file = fopen(world->resolv_conf, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	int fd;

	assert_non_null(world);
	name_server_start(&world->server);
	snprintf(world->resolv_conf, sizeof(world->resolv_conf), "/tmp/vs-resolv-XXXXXX");
	fd = mkstemp(world->resolv_conf);
	assert_true(fd >= 0);
	close(fd);
	world->loop = vs_loop_create();
	world->dns = vs_dns_create(world->loop, world->resolv_conf);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	vs_dns_destroy(world->dns);
	vs_loop_destroy(world->loop);
	name_server_stop(&world->server);
	unlink(world->resolv_conf);
	free(world);
	return 0;
}

static void query(struct world *world, struct vs_dns_request request)
{
	world->calls = 0;
	assert_int_not_equal(vs_dns_query(world->dns, &request, on_reply, world), 0);
	assert_int_equal(world->calls, 0);
	assert_true(vs_loop_run_for(world->loop, LONG_MS));
	assert_int_equal(world->calls, 1);
}

static void ask(struct world *world, const char *name, uint32_t type)
{
	query(world, (struct vs_dns_request){.name = name, .type = type, .server = world->server.address});
}

static void addresses_come_in_canonical_form_with_their_time_to_live(void **state)
{
	struct world *world = *state;

	ask(world, "a.example.net", 0);
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_int_equal(world->count, 1);
	assert_string_equal(world->texts[0], "192.0.2.7");
	assert_string_equal(world->name, "a.example.net");
	assert_int_equal(world->ttl, 20);
	assert_string_equal(world->answered, world->server.address);
	assert_string_equal(world->error_text, "");
	ask(world, "aaaa.example.net.", VS_DNS_TYPE_AAAA);
	assert_string_equal(world->texts[0], "2001:db8::1");
}

static void strings_of_a_text_record_come_apart_and_escaped(void **state)
{
	struct world *world = *state;

	ask(world, "txt.example.net", VS_DNS_TYPE_TXT);
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_int_equal(world->count, 2);
	assert_int_equal(world->string_count, 2);
	assert_string_equal(world->strings[0], "ns");
	assert_string_equal(world->strings[1], "192.0.2.53");
	assert_string_equal(world->texts[0], "ns192.0.2.53");
	assert_string_equal(world->texts[1], "h\\\\\\001i\\255.");
}

static void each_refusal_has_its_own_error(void **state)
{
	static const struct {
		const char *name;
		enum vs_dns_error error;
		unsigned rcode;
	} rows[] = {
		{"nx.example.net", VS_DNS_E_NXDOMAIN, 3},
		{"nodata.example.net", VS_DNS_E_NODATA, 0},
		{"fail.example.net", VS_DNS_E_SERVFAIL, 2},
		{"refused.example.net", VS_DNS_E_REFUSED, 5},
		{"notimp.example.net", VS_DNS_E_NOTIMP, 4},
		{"formerr.example.net", VS_DNS_E_FORMERR, 1},
		{"garbage.example.net", VS_DNS_E_FORMAT, 0},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(world, rows[i].name, VS_DNS_TYPE_A);
		assert_int_equal(world->error, rows[i].error);
		assert_int_equal(world->rcode, rows[i].rcode);
		assert_non_null(strstr(world->error_text, vs_dns_error_text(rows[i].error)));
		assert_non_null(strstr(world->error_text, world->server.address));
	}
}

static void an_alias_without_its_target_is_no_data_but_is_shown(void **state)
{
	struct world *world = *state;

	ask(world, "alias.example.net", VS_DNS_TYPE_A);
	assert_int_equal(world->error, VS_DNS_E_NODATA);
	assert_int_equal(world->count, 1);
	assert_string_equal(world->texts[0], "other.alias.example.net");
}

static void an_answer_that_was_cut_is_asked_for_again_over_tcp(void **state)
{
	struct world *world = *state;

	ask(world, "big.example.net", VS_DNS_TYPE_TXT);
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_int_equal(world->count, 10);
	assert_int_equal(strlen(world->texts[0]), 255);
	assert_int_equal(world->server.asked_tcp, 1);
}

static void an_answer_beyond_the_limit_is_refused(void **state)
{
	struct world *world = *state;

	ask(world, "huge.example.net", VS_DNS_TYPE_TXT);
	assert_int_equal(world->error, VS_DNS_E_TOO_LARGE);
	assert_int_equal(world->count, 0);
}

static void tcp_from_the_beginning_sends_no_datagram(void **state)
{
	struct world *world = *state;

	query(world, (struct vs_dns_request){
			     .name = "a.example.net", .server = world->server.address, .tcp = true});
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_int_equal(world->server.asked, 1);
	assert_int_equal(world->server.asked_tcp, 1);
}

static void silence_and_the_answer_to_another_question_end_at_the_timeout(void **state)
{
	static const char *const names[] = {"silent.example.net", "wrongid.example.net"};
	struct world *world = *state;
	uint64_t before;
	size_t i;

	for (i = 0; i < 2; i++) {
		before = vs_mono_ms();
		world->server.asked = 0;
		query(world, (struct vs_dns_request){
				     .name = names[i], .server = world->server.address, .timeout_ms = 300});
		assert_int_equal(world->error, VS_DNS_E_TIMEOUT);
		assert_in_range(vs_mono_ms() - before, 299, 5000);
		assert_in_range(world->server.asked, 2, 3); /* repeated, since datagrams get lost */
	}
}

static void a_closed_port_is_told_before_the_timeout(void **state)
{
	struct world *world = *state;
	struct name_server gone;
	uint64_t before = vs_mono_ms();

	name_server_start(&gone);
	name_server_stop(&gone);
	query(world, (struct vs_dns_request){
			     .name = "a.example.net", .server = gone.address, .timeout_ms = 20000});
	assert_int_equal(world->error, VS_DNS_E_CONNECT);
	assert_in_range(vs_mono_ms() - before, 0, 15000);
}

static void servers_of_the_system_are_asked_in_their_order_until_one_answers(void **state)
{
	struct world *world = *state;
	char text[256];

	snprintf(text, sizeof(text), "nameserver 127.0.0.2:9\nnameserver 127.0.0.1:%u\n", world->server.port);
	write_resolv_conf(world, text);
	query(world, (struct vs_dns_request){.name = "a.example.net"});
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_string_equal(world->answered, world->server.address);
	query(world, (struct vs_dns_request){.name = "fail.example.net", .timeout_ms = 2000});
	assert_int_equal(world->error, VS_DNS_E_SERVFAIL);
	snprintf(text, sizeof(text), "nameserver 127.0.0.1:%u\nnameserver 127.0.0.2:9\n", world->server.port);
	write_resolv_conf(world, text); /* and it is read anew */
	query(world, (struct vs_dns_request){.name = "nx.example.net"});
	assert_int_equal(world->error, VS_DNS_E_NXDOMAIN);
	assert_string_equal(world->answered, world->server.address);
}

static void only_servers_of_the_wanted_family_are_asked(void **state)
{
	struct world *world = *state;
	char text[256];

	snprintf(text, sizeof(text), "nameserver 127.0.0.1:%u\n", world->server.port);
	write_resolv_conf(world, text);
	query(world, (struct vs_dns_request){.name = "a.example.net", .family = 6});
	assert_int_equal(world->error, VS_DNS_E_NO_SERVER);
	assert_int_equal(world->server.asked, 0);
	query(world, (struct vs_dns_request){.name = "a.example.net", .family = 4});
	assert_int_equal(world->error, VS_DNS_E_OK);
}

static void collect(void *arg, const char *address)
{
	strcat(arg, address);
	strcat(arg, ";");
}

static void nameservers_are_listed_as_a_request_takes_them(void **state)
{
	struct world *world = *state;
	char all[256] = "";

	write_resolv_conf(world, "search example.org\nnameserver 192.0.2.1\nnameserver 2001:db8::53\n"
				 "nameserver 127.0.0.1:5353\noptions ndots:2\n");
	assert_int_equal(vs_dns_nameservers(world->dns, collect, all), 3);
	assert_string_equal(all, "192.0.2.1;2001:db8::53;127.0.0.1:5353;");
}

static void what_is_no_name_or_no_address_is_told(void **state)
{
	char label[200];
	struct world *world = *state;

	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	ask(world, label, 0);
	assert_int_equal(world->error, VS_DNS_E_NAME);
	ask(world, "a..b", 0);
	assert_int_equal(world->error, VS_DNS_E_NAME);
	query(world, (struct vs_dns_request){.name = "a.example.net", .server = "one.one.one.one"});
	assert_int_equal(world->error, VS_DNS_E_NO_SERVER);
	assert_int_equal(
		vs_dns_query(world->dns, &(struct vs_dns_request){.name = NULL}, on_reply, world), 0);
	assert_int_equal(vs_dns_query(world->dns, &(struct vs_dns_request){.name = ""}, on_reply, world), 0);
}

static void applications_get_addresses_and_no_search_domain_is_tried(void **state)
{
	struct world *world = *state;

	query(world, (struct vs_dns_request){.name = "both.example", .system = true});
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_int_equal(world->count, 2);
	assert_string_equal(world->texts[0], "127.0.0.9");
	assert_string_equal(world->texts[1], "::9");
	assert_string_equal(world->name, "both.example.");
	assert_string_equal(world->answered, "");
	query(world,
		(struct vs_dns_request){.name = "both.example.", .system = true, .type = VS_DNS_TYPE_AAAA});
	assert_int_equal(world->count, 1);
	assert_string_equal(world->texts[0], "::9");
}

static void what_the_system_cannot_find_has_its_own_errors(void **state)
{
	static const struct {
		const char *name;
		enum vs_dns_error error;
	} rows[] = {
		{"none.example", VS_DNS_E_NXDOMAIN},
		{"empty.example", VS_DNS_E_NODATA},
		{"again.example", VS_DNS_E_TIMEOUT},
		{"fail.example", VS_DNS_E_SERVFAIL},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		query(world, (struct vs_dns_request){.name = rows[i].name, .system = true});
		assert_int_equal(world->error, rows[i].error);
		assert_int_equal(world->count, 0);
	}
	query(world,
		(struct vs_dns_request){.name = "both.example", .system = true, .type = VS_DNS_TYPE_TXT});
	assert_int_equal(world->error, VS_DNS_E_NOTIMP);
}

static void a_lookup_of_the_system_that_hangs_ends_at_the_timeout(void **state)
{
	struct world *world = *state;

	pthread_mutex_lock(&hang);
	query(world, (struct vs_dns_request){.name = "hang.example", .system = true, .timeout_ms = 30});
	assert_int_equal(world->error, VS_DNS_E_TIMEOUT);
	pthread_mutex_unlock(&hang);
}

static void lookups_that_were_given_up_do_not_pile_up_behind_a_dead_resolver(void **state)
{
	struct world *world = *state;
	unsigned i;

	pthread_mutex_lock(&hang);
	looked_up = 0;
	for (i = 0; i < 40; i++)
		vs_dns_cancel(
			world->dns, vs_dns_query(world->dns,
					    &(struct vs_dns_request){.name = "hang.example", .system = true},
					    on_reply, world));
	pthread_mutex_unlock(&hang);
	query(world, (struct vs_dns_request){.name = "both.example", .system = true});
	assert_int_equal(world->error, VS_DNS_E_OK);
	assert_in_range(looked_up, 1, 5); /* by four threads, and this one */
}

static void a_cancelled_question_is_not_answered(void **state)
{
	struct world *world = *state;
	const struct vs_dns_request asked = {.name = "a.example.net", .server = world->server.address};
	const struct vs_dns_request system = {.name = "both.example", .system = true};
	uint64_t one = vs_dns_query(world->dns, &asked, on_reply, world);
	uint64_t two = vs_dns_query(world->dns, &system, on_reply, world);

	assert_int_not_equal(one, two);
	vs_dns_cancel(world->dns, one);
	vs_dns_cancel(world->dns, two);
	vs_dns_cancel(world->dns, two);
	vs_dns_cancel(world->dns, 0);
	assert_false(vs_loop_run_for(world->loop, 50));
	assert_int_equal(world->calls, 0);
}

static void questions_that_run_end_with_the_resolver(void **state)
{
	struct world *world = *state;
	const struct vs_dns_request request = {.name = "silent.example.net", .server = world->server.address};
	unsigned i;

	for (i = 0; i < 20; i++)
		assert_int_not_equal(vs_dns_query(world->dns, &request, on_reply, world), 0);
	assert_false(vs_loop_run_for(world->loop, 20));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_come_in_canonical_form_with_their_time_to_live),
		TEST(strings_of_a_text_record_come_apart_and_escaped),
		TEST(each_refusal_has_its_own_error),
		TEST(an_alias_without_its_target_is_no_data_but_is_shown),
		TEST(an_answer_that_was_cut_is_asked_for_again_over_tcp),
		TEST(an_answer_beyond_the_limit_is_refused),
		TEST(tcp_from_the_beginning_sends_no_datagram),
		TEST(silence_and_the_answer_to_another_question_end_at_the_timeout),
		TEST(a_closed_port_is_told_before_the_timeout),
		TEST(servers_of_the_system_are_asked_in_their_order_until_one_answers),
		TEST(only_servers_of_the_wanted_family_are_asked),
		TEST(nameservers_are_listed_as_a_request_takes_them),
		TEST(what_is_no_name_or_no_address_is_told),
		TEST(applications_get_addresses_and_no_search_domain_is_tried),
		TEST(what_the_system_cannot_find_has_its_own_errors),
		TEST(a_lookup_of_the_system_that_hangs_ends_at_the_timeout),
		TEST(lookups_that_were_given_up_do_not_pile_up_behind_a_dead_resolver),
		TEST(a_cancelled_question_is_not_answered),
		TEST(questions_that_run_end_with_the_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
