/* Alerts as texts, and where they are cut. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "vpn_sentinel/service/render.h"

#include "base/text.h"
#include "server/render.h"

static const struct vpns_alert_field fields[] = {{"Exit", "185.211.32.87"}, {"Location", "<Bucharest> & RO"}};

static struct vpns_alert alert_of(const char *title, const char *body)
{
	return (struct vpns_alert){
		.size = sizeof(struct vpns_alert),
		.title = title,
		.body = body,
		.fields = fields,
		.field_count = 2,
	};
}

static const char *render(const struct vpns_alert *alert, uint32_t format, uint32_t units, size_t size)
{
	static char text[4096];
	int64_t len;

	memset(text, 'x', sizeof(text));
	len = vs_render_alert(alert, format, units, text, size);
	assert_true(len >= 0 && (size_t)len < size);
	assert_int_equal(strlen(text), len);
	assert_int_equal(text[size], 'x');
	return text;
}

static void plain_text_has_title_body_and_a_line_for_each_field(void **state)
{
	struct vpns_alert alert = alert_of("Lost: a&b", "It fell silent.\nEvidence: none.");

	(void)state;
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 0, 1000),
		"Lost: a&b\nIt fell silent.\nEvidence: none.\n\nExit: 185.211.32.87\nLocation: <Bucharest> & "
		"RO");
}

static void html_makes_the_title_bold_and_escapes_everything_else(void **state)
{
	struct vpns_alert alert = alert_of("Lost: a&b", "");

	(void)state;
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 0, 1000),
		"<b>Lost: a&amp;b</b>\n\nExit: 185.211.32.87\nLocation: &lt;Bucharest&gt; &amp; RO");
}

static void a_line_holds_no_newline(void **state)
{
	struct vpns_alert alert = alert_of("Lost\r\n: a", "One.\nTwo.");

	(void)state;
	assert_string_equal(render(&alert, VPNS_RENDER_LINE, 0, 1000),
		"Lost  : a | One. Two. | Exit: 185.211.32.87; Location: <Bucharest> & RO");
}

static void an_alert_without_fields_ends_with_its_body(void **state)
{
	struct vpns_alert alert = alert_of("T", "B");

	(void)state;
	alert.field_count = 0;
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 0, 100), "T\nB");
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 0, 100), "<b>T</b>\nB");
	assert_string_equal(render(&alert, VPNS_RENDER_LINE, 0, 100), "T | B");
}

static void what_fits_exactly_is_not_cut(void **state)
{
	struct vpns_alert alert = alert_of("🔵abc", "");

	(void)state;
	alert.field_count = 0;
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 5, 100), "🔵abc");
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 0, 8), "🔵abc");
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 5, 100), "<b>🔵abc</b>");
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 0, 15), "<b>🔵abc</b>");
}

static void units_are_counted_as_utf_16(void **state)
{
	struct vpns_alert alert = alert_of("🔵🔵é€", "");

	(void)state;
	alert.field_count = 0;
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 6, 100), "🔵🔵é€");
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 5, 100), "🔵🔵…");
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 4, 100), "🔵…");
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 1, 100), "…");
}

/* What Telegram's parser would refuse: half an entity, an open tag. */
static void check_html(const char *text)
{
	const char *at;
	int open = 0;

	assert_true(vs_utf8_valid(vs_view_of(text)));
	for (at = text; *at != '\0'; at++) {
		if (strncmp(at, "<b>", 3) == 0)
			open++;
		else if (strncmp(at, "</b>", 4) == 0)
			open--;
		else if (*at == '<')
			fail_msg("half a tag in %s", text);
		if (*at == '>' && at[-1] != 'b')
			fail_msg("half a tag in %s", text);
		if (*at == '&' && strncmp(at, "&amp;", 5) != 0 && strncmp(at, "&lt;", 4) != 0 &&
			strncmp(at, "&gt;", 4) != 0)
			fail_msg("half an entity in %s", text);
	}
	assert_int_equal(open, 0);
}

static void html_is_well_formed_wherever_it_is_cut(void **state)
{
	struct vpns_alert alert = alert_of("a&<>🔵é", "<b>&amp;</b>");
	size_t size;
	uint32_t units;

	(void)state;
	for (size = 1; size < 140; size++)
		check_html(render(&alert, VPNS_RENDER_HTML, 0, size));
	for (units = 1; units < 80; units++)
		check_html(render(&alert, VPNS_RENDER_HTML, units, 1000));
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 8, 1000), "<b>a&amp;&lt;&gt;🔵é</b>…");
	assert_string_equal(render(&alert, VPNS_RENDER_HTML, 7, 1000), "<b>a&amp;&lt;&gt;🔵…</b>");
}

static void plain_text_is_whole_characters_wherever_it_is_cut(void **state)
{
	struct vpns_alert alert = alert_of("🔵é€ title", "body ✅");
	const char *text;
	size_t size;

	(void)state;
	for (size = 1; size < 100; size++) {
		text = render(&alert, VPNS_RENDER_PLAIN, 0, size);
		assert_true(vs_utf8_valid(vs_view_of(text)));
		if (size >= 4 && size < 60)
			assert_non_null(strstr(text, "…"));
	}
}

static void a_buffer_without_room_for_an_ellipsis_stays_empty(void **state)
{
	struct vpns_alert alert = alert_of("title", "");
	size_t size;

	(void)state;
	for (size = 1; size < 4; size++)
		assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 0, size), "");
}

static void broken_text_is_passed_on_without_reading_past_its_end(void **state)
{
	struct vpns_alert alert = alert_of("a\xf0\x9f", "b\xff");

	(void)state;
	alert.field_count = 0;
	assert_string_equal(render(&alert, VPNS_RENDER_PLAIN, 0, 100), "a\xf0\x9f\nb\xff");
}

static void an_unknown_format_is_refused(void **state)
{
	struct vpns_alert alert = alert_of("t", "");
	char text[10];

	(void)state;
	assert_true(vs_render_alert(&alert, 0, 0, text, sizeof(text)) < 0);
	assert_true(vs_render_alert(&alert, 4, 0, text, sizeof(text)) < 0);
	assert_true(vs_render_alert(&alert, VPNS_RENDER_PLAIN, 0, text, 0) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_has_title_body_and_a_line_for_each_field),
		cmocka_unit_test(html_makes_the_title_bold_and_escapes_everything_else),
		cmocka_unit_test(a_line_holds_no_newline),
		cmocka_unit_test(an_alert_without_fields_ends_with_its_body),
		cmocka_unit_test(what_fits_exactly_is_not_cut),
		cmocka_unit_test(units_are_counted_as_utf_16),
		cmocka_unit_test(html_is_well_formed_wherever_it_is_cut),
		cmocka_unit_test(plain_text_is_whole_characters_wherever_it_is_cut),
		cmocka_unit_test(a_buffer_without_room_for_an_ellipsis_stays_empty),
		cmocka_unit_test(broken_text_is_passed_on_without_reading_past_its_end),
		cmocka_unit_test(an_unknown_format_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
