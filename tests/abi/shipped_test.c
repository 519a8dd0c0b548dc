/* Every plugin that this tree ships is listed without refusal and loads. */
#include <stdio.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_shipped_plugin_loads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
