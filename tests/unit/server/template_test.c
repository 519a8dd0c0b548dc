#include "server_test.h"

#include "vpn_sentinel/notifier.h"

#include "base/text.h"
#include "server/template.h"

static const struct vs_template_values some = {.text = {
						       [VS_TEMPLATE_PLACE_client] = "office",
						       [VS_TEMPLATE_PLACE_headline] = "VPN bypass",
						       [VS_TEMPLATE_PLACE_since] = "",
						       [VS_TEMPLATE_PLACE_fields] = "A: 1\nB: 2",
					       }};

static void assert_filled(const char *text, const struct vs_template_values *values, const char *expected)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_template_fill(&out, text, values);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void places_are_filled_and_the_rest_is_literal(void **state)
{
	(void)state;
	assert_filled("{headline}: {client}!", &some, "VPN bypass: office!");
	assert_filled("{{client} {{{client}} 100 %s }{{", &some, "{client} {office} 100 %s }{");
	assert_filled("{fields}\n-- \nbye", &some, "A: 1\nB: 2\n-- \nbye");
	assert_filled("", &some, "");
	assert_filled("no place", &some, "no place");
}

static void a_line_whose_places_are_all_empty_vanishes(void **state)
{
	(void)state;
	assert_filled("{client}\nsince {since}\nover", &some, "office\nover");
	assert_filled("since {since}\n{client}\n\n{exit} {country}\n", &some, "office");
	assert_filled("{since}{client}", &some, "office");
	assert_filled("{since}\n{exit}", &some, "");
	assert_filled("a\n\n{{since}\n", &some, "a\n\n{since}");
}

static void a_value_is_never_read_as_a_template(void **state)
{
	static const char *const hostile[] = {"{headline}", "{{headline}}", "{{7*7}}", "{", "}", "{client}",
		"%s%n", "<b>&amp;", "\xf0\x9f\x98\x80", "$(id)", "a\n{fields}"};
	char expected[128];

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		const struct vs_template_values values = {.text = {
								  [VS_TEMPLATE_PLACE_client] = hostile[i],
								  [VS_TEMPLATE_PLACE_headline] = "!",
							  }};

		snprintf(expected, sizeof(expected), "%s|!|%s", hostile[i], hostile[i]);
		assert_filled("{client}|{headline}|{client}", &values, expected);
	}
}

static void what_grows_too_long_is_cut_at_a_whole_character(void **state)
{
	static char value[3 * 4000 + 1];
	struct vs_template_values values = {.text = {[VS_TEMPLATE_PLACE_fields] = value}};
	char text[VS_TEMPLATE_MAX + 1] = "";
	struct vs_buf out;

	(void)state;
	for (size_t i = 0; i < 4000; i++)
		memcpy(value + 3 * i, "€", 3);
	while (strlen(text) + strlen("{fields}") < sizeof(text))
		strcat(text, "{fields}");
	for (size_t shift = 0; shift < 4; shift++) {
		vs_buf_init(&out);
		memmove(text + 1, text, strlen(text) < VS_TEMPLATE_MAX - 1 ? strlen(text) + 1 : 0);
		text[0] = shift < 3 ? 'x' : text[0];
		vs_template_fill(&out, text, &values);
		assert_true(out.len <= VS_TEMPLATE_OUTPUT_MAX);
		assert_true(out.len > VS_TEMPLATE_OUTPUT_MAX - 8);
		assert_true(vs_utf8_valid(vs_buf_view(&out)));
		assert_string_equal(out.ptr + out.len - 3, "…");
		vs_buf_fini(&out);
	}
}

static void each_sort_of_message_has_its_template_or_the_common_one(void **state)
{
	struct vs_templates_conf templates = {.text = {[VS_TEMPLATE_OPENED] = "o"}};

	(void)state;
	assert_string_equal(vs_template_of(&templates, VPNS_TRANSITION_OPENED), "o");
	assert_null(vs_template_of(&templates, VPNS_TRANSITION_RESOLVED));
	templates.text[VS_TEMPLATE_MESSAGE] = "m";
	templates.text[VS_TEMPLATE_NOTICE] = "n";
	assert_string_equal(vs_template_of(&templates, VPNS_TRANSITION_RESOLVED), "m");
	assert_string_equal(vs_template_of(&templates, VPNS_TRANSITION_NOTICE), "n");
	assert_string_equal(vs_template_of(&templates, VPNS_TRANSITION_OPENED), "o");
	assert_string_equal(vs_template_of(&templates, 99), "m");
}

static void whether_a_place_is_there_is_known(void **state)
{
	(void)state;
	assert_true(vs_template_has("a {notes}", VS_TEMPLATE_PLACE_notes));
	assert_false(vs_template_has("a {{notes}", VS_TEMPLATE_PLACE_notes));
	assert_true(vs_template_has("a {{{notes}", VS_TEMPLATE_PLACE_notes));
	assert_false(vs_template_has("", VS_TEMPLATE_PLACE_notes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_filled_and_the_rest_is_literal),
		cmocka_unit_test(a_line_whose_places_are_all_empty_vanishes),
		cmocka_unit_test(a_value_is_never_read_as_a_template),
		cmocka_unit_test(what_grows_too_long_is_cut_at_a_whole_character),
		cmocka_unit_test(each_sort_of_message_has_its_template_or_the_common_one),
		cmocka_unit_test(whether_a_place_is_there_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
