/* Every plugin that this tree ships is listed without refusal and loads. */
#include <stdio.h>
#include <string.h>

#include "plug/listing.h"
#include "support/world.h"

static void every_shipped_plugin_loads(void **state)
{
	struct vs_search *search = vs_search_create(NULL, 0, NULL); /* lib/vpn-sentinel beside this program */
	struct vs_plugin_request request = {.search = search};
	struct vs_listing listing;
	struct vs_plugin *plugin;
	struct vs_err err;
	size_t i;

	(void)state;
	vs_listing_read(&listing, search);
	for (i = 0; i < listing.count; i++) {
		if (listing.entries[i].refusal)
			fail_msg("%s: %s", listing.entries[i].path, listing.entries[i].refusal);
		request.kind = listing.entries[i].kind;
		request.name = listing.entries[i].name;
		plugin = vs_plugin_load(&request, &err);
		if (!plugin)
			fail_msg("%s", err.text);
		vs_plugin_unref(plugin);
	}
	print_message("%zu plugins of %s\n", listing.count, vs_search_dir(search, 0));
	if (listing.count == 0) {
		print_message("skipped: none was built\n");
		vs_search_destroy(search);
		skip();
	}
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

static bool tells_each(const char *name)
{
	static const char *const those[] = {"console", "exec", "mqtt", "syslog", "webhook"};
	size_t i;

	for (i = 0; i < sizeof(those) / sizeof(those[0]); i++)
		if (strcmp(those[i], name) == 0)
			return true;
	return false;
}

static void channels_that_programs_read_tell_each_client_by_itself_and_no_others(void **state)
{
	struct vs_search *search = vs_search_create(NULL, 0, NULL);
	struct vs_plugin_request request = {.search = search, .kind = VPNS_KIND_NOTIFIER};
	struct vs_listing listing;
	struct vs_plugin *plugin;
	struct vs_err err;
	size_t i;

	(void)state;
	vs_listing_read(&listing, search);
	for (i = 0; i < listing.count; i++) {
		if (listing.entries[i].kind != VPNS_KIND_NOTIFIER)
			continue;
		request.name = listing.entries[i].name;
		plugin = vs_plugin_load(&request, &err);
		if (!plugin)
			fail_msg("%s", err.text);
		if (((vs_plugin_desc(plugin)->notifier->flags & VPNS_NOTIFIER_EACH) != 0) !=
			tells_each(request.name))
			fail_msg("%s", request.name);
		vs_plugin_unref(plugin);
	}
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_plugin_loads),
		cmocka_unit_test(channels_that_programs_read_tell_each_client_by_itself_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
