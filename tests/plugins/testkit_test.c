/*
 * The testkit itself: a plugin that breaks one rule must fail its test with the right sentence.
 * Each breach happens in a child process, whose failing test is the success of ours.
 */
#include "kit_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct config {
	const char *mode;
	const char *secret;
	int64_t wait;
	uint32_t colour;
	struct vpns_list names;
	double ratio;
	uint8_t on;
	int64_t room;
	const char *url;
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "what to do"},
	{"secret", VPNS_TEXT(struct config, secret), VPNS_OPTION_SECRET, NULL, 0, 0, 0, NULL,
		"not to be shown"},
	{"wait", VPNS_DURATION(struct config, wait), 0, "5s", 1, 60000, 1000, NULL, "how long"},
	{"colour", VPNS_CHOICE(struct config, colour), 0, "red", 0, 0, 0, "red|green", "which"},
	{"names", VPNS_LIST(struct config, names), 0, NULL, 0, 0, 0, NULL, "who"},
	{"ratio", VPNS_REAL(struct config, ratio), 0, "0.5", 0, 0, 0, NULL, "how much"},
	{"on", VPNS_BOOL(struct config, on), 0, "yes", 0, 0, 0, NULL, "whether"},
	{"room", VPNS_SIZE(struct config, room), 0, "2KiB", 0, 0, 0, NULL, "how big"},
	{"url", VPNS_URL(struct config, url), 0, NULL, 0, 0, 0, NULL, "where"},
};

static const struct vpns_fact_decl facts[] = {
	{"test.addr", VPNS_FACT_ADDR, 0, NULL, "an address"},
	{"test.country", VPNS_FACT_COUNTRY, 0, NULL, "a country"},
	{"test.text", VPNS_FACT_TEXT, 0, NULL, "a text"},
};

struct actor {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_timer_service *timer;
	const struct vpns_http_service *http;
	const struct vpns_work_service *work;
	const struct vpns_post_service *post;
	vpns_op op;
	char trace[64]; /* what was called, in order */
};

static void finish(
	struct actor *self, uint32_t status, const char *reason, const char *name, const char *value)
{
	struct vpns_fact fact = {name, value};
	struct vpns_probe_result result = {
		{sizeof(result), VPNS_KIND_PROBE}, status, name != NULL, &fact, reason, 0, 0};

	self->host->finish(self->host, self->op, &result.head);
}

static void pass(struct actor *self)
{
	finish(self, VPNS_PROBE_PASS, NULL, NULL, NULL);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	(void)arg;
	(void)reply;
}

static void mark(void *arg, const char *what)
{
	struct actor *self = arg;

	strcat(self->trace, what);
}

static void mark_a(void *arg)
{
	mark(arg, "a");
}

static void mark_b(void *arg)
{
	mark(arg, "b");
}

static void mark_end(void *arg)
{
	struct actor *self = arg;

	finish(self, VPNS_PROBE_WARN, self->trace, NULL, NULL);
}

static void again(void *arg)
{
	struct actor *self = arg;

	self->timer->set(self->host, 0, again, self);
}

static void ask(struct actor *self)
{
	struct vpns_http_request request = {0};

	request.size = sizeof(request);
	request.url = "http://192.0.2.1/x";
	self->http->request(self->host, &request, on_reply, self);
}

static void do_twice(struct actor *self)
{
	pass(self);
	pass(self);
}

static void do_other_op(struct actor *self)
{
	self->op++;
	pass(self);
}

static void do_cut_op(struct actor *self)
{
	self->op = (uint32_t)self->op;
	pass(self);
}

static void do_undeclared(struct actor *self)
{
	finish(self, VPNS_PROBE_PASS, NULL, "test.other", "1");
}

static void do_bad_addr(struct actor *self)
{
	finish(self, VPNS_PROBE_PASS, NULL, "test.addr", "192.0.2.256");
}

static void do_bad_country(struct actor *self)
{
	finish(self, VPNS_PROBE_PASS, NULL, "test.country", "ro");
}

static void do_bad_utf8(struct actor *self)
{
	finish(self, VPNS_PROBE_PASS, NULL, "test.text", "\xc3(");
}

static void do_no_reason(struct actor *self)
{
	finish(self, VPNS_PROBE_FAIL, NULL, NULL, NULL);
}

static void do_bad_status(struct actor *self)
{
	finish(self, 9, "x", NULL, NULL);
}

