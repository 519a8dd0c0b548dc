#include "config_support.h"

#include "config/subst.h"

struct world {
	char mentions[512];
};

static int variable(void *arg, const char *name, struct vs_buf *out, struct vs_err *err)
{
	(void)arg;
	if (strcmp(name, "BAD") == 0)
		return vs_err_set(err, VS_ERR_INVALID, "BAD is bad");
	if (strcmp(name, "A") == 0)
		vs_buf_add_text(out, "alpha");
	else if (strcmp(name, "DOLLAR") == 0)
		vs_buf_add_text(out, "${A}$$");
	else if (strcmp(name, "LONG") == 0)
		vs_buf_printf(out, "%0100d", 0);
	else
		return VS_ERR_NOT_FOUND;
	return 0;
}

static int file(void *arg, struct vs_view path, struct vs_buf *out, struct vs_err *err)
{
	(void)arg;
	if (!vs_view_equal_text(path, "/run/secret"))
		return vs_err_set(err, VS_ERR_SYSTEM, "cannot open it");
	vs_buf_add_text(out, "s3cret");
	return 0;
}

static void mention(void *arg, const char *name)
{
	struct world *world = arg;

	strcat(strcat(world->mentions, name), " ");
}

static int run(const char *text, struct vs_buf *out, struct vs_err *err, struct world *world)
{
	const struct vs_subst_source source = {variable, file, mention, world};

	memset(world, 0, sizeof(*world));
	memset(err, 0, sizeof(*err));
	vs_buf_init(out);
	return vs_subst(out, vs_view_of(text), &source, 120, err);
}

static void every_form_gives_its_value(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"plain", "plain"},
		{"${A}", "alpha"},
		{"x${A}y${A}z", "xalphayalphaz"},
		{"${A:-other}", "alpha"},
		{"${NONE:-other}", "other"},
		{"${NONE:-}", ""},
		{"${NONE:-${A}}", "alpha"},
		{"${NONE:-<${N2:-[${N3:-(${N4:-deep})}]}>}", "<[(deep)]>"},
		{"${NONE:-http://h:1/${A}}", "http://h:1/alpha"},
		{"${NONE:-a$$b}", "a$b"},
		{"${file:/run/secret}", "s3cret"},
		{"<${NONE:-${file:/run/secret}}>", "<s3cret>"},
		{"$$", "$"},
		{"$${A}", "${A}"},
		{"$$$${A}", "$${A}"},
		{"$$${A}", "$alpha"},
		{"$", "$"},
		{"a$b", "a$b"},
		{"$A", "$A"},
		{"100$ and }", "100$ and }"},
		{"${DOLLAR}", "${A}$$"},
		{"${A:-${BAD}}", "alpha"},
		{"${A:-${file:/nowhere}}", "alpha"},
	};
	struct world world;
	struct vs_buf out;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(run(rows[i][0], &out, &err, &world), 0);
		assert_string_equal(vs_buf_text(&out), rows[i][1]);
		vs_buf_fini(&out);
	}
}

static void every_mistake_has_its_sentence(void **state)
{
	static const char *const rows[][2] = {
		{"${NONE}",
			"the variable NONE is not set: set it, or NONE_FILE to the name of a file that holds "
			"the value"},
		{"${A", "'${A' without its '}'"},
		{"${NONE:-x", "'${NONE' without its '}'"},
		{"${", "a variable's name is expected after '${'; write '$$' for a dollar sign"},
		{"${}", "a variable's name is expected after '${'; write '$$' for a dollar sign"},
		{"${9A}", "a variable's name is expected after '${'; write '$$' for a dollar sign"},
		{"${A B}", "'}' or ':-' is expected after '${A'"},
		{"${A-b}", "'}' or ':-' is expected after '${A'"},
		{"${file:/run/secret", "'${file:' without its '}'"},
		{"${file:", "'${file:' without its '}'"},
		{"${file:}", "'${file:}' names no file"},
		{"${file:/nowhere}", "cannot open it"},
		{"${BAD}", "BAD is bad"},
		{"${BAD:-x}", "BAD is bad"},
		{"${A:-${}}", "a variable's name is expected after '${'; write '$$' for a dollar sign"},
		{"${Q:-${Q:-${Q:-${Q:-${Q:-x}}}}}", "'${' is nested more than 4 deep"},
		{"${LONG}${LONG}", "the value is too large after substitution"},
	};
	struct world world;
	struct vs_buf out;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(run(rows[i][0], &out, &err, &world) < 0);
		assert_string_equal(err.text, rows[i][1]);
		vs_buf_fini(&out);
	}
}

static void names_are_mentioned_even_when_their_default_is_not_used(void **state)
{
	struct world world;
	struct vs_buf out;
	struct vs_err err;

	(void)state;
	assert_int_equal(run("${A:-${OTHER:-${THIRD}}} $${NOT}", &out, &err, &world), 0);
	assert_string_equal(world.mentions, "A OTHER THIRD ");
	vs_buf_fini(&out);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char text[300] = "${";
	struct world world;
	struct vs_buf out;
	struct vs_err err;

	(void)state;
	memset(text + 2, 'N', 200);
	strcpy(text + 202, "}");
	assert_int_equal(run(text, &out, &err, &world), VS_ERR_INVALID);
	vs_buf_fini(&out);
}

/* Every head of a busy text gives a value or an error, and reads nothing behind its end. */
static void a_text_cut_at_any_byte_is_harmless(void **state)
{
	const char *text = "a$$${A:-${NONE:-${file:/run/secret}}}b${file:/run/secret}$";
	size_t len;

	(void)state;
	for (len = 0; len <= strlen(text); len++) {
		char *head = malloc(len ? len : 1);
		struct world world = {0};
		const struct vs_subst_source source = {variable, file, mention, &world};
		struct vs_err err = {0};
		struct vs_buf out;
		int rc;

		memcpy(head, text, len);
		vs_buf_init(&out);
		rc = vs_subst(&out, (struct vs_view){head, len}, &source, 1000, &err);
		assert_true(rc == 0 || err.text[0] != '\0');
		vs_buf_fini(&out);
		free(head);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_gives_its_value),
		cmocka_unit_test(every_mistake_has_its_sentence),
		cmocka_unit_test(names_are_mentioned_even_when_their_default_is_not_used),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(a_text_cut_at_any_byte_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
