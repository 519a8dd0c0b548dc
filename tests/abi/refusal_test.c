/* Every way in which a plugin file can be wrong, and the sentence it is refused with. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/world.h"

static struct folder folder;
static struct vs_search *search; /* of folder */
static struct vs_search *zoo;
static struct vs_err err;

static int setup(void **state)
{
	static const char *const zoo_dirs[] = {ZOO_DIR};
	const char *dirs[] = {folder.path};

	(void)state;
	folder_make(&folder);
	search = vs_search_create(dirs, 1, NULL);
	zoo = vs_search_create(zoo_dirs, 1, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vs_search_destroy(search);
	vs_search_destroy(zoo);
	folder_remove(&folder);
	return 0;
}

static void expect_refusal(const struct vs_search *where, const char *name, const char *sentence)
{
	const struct vs_plugin_request request = {.search = where, .kind = VPNS_KIND_PROBE, .name = name};
	struct vs_plugin *plugin;

	memset(&err, 0, sizeof(err));
	plugin = vs_plugin_load(&request, &err);
	assert_null(plugin);
	if (!strstr(err.text, sentence))
		fail_msg("%s: \"%s\" does not hold \"%s\"", name, err.text, sentence);
	if (!strstr(err.text, "probe '"))
		fail_msg("\"%s\" does not name the plugin", err.text);
}

static void expect_loads(const struct vs_search *where, const char *name)
{
	const struct vs_plugin_request request = {.search = where, .kind = VPNS_KIND_PROBE, .name = name};
	struct vs_plugin *plugin = vs_plugin_load(&request, &err);

	if (!plugin)
		fail_msg("%s", err.text);
	vs_plugin_unref(plugin);
}

static void a_sound_plugin_loads_and_is_described(void **state)
{
	const struct vs_plugin_request request = {.search = zoo, .kind = VPNS_KIND_PROBE, .name = "plain"};
	struct vs_plugin *plugin = vs_plugin_load(&request, &err);
	const struct vpns_plugin *desc;

	(void)state;
	assert_non_null(plugin);
	desc = vs_plugin_desc(plugin);
	assert_string_equal(desc->name, "plain");
	assert_int_equal(desc->option_count, 2);
	assert_string_equal(desc->options[1].name, "second");
	assert_int_equal(vs_plugin_fact(plugin, "zoo.animals")->type, VPNS_FACT_INT);
	assert_null(vs_plugin_fact(plugin, "zoo.plants"));
	assert_string_equal(vs_plugin_path(plugin), ZOO_DIR "/probes/plain.so");
	assert_int_equal(strlen(vs_plugin_sha256(plugin)), 64);
	vs_plugin_unref(plugin);
}

static void every_animal_of_the_zoo_gets_its_sentence(void **state)
{
	static const struct {
		const char *name;
		const char *sentence;
	} animals[] = {
		{"no_note", "is a shared object but no VPN Sentinel plugin (it has no .note.vpns note)"},
		{"note_magic", "its note has the magic 0x12345678, a VPN Sentinel plugin has 0x534e5056"},
		{"abi_major",
			"it was built for ABI 2.0, this host speaks 1.1: rebuild it with the sdk of this "
			"version or upgrade vpn-sentinel"},
		{"abi_minor",
			"it needs ABI 1.99, this host speaks 1.1: upgrade vpn-sentinel, or rebuild it with "
			"VPNS_TARGET_MINOR 1"},
		{"note_kind", "it is of kind auth, not probe: move it to the folder auth/"},
		{"note_strange", "it says it is of kind 44, which does not exist"},
		{"note_name",
			"it calls itself 'giraffe': name the file giraffe.so, or rebuild it with the name "
			"'note_name'"},
		{"note_differs", "its note says version 2.0.0 for ABI 1.0, its descriptor 1.0.0 for ABI 1.0"},
		{"no_symbol", "it does not export vpns_plugin: use one of the VPNS_*_PLUGIN macros"},
		{"magic", "its descriptor has the magic 0x00000007 instead of 0x534e5056"},
		{"size_small", "its descriptor has 96 bytes, ABI 1.0 has 128"},
		{"size_large", "its descriptor claims 4096 bytes but the symbol has"},
		{"missing_need", "it needs the service telepathy/1, which this host does not offer to the "
				 "kind probe (it "
				 "offers timer/1 http/1 work/1 post/1 "},
		{"foreign_need",
			"it needs the service render/1, which this host does not offer to the kind probe"},
		{"two_kinds", "its descriptor has the table of kind notifier besides that of probe"},
		{"no_verb", "its probe table has no start(), which the kind probe needs"},
		{"blocking", "its verbs may block (VPNS_PLUGIN_BLOCKING)"},
		{"option_twice", "it declares the option 'first' twice"},
		{"option_outside", "its option 'second' lies at bytes 8 to 16 of a config of 8 bytes"},
		{"unresolved", "cannot be loaded (undefined symbol: no_such_function_anywhere)"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(animals) / sizeof(animals[0]); i++)
		expect_refusal(zoo, animals[i].name, animals[i].sentence);
}

static void a_missing_file_is_refused_with_the_places_looked_at(void **state)
{
	char sentence[256];

	(void)state;
	snprintf(sentence, sizeof(sentence), "there is no file unicorn.so in %s/probes", folder.path);
	expect_refusal(search, "unicorn", sentence);
	assert_int_equal(err.code, VS_ERR_NOT_FOUND);
}

static void a_name_that_leaves_the_folder_is_refused(void **state)
{
	(void)state;
	expect_refusal(search, "../auth/porter", "this is not a plugin name");
	expect_refusal(search, "", "this is not a plugin name");
	expect_refusal(search, "Plain", "this is not a plugin name");
}

static void a_text_file_is_refused(void **state)
{
	(void)state;
	folder_write(&folder, "probes/text.so", "I am a plugin, honestly.\n", 25);
	expect_refusal(search, "text", "the file is not a shared object (no ELF header)");
	folder_write(&folder, "probes/empty.so", "", 0);
	expect_refusal(search, "empty", "the file is empty");
}

static void a_folder_or_pipe_called_like_a_plugin_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(folder_path(&folder, "probes/dir.so"), 0755), 0);
	expect_refusal(search, "dir", "is not a regular file");
	assert_int_equal(mkfifo(folder_path(&folder, "probes/pipe.so"), 0644), 0);
	expect_refusal(search, "pipe", "is not a regular file");
}