static void do_bad_size(struct actor *self)
{
	struct vpns_result head = {sizeof(head), VPNS_KIND_PROBE};

	self->host->finish(self->host, self->op, &head);
}

static void do_leave_timer(struct actor *self)
{
	self->timer->set(self->host, 1000, nothing, self);
	pass(self);
}

static void do_leave_request(struct actor *self)
{
	ask(self);
	pass(self);
}

static void do_leave_job(struct actor *self)
{
	self->work->start(self->host, nothing, nothing, self);
	pass(self);
}

static void do_log_secret(struct actor *self)
{
	char line[64];

	snprintf(line, sizeof(line), "the key is %s!", self->config->secret);
	self->host->log(self->host, VPNS_LOG_INFO, line);
}

static void do_tell_secret(struct actor *self)
{
	finish(self, VPNS_PROBE_WARN, self->config->secret, NULL, NULL);
}

static void do_log_lines(struct actor *self)
{
	self->host->log(self->host, VPNS_LOG_INFO, "two\nlines");
}

static void do_spin(struct actor *self)
{
	again(self);
}

static void do_order(struct actor *self)
{
	uint64_t gone;

	self->timer->set(self->host, 30, mark_end, self);
	self->timer->set(self->host, 20, mark_a, self);
	self->timer->set(self->host, 10, mark_b, self);
	gone = self->timer->set(self->host, 5, mark_b, self);
	self->timer->cancel(self->host, gone);
	self->timer->cancel(self->host, 0);
	self->work->start(self->host, mark_a, mark_b, self);
	self->post->post(self->host, mark_b, self);
	mark(self, "0");
}

static const struct mode {
	const char *name;
	void (*run)(struct actor *self);
} modes[] = {
	{"pass", pass},
	{"silent", ask},
	{"twice", do_twice},
	{"other op", do_other_op},
	{"cut op", do_cut_op},
	{"undeclared", do_undeclared},
	{"bad addr", do_bad_addr},
	{"bad country", do_bad_country},
	{"bad utf-8", do_bad_utf8},
	{"no reason", do_no_reason},
	{"bad status", do_bad_status},
	{"bad size", do_bad_size},
	{"leave timer", do_leave_timer},
	{"leave request", do_leave_request},
	{"leave job", do_leave_job},
	{"log secret", do_log_secret},
	{"tell secret", do_tell_secret},
	{"log lines", do_log_lines},
	{"spin", do_spin},
	{"order", do_order},
};

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct actor *self = state;
	size_t i;

	(void)request;
	self->op = op;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, self->config->mode) == 0)
			modes[i].run(self);
	}
	return strcmp(self->config->mode, "refuse") == 0 ? VPNS_E_BUSY : VPNS_OK;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct actor *self = calloc(1, sizeof(*self));

	(void)error;
	if (self == NULL)
		return NULL;
	self->host = host;
	self->config = config;
	self->timer = host->service(host, VPNS_TIMER_1);
	self->http = host->service(host, VPNS_HTTP_1);
	self->work = host->service(host, VPNS_WORK_1);
	self->post = host->service(host, VPNS_POST_1);
	if (strcmp(self->config->mode, "no instance") == 0) {
		free(self);
		return NULL;
	}
	return self;
}

static const struct vpns_probe_ops ops = {sizeof(ops), 0, create, start, NULL, free, NULL, NULL};

VPNS_PROBE_PLUGIN("actor", "1.0.0", "breaks one rule", 0, 0, VPNS_OPTIONS(struct config, options),
	VPNS_NO_NEEDS, VPNS_FACTS(facts), &ops);

/* The test that a child runs: everything a careful test does, with the options of *state. */
static void whole_life(void **state)
{
	struct vpnt *kit = vpnt_create(&vpns_plugin);
	const char *const *texts = *state;

	if (strcmp(texts[1], "silent") == 0)
		vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	else if (strcmp(texts[1], "leave request") == 0 || strcmp(texts[1], "unmet") == 0)
		vpnt_expect(kit, &(struct vpnt_http){.url = "http://192.0.2.1/x"});
	vpnt_start(kit, texts);
	if (strcmp(texts[1], "unmet") != 0)
		vpnt_probe(kit, 1000);
	if (strncmp(texts[1], "leave", 5) != 0)
		vpnt_advance(kit, 5000);
	vpnt_destroy(kit);
}

static const char *const *child_options;

static int give_options(void **state)
{
	*state = (void *)(uintptr_t)child_options;
	return 0;
}

