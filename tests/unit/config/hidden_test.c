/* Values that sound secret. */
#include "config_support.h"

#include "base/log.h"
#include "config/hidden.h"

static void what_stands_under_a_telling_name_is_masked(void **state)
{
	struct vs_problems problems = {0};
	char text[] = "alpha-1 beta-22 gamma-3 delta-4 open-55 /run/key-file zeta-66";
	struct vs_conf *conf = parse("token: alpha-1\n"
				     "api_keys: [bob=beta-22, gamma-3]\n"
				     "password: {a: delta-4}\n"
				     "url: open-55\n"
				     "keys_file: /run/key-file\n"
				     "keys: 'x1=zeta-66, yy'\n",
		&no_env, &problems);

	(void)state;
	vs_log_forget_secrets();
	vs_hidden_note(vs_conf_root(conf));
	vs_hidden_note(NULL);
	vs_hidden_note(vs_node_get(vs_conf_root(conf), "url"));
	vs_log_mask(text);
	vs_log_forget_secrets();
	assert_string_equal(text, "*** *** *** *** open-55 /run/key-file ***");
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_under_a_telling_name_is_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
