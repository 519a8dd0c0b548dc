#include <stdbool.h>
#include <stdlib.h>

#include "server_test.h"

#include "../net/tls_pki.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "said.h"
#include "server/certificate.h"

struct world {
	struct pki_folder folder;
	struct pki_cert pairs[3]; /* with serial numbers 1, 2, 3 */
	struct vs_loop *loop;
	struct vs_certificate *certificate;
};

static void put(struct world *world, int cert, int key)
{
	pki_write_cert(world->folder.cert, world->pairs[cert].cert, NULL);
	pki_write_key(world->folder.key, world->pairs[key].key, NULL);
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct vs_server_tls_conf conf;
	struct vs_err err;
	int i;

	assert_non_null(world);
	clock_reset();
	pki_folder_make(&world->folder);
	for (i = 0; i < 3; i++)
		world->pairs[i] = pki_make(&(struct pki_wish){.name = "x", .serial = i + 1});
	put(world, 0, 0);
	world->loop = vs_loop_create();
	conf = (struct vs_server_tls_conf){.cert = world->folder.cert, .key = world->folder.key};
	world->certificate = vs_certificate_create(world->loop, &fake_clock, &conf, &err);
	assert_non_null(world->certificate);
	*state = world;
	return 0;
}

static int free_world(void **state)
{
	struct world *world = *state;
	int i;

	vs_certificate_destroy(world->certificate);
	vs_loop_destroy(world->loop);
	for (i = 0; i < 3; i++)
		pki_free(&world->pairs[i]);
	pki_folder_remove(&world->folder);
	free(world);
	return 0;
}

static const char *serial(const struct world *world)
{
	return vs_certificate_facts(world->certificate)->serial;
}

static void files_that_are_the_same_are_not_read_again(void **state)
{
	struct world *world = *state;
	const struct vs_tls_facts *facts = vs_certificate_facts(world->certificate);

	vs_certificate_look(world->certificate);
	assert_ptr_equal(vs_certificate_facts(world->certificate), facts);
}

static void a_new_pair_is_used_at_the_next_look(void **state)
{
	struct world *world = *state;

	put(world, 1, 1);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "02");
}

static void a_pair_of_which_only_one_half_is_there_yet_is_waited_for(void **state)
{
	struct world *world = *state;

	said_begin();
	put(world, 1, 0);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "01");
	assert_string_equal(said_end(), "");
	put(world, 1, 1);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "02");
}

static void files_that_stay_broken_are_told_once_and_the_old_pair_is_kept(void **state)
{
	struct world *world = *state;
	const char *said;
	int i;

	said_begin();
	pki_write_text(world->folder.cert, "half of a certif");
	for (i = 0; i < 5; i++)
		vs_certificate_look(world->certificate);
	said = said_end();
	assert_int_equal(said_times(said, "the one before, with serial 01, is used on"), 1);
	assert_string_equal(serial(world), "01");
	put(world, 2, 2);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "03");
}

static void a_link_that_names_another_file_is_another_file(void **state)
{
	struct world *world = *state;
	char other[128];

	(void)snprintf(other, sizeof(other), "%s/other", world->folder.path);
	pki_write_cert(other, world->pairs[1].cert, NULL);
	assert_int_equal(unlink(world->folder.cert), 0);
	assert_int_equal(symlink(other, world->folder.cert), 0);
	pki_write_key(world->folder.key, world->pairs[1].key, NULL);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "02");
	assert_int_equal(unlink(other), 0);
}

static void a_reload_that_fails_changes_nothing_and_says_why(void **state)
{
	struct world *world = *state;
	struct vs_server_tls_conf conf = {.cert = "/nowhere/cert.pem", .key = "/nowhere/key.pem"};
	struct vs_err err;

	assert_true(vs_certificate_reload(world->certificate, &conf, &err) < 0);
	assert_non_null(strstr(err.text, "/nowhere/cert.pem"));
	assert_string_equal(serial(world), "01");
	put(world, 1, 1);
	vs_certificate_look(world->certificate);
	assert_string_equal(serial(world), "02");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)
	const struct CMUnitTest tests[] = {
		TEST(files_that_are_the_same_are_not_read_again),
		TEST(a_new_pair_is_used_at_the_next_look),
		TEST(a_pair_of_which_only_one_half_is_there_yet_is_waited_for),
		TEST(files_that_stay_broken_are_told_once_and_the_old_pair_is_kept),
		TEST(a_link_that_names_another_file_is_another_file),
		TEST(a_reload_that_fails_changes_nothing_and_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
