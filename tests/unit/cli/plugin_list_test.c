/* `plugin list` on the plugins of the build tree, and on files that are none. */
#include "caught.h"

#include <jansson.h>

#include "cli/commands.h"

struct world {
	struct place *place;
	struct caught caught;
	char folder[256]; /* with a probe of the test's own */
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	void *place = NULL;

	if (world == NULL || place_setup(&place) != 0)
		return -1;
	world->place = place;
	snprintf(world->folder, sizeof(world->folder), "%s", place_path(place, "plugins"));
	if (mkdir(world->folder, 0755) != 0)
		return -1;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	void *place = world->place;

	free(world);
	return place_teardown(&place);
}

static void put_probe(struct world *world, const char *name, const char *text)
{
	char path[256];

	mkdir(place_path(world->place, "plugins/probes"), 0755);
	snprintf(path, sizeof(path), "plugins/probes/%s", name);
	place_write(world->place, path, text);
}

/* The line of out that has kind and name, or fails. */
static void line_of(const char *out, const char *kind, const char *name, char *line, size_t size)
{
	size_t len;

	for (; *out != '\0'; out += len + (out[len] == '\n')) {
		char words[2][64] = {"", ""};

		len = strcspn(out, "\n");
		snprintf(line, size, "%.*s", (int)len, out);
		if (sscanf(line, "%63s %63s", words[0], words[1]) == 2 && strcmp(words[0], kind) == 0 &&
			strcmp(words[1], name) == 0)
			return;
	}
	fail_msg("there is no line of %s %s", kind, name);
}

static void every_shipped_plugin_is_listed_with_its_kind_and_file(void **state)
{
	static const char *const shipped[][3] = {
		{"probe", "ipinfo", "/lib/vpn-sentinel/probes/ipinfo.so"},
		{"probe", "cloudflare_trace", "/lib/vpn-sentinel/probes/cloudflare_trace.so"},
		{"notifier", "telegram", "/lib/vpn-sentinel/notifiers/telegram.so"},
		{"notifier", "console", "/lib/vpn-sentinel/notifiers/console.so"},
		{"auth", "bearer", "/lib/vpn-sentinel/auth/bearer.so"},
		{"auth", "cidr", "/lib/vpn-sentinel/auth/cidr.so"},
		{"store", "memory", "/lib/vpn-sentinel/stores/memory.so"},
	};
	struct world *world = *state;
	char line[1024];
	size_t i;

	RUN(&world->caught, &vs_command_plugin_list, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err, "");
	line_of(world->caught.out, "KIND", "NAME", line, sizeof(line));
	for (i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		line_of(world->caught.out, shipped[i][0], shipped[i][1], line, sizeof(line));
		assert_has(line, " 1.0 ");
		assert_has(line, " ok ");
		assert_has(line, shipped[i][2]);
	}
}

static void a_refused_file_is_listed_and_the_reason_is_on_standard_error(void **state)
{
	struct world *world = *state;
	char line[1024];

	put_probe(world, "poem.so", "I am a poem.\n");
	put_probe(world, "Loud.so", "I am a poem.\n");
	RUN(&world->caught, &vs_command_plugin_list, "--path", world->folder);
	assert_int_equal(world->caught.code, 0);
	line_of(world->caught.out, "probe", "poem", line, sizeof(line));
	assert_has(line, "poem  ");
	assert_has(line, " -        -    refused  ");
	assert_has(world->caught.err,
		"/plugins/probes/poem.so: the file is not a shared object (no ELF header)");
	assert_has(world->caught.err, "/plugins/probes/Loud.so: the file's name is not a plugin name");
	assert_has_not(world->caught.out, "no ELF header");
}

static void a_file_that_an_earlier_folder_hides_is_shadowed(void **state)
{
	struct world *world = *state;
	const char *rest;

	put_probe(world, "ipinfo.so", "I am a poem.\n");
	setenv("VPN_SENTINEL_PLUGIN_PATH", world->folder, 1);
	RUN(&world->caught, &vs_command_plugin_list, NULL);
	rest = strstr(world->caught.out, "/plugins/probes/ipinfo.so\n");
	assert_non_null(rest);
	assert_has(rest, "shadowed  ");
	assert_has(strstr(rest, "shadowed  "), "/lib/vpn-sentinel/probes/ipinfo.so\n");
}

static void json_has_an_object_for_each_even_when_a_name_is_not_utf8(void **state)
{
	struct world *world = *state;
	json_error_t where;
	json_t *list;
	size_t refused = 0;
	size_t i;

	put_probe(world, "caf\xe9\x1b.so", "I am a poem.\n");
	RUN(&world->caught, &vs_command_plugin_list, "--json", "--path", world->folder);
	assert_int_equal(world->caught.code, 0);
	list = json_loads(world->caught.out, 0, &where);
	assert_true(json_array_size(list) >= 8);
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);
		bool is_refused = strcmp(json_string_value(json_object_get(entry, "state")), "refused") == 0;

		assert_true(json_is_string(json_object_get(entry, "kind")));
		assert_true(json_is_string(json_object_get(entry, "version")));
		assert_true(json_is_string(json_object_get(entry, "abi")));
		assert_true(json_is_string(json_object_get(entry, "file")));
		assert_int_equal(json_is_string(json_object_get(entry, "refusal")), is_refused);
		if (is_refused)
			assert_string_equal(json_string_value(json_object_get(entry, "name")), "caf??");
		refused += is_refused;
	}
	assert_int_equal(refused, 1);
	json_decref(list);
}

#define list_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		list_test(every_shipped_plugin_is_listed_with_its_kind_and_file),
		list_test(a_refused_file_is_listed_and_the_reason_is_on_standard_error),
		list_test(a_file_that_an_earlier_folder_hides_is_shadowed),
		list_test(json_has_an_object_for_each_even_when_a_name_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