/* What cmocka wrote about whole_life() with these options; *failed: how many tests failed. */
static void run_child(const char *const *texts, char *output, size_t size, int *failed)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup(whole_life, give_options)};
	int pipe_fds[2];
	size_t len = 0;
	ssize_t got;
	int status;
	pid_t child;

	fflush(NULL);
	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		dup2(pipe_fds[1], STDERR_FILENO);
		child_options = texts;
		status = cmocka_run_group_tests(tests, NULL, NULL);
		fflush(NULL);
		_exit(status); /* a test that was broken off has leaks of its own */
	}
	close(pipe_fds[1]);
	while (len < size - 1 && (got = read(pipe_fds[0], output + len, size - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
	close(pipe_fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	*failed = WEXITSTATUS(status);
}

static void every_breach_fails_the_test_with_its_sentence(void **state)
{
	static const struct {
		const char *mode;
		const char *sentence;
	} rows[] = {
		{"twice", "already finished"},
		{"other op", "which never began"},
		{"cut op", "which never began"},
		{"undeclared", "test.other is not declared"},
		{"bad addr", "test.addr cannot be \"192.0.2.256\""},
		{"bad country", "test.country cannot be \"ro\""},
		{"bad utf-8", "test.text cannot be"},
		{"no reason", "needs a reason"},
		{"bad status", "9 is no status"},
		{"bad size", "another kind or size"},
		{"leave timer", "left a timer behind"},
		{"leave request", "left a request behind"},
		{"leave job", "left a job behind"},
		{"log secret", "appears in the log"},
		{"tell secret", "appears in the reason"},
		{"log lines", "has no newline"},
		{"spin", "keeps itself busy"},
		{"unmet", "http://192.0.2.1/x never came"},
		{"silent", "did not finish within"},
		{"refuse", "the verb answered -3"},
		{"no instance", "create() refused"},
	};
	const char *texts[] = {"mode", NULL, "secret", "hunter22", NULL};
	char output[8192];
	int failed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		texts[1] = rows[i].mode;
		run_child(texts, output, sizeof(output), &failed);
		if (failed != 1)
			fail_msg("nobody noticed \"%s\": %s", rows[i].mode, output);
		assert_contains(output, rows[i].sentence);
	}
}

static void a_bad_option_fails_the_test_with_its_name(void **state)
{
	static const char *const rows[][3] = {
		{"wait", "soon", "option wait"},
		{"wait", "0s", "outside 1 to 60000"},
		{"wait", "61", "outside 1 to 60000"},
		{"colour", "blue", "option colour"},
		{"ratio", "half", "option ratio"},
		{"on", "maybe", "option on"},
		{"room", "2KB", "option room"},
		{"url", "ftp://x", "option url"},
		{"color", "red", "no option \"color\""},
		{"mode", "", "mode of actor is required"},
	};
	const char *texts[] = {"mode", "pass", NULL, NULL, NULL};
	char output[8192];
	int failed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		texts[i == 9 ? 0 : 2] = rows[i][0];
		texts[i == 9 ? 1 : 3] = rows[i][1];
		texts[i == 9 ? 2 : 4] = NULL;
		run_child(texts, output, sizeof(output), &failed);
		assert_int_equal(failed, 1);
		assert_contains(output, rows[i][2]);
	}
}

static void a_plugin_that_keeps_the_rules_passes(void **state)
{
	const char *const texts[] = {"mode", "pass", NULL};
	char output[8192];
	int failed;

	(void)state;
	run_child(texts, output, sizeof(output), &failed);
	if (failed != 0)
		fail_msg("%s", output);
}

static void what_is_later_comes_in_order_of_time_and_never_at_once(void **state)
{
	struct vpnt *kit = vpnt_create(&vpns_plugin);
	int64_t wall = vpnt_wall_ms(kit);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("mode", "order"));
	op = vpnt_probe(kit, 1000);
	vpnt_advance(kit, 29);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 1);
	assert_string_equal(vpnt_probe_result(kit, op)->reason, "0abbba");
	assert_int_equal(vpnt_wall_ms(kit) - wall, 30);
	vpnt_destroy(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_breach_fails_the_test_with_its_sentence),
		cmocka_unit_test(a_bad_option_fails_the_test_with_its_name),
		cmocka_unit_test(a_plugin_that_keeps_the_rules_passes),
		cmocka_unit_test(what_is_later_comes_in_order_of_time_and_never_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