static void a_plugin_cut_off_anywhere_is_refused_and_nothing_crashes(void **state)
{
	struct stat what;
	size_t len;

	(void)state;
	assert_int_equal(stat(ZOO_DIR "/probes/plain.so", &what), 0);
	for (len = 4; len < (size_t)what.st_size; len += 1 + len / 4) {
		folder_copy(&folder, "probes/plain.so", "probes/plain.so");
		folder_cut(&folder, "probes/plain.so", len);
		expect_refusal(search, "plain", "the file is damaged");
	}
}

static void a_file_for_another_machine_is_refused(void **state)
{
	const Elf64_Half other = EM_MIPS;
	const Elf64_Half executable = ET_EXEC;
	const unsigned char order = ELFDATA2MSB;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	folder_patch(&folder, "probes/plain.so", offsetof(Elf64_Ehdr, e_machine), &other, sizeof(other));
	expect_refusal(search, "plain", "the file is for ELF machine 8, this program for");
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	folder_patch(&folder, "probes/plain.so", EI_DATA, &order, 1);
	expect_refusal(search, "plain", "another word size or byte order");
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	folder_patch(
		&folder, "probes/plain.so", offsetof(Elf64_Ehdr, e_type), &executable, sizeof(executable));
	expect_refusal(search, "plain", "no shared object: link it with -shared");
}

static void a_file_or_folder_that_others_may_write_is_refused(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		mode_t good;
		const char *sentence;
	} cases[] = {
		{"probes/plain.so", 0666, 0644, "is writable by everybody (mode 0666): chmod go-w"},
		{"probes/plain.so", 0664, 0644, "is writable by its group (mode 0664): chmod go-w"},
		{"probes", 0777, 0755, "/probes is writable by everybody (mode 0777): chmod go-w"},
		{"probes", 0775, 0755, "/probes is writable by its group (mode 0775): chmod go-w"},
		{"", 0757, 0755, "is writable by everybody (mode 0757): chmod go-w"},
	};
	size_t i;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(chmod(folder_path(&folder, cases[i].path), cases[i].mode), 0);
		expect_refusal(search, "plain", cases[i].sentence);
		assert_int_equal(chmod(folder_path(&folder, cases[i].path), cases[i].good), 0);
	}
	expect_loads(search, "plain");
}

static void a_file_of_another_user_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can give a file to somebody else\n");
		skip();
	}
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	assert_int_equal(chown(folder_path(&folder, "probes/plain.so"), 12345, 12345), 0);
	expect_refusal(search, "plain", "plain.so belongs to user 12345, who is neither root nor the user");
	assert_int_equal(chown(folder_path(&folder, "probes/plain.so"), 0, 0), 0);
	assert_int_equal(chown(folder_path(&folder, "probes"), 12345, 12345), 0);
	expect_refusal(search, "plain", "/probes belongs to user 12345");
	assert_int_equal(chown(folder_path(&folder, "probes"), 0, 0), 0);
}

static void a_pin_refuses_every_other_file(void **state)
{
	struct vs_plugin_request request = {.search = zoo, .kind = VPNS_KIND_PROBE, .name = "plain"};
	char wrong[VS_SHA256_TEXT];
	char right[VS_SHA256_TEXT];
	struct vs_plugin *plugin = vs_plugin_load(&request, &err);

	(void)state;
	assert_non_null(plugin);
	strcpy(right, vs_plugin_sha256(plugin));
	vs_plugin_unref(plugin);
	strcpy(wrong, right);
	wrong[0] = wrong[0] == '0' ? '1' : '0';

	request.sha256 = wrong;
	assert_null(vs_plugin_load(&request, &err));
	assert_non_null(strstr(err.text, "`run.sha256` wants"));
	assert_non_null(strstr(err.text, right));
	request.sha256 = right;
	request.pinned = true;
	plugin = vs_plugin_load(&request, &err);
	assert_non_null(plugin);
	vs_plugin_unref(plugin);
	request.sha256 = NULL;
	assert_null(vs_plugin_load(&request, &err));
	assert_non_null(strstr(err.text, "`trust: pinned` needs `run: { sha256: ... }`"));
}

static void a_refused_file_is_not_replaced_by_one_further_down_the_search(void **state)
{
	const char *dirs[] = {folder.path, ZOO_DIR};
	struct vs_search *both = vs_search_create(dirs, 2, NULL);

	(void)state;
	expect_loads(both, "plain");
	folder_write(&folder, "probes/plain.so", "not this one", 12);
	expect_refusal(both, "plain", "the file is not a shared object");
	vs_search_destroy(both);
}

static void a_replaced_file_loads_anew(void **state)
{
	const struct vs_plugin_request request = {.search = search, .kind = VPNS_KIND_PROBE, .name = "plain"};
	struct vs_plugin *first;
	struct vs_plugin *second;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	first = vs_plugin_load(&request, &err);
	assert_non_null(first);
	/* Other bytes (behind the section headers nobody looks), another file, the same name. */
	folder_copy(&folder, "probes/plain.so", "probes/next");
	assert_int_equal(truncate(folder_path(&folder, "probes/next"), 1024 * 1024), 0);
	assert_int_equal(
		rename(folder_path(&folder, "probes/next"), folder_path(&folder, "probes/plain.so")), 0);
	second = vs_plugin_load(&request, &err);
	if (!second)
		fail_msg("%s", err.text);
	assert_string_not_equal(vs_plugin_sha256(first), vs_plugin_sha256(second));
	assert_ptr_not_equal(vs_plugin_desc(first)->name, vs_plugin_desc(second)->name);
	vs_plugin_unref(first);
	vs_plugin_unref(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sound_plugin_loads_and_is_described, setup, teardown),
		cmocka_unit_test_setup_teardown(every_animal_of_the_zoo_gets_its_sentence, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_missing_file_is_refused_with_the_places_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(a_name_that_leaves_the_folder_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_text_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_folder_or_pipe_called_like_a_plugin_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_plugin_cut_off_anywhere_is_refused_and_nothing_crashes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_for_another_machine_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_file_or_folder_that_others_may_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_of_another_user_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pin_refuses_every_other_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refused_file_is_not_replaced_by_one_further_down_the_search, setup, teardown),
		cmocka_unit_test_setup_teardown(a_replaced_file_loads_anew, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
