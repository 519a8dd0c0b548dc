/*
 * What people are answered, in every language: English and Spanish against the files of golden/, the others
 * at least not in English; times in the channel's zone.
 */
#include "golden.h"
#include "world.h"

#include "plug/env.h"
#include "server/acks.h"
#include "server/command.h"
#include "server/parts.h"
#include "server/silences.h"
#include "server/state_book.h"
#include "server/wishes.h"
#include "vpn_sentinel/service/command.h"

#define OWNER "notifier/mail"
#define MAY_ACT VPNS_COMMAND_MAY_ACT

static const char *const languages[] = {"de", "es", "fr", "pt", "ro"};

struct desk {
	struct world *world;
	struct vs_parts parts;
	struct vs_state_book *book;
	struct vs_commands *commands;
	struct vs_command_backend backend;
	struct vs_buf text; /* of everything that was answered */
	char incident[VS_ULID_TEXT];
	unsigned answers;
};

/* --- a desk ---------------------------------------------------------------------------- */

static void on_loaded(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	++*(unsigned *)arg;
}

static void note(void *arg, const struct vs_incident *incident)
{
	struct desk *desk = arg;

	if (strcmp(incident->client, "anna") == 0)
		memcpy(desk->incident, incident->id, sizeof(desk->incident));
}

static void leak(struct desk *desk)
{
	meet(desk->world, "anna");
	meet(desk->world, "ben");
	advance(desk->world->loop, MINUTE);
	keepalive_from(desk->world, "anna", HOME);
	settle(desk->world->loop);
	vs_monitor_each_incident(desk->world->monitor, NULL, note, desk);
	assert_int_not_equal(desk->incident[0], '\0');
	advance(desk->world->loop, 3 * MINUTE);
}

static struct desk *open_desk(const char *language)
{
	struct desk *desk = vs_zalloc(sizeof(*desk));
	unsigned loaded = 0;
	void *world;

	assert_int_equal(world_setup(&world), 0);
	desk->world = world;
	desk->world->mail.conf.language = language;
	desk->world->mail.conf.timezone = "Europe/Bucharest";
	desk->book = vs_state_book_create(desk->world->loop, desk->world->ledger);
	desk->parts = (struct vs_parts){.clock = fake_clock,
		.registry = desk->world->registry,
		.ledger = desk->world->ledger,
		.monitor = desk->world->monitor,
		.outbox = desk->world->outbox,
		.wishes = vs_wishes_create(),
		.ready = true};
	desk->parts.acks = vs_acks_create(&(struct vs_acks_parts){
		&fake_clock, desk->world->ledger, desk->world->outbox, desk->world->monitor});
	desk->parts.silences = vs_silences_create(&(struct vs_silences_parts){desk->world->loop, &fake_clock,
		desk->world->ledger, desk->world->outbox, desk->world->registry});
	assert_int_equal(vs_acks_load(desk->parts.acks, on_loaded, &loaded), 0);
	assert_int_equal(vs_silences_load(desk->parts.silences, on_loaded, &loaded), 0);
	settle(desk->world->loop);
	assert_int_equal(loaded, 2);
	desk->commands = vs_commands_create(desk->world->loop, &desk->parts, desk->book);
	desk->backend = vs_commands_backend(desk->commands);
	vs_buf_init(&desk->text);
	leak(desk);
	return desk;
}

static void close_desk(struct desk *desk)
{
	void *world = desk->world;

	settle(desk->world->loop);
	vs_commands_destroy(desk->commands);
	vs_silences_destroy(desk->parts.silences);
	vs_acks_destroy(desk->parts.acks);
	vs_wishes_destroy(desk->parts.wishes);
	vs_state_book_destroy(desk->book);
	world_teardown(&world);
	vs_buf_fini(&desk->text);
	vs_free(desk);
}

/* --- talking --------------------------------------------------------------------------- */

/* Numbers of incidents and silences are other ones each time. */
static void add_masked(struct vs_buf *out, const char *text)
{
	size_t len;

	while (*text != '\0') {
		len = strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
		if (len == VS_ULID_TEXT - 1)
			vs_buf_add_text(out, "<number>");
		else
			vs_buf_add(out, text, len > 0 ? len : (len = 1));
		text += len;
	}
	vs_buf_add_char(out, '\n');
}

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct desk *desk = arg;
	uint32_t i;

	desk->answers++;
	add_masked(&desk->text, answer->text);
	for (i = 0; i < answer->button_count; i++)
		vs_buf_printf(&desk->text, "[%s] ", answer->buttons[i].label);
	if (answer->button_count > 0)
		vs_buf_add_char(&desk->text, '\n');
	if (answer->note != NULL) {
		vs_buf_add_text(&desk->text, "> ");
		add_masked(&desk->text, answer->note);
	}
}

static void say(struct desk *desk, const char *text, uint32_t flags)
{
	char user[16];
	const struct vpns_command command = {.size = sizeof(command),
		.flags = flags,
		.text = text,
		.addressee = "",
		.chat = "-1001",
		.user = user,
		.user_name = "Ana",
		.language = ""};

	snprintf(user, sizeof(user), "%u", desk->answers); /* nobody asks too much */
	vs_buf_add_text(&desk->text, "--- ");
	add_masked(&desk->text, text);
	assert_int_not_equal(desk->backend.run(desk->backend.arg, OWNER, &command, on_answer, desk), 0);
	settle(desk->world->loop);
}

static void say_about(struct desk *desk, const char *before, const char *id, const char *after)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s", before, id, after);
	say(desk, text, MAY_ACT);
}

static void ask_everything(struct desk *desk)
{
	static const char *const lines[] = {"/ping", "/help", "/status", "/status anna", "/status #7",
		"/why anna", "/incidents", "/history anna", "/history anna #2", "/nonsense", "/why",
		"/why nobody", "/why 01ARYZ6S411000000000000000", "/ack 01ARYZ6S411000000000000000",
		"/ack ben", "/silence ben soon", "/silence ben 900d", "/unsilence 7", "/probe ben"};
	size_t i;

	for (i = 0; i < COUNT(lines); i++)
		say(desk, lines[i], MAY_ACT);
	say(desk, "/help", 0);
	say(desk, "/probe ben", 0);
	say(desk, "/probe ben", VPNS_COMMAND_ANONYMOUS);
	say_about(desk, "/silence ", desk->incident, " 1h new router");
	say_about(desk, "/ack ", desk->incident, " on it");
	say_about(desk, "/ack ", desk->incident, "");
	say(desk, "/incidents", MAY_ACT);
	desk->world->store.mode = FAKE_REFUSE;
	say(desk, "/history anna", MAY_ACT);
	desk->world->store.mode = FAKE_ACCEPT;
}

/* The caller frees. */
static char *all_answers(const char *language)
{
	struct desk *desk = open_desk(language);
	char *text;

	ask_everything(desk);
	text = vs_buf_take(&desk->text);
	close_desk(desk);
	return text;
}

/* --- against files --------------------------------------------------------------------- */

static void english_answers_are_those_of_the_golden_file(void **state)
{
	(void)state;
	golden_compare("commands", "en", all_answers("en"));
}

static void spanish_answers_are_those_of_the_golden_file(void **state)
{
	(void)state;
	golden_compare("commands", "es", all_answers("es"));
}

/* --- in every language ----------------------------------------------------------------- */

/* Lines that are the same in all: what was said, evidence, and what holds nothing but names and numbers. */
static bool is_ours(const char *line, size_t len)
{
	return len > 0 && strncmp(line, "---", 3) != 0 && strncmp(line, "  ", 2) != 0 &&
	       strncmp(line, "<number>", 8) != 0 && strncmp(line, "[\xe2\x97\x80]", 5) != 0 &&
	       strncmp(line, "2026-", 5) != 0;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	const char *at;

	for (at = text; at != NULL; at = strchr(at, '\n') != NULL ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == '\0'))
			return true;
	return false;
}

static void no_answer_stays_english(void **state)
{
	char *english = all_answers("en");

	(void)state;
	for (size_t i = 0; i < COUNT(languages); i++) {
		char *text = all_answers(languages[i]);
		const char *line = english;

		for (; *line != '\0'; line += strcspn(line, "\n") + 1)
			if (is_ours(line, strcspn(line, "\n")) && has_line(text, line, strcspn(line, "\n")))
				fail_msg("in %s: %.*s", languages[i], (int)strcspn(line, "\n"), line);
		vs_free(text);
	}
	vs_free(english);
}

static void commands_are_described_in_every_language(void **state)
{
	struct desk *desk = open_desk("en");
	const struct vs_command_backend *backend = &desk->backend;
	struct vpns_command_help english;
	struct vpns_command_help help;
	uint32_t count = 0;

	(void)state;
	while (backend->language(backend->arg, count) != NULL)
		count++;
	assert_int_equal(count, 1 + COUNT(languages));
	assert_int_equal(backend->describe(backend->arg, 0, "en", &english), 0);
	for (uint32_t i = 1; i < count; i++) {
		const char *language = backend->language(backend->arg, i);

		assert_int_equal(backend->describe(backend->arg, 0, language, &help), 0);
		assert_string_equal(help.name, english.name);
		assert_string_not_equal(help.help, english.help);
	}
	assert_int_equal(backend->describe(backend->arg, 0, "tlh", &help), 0);
	assert_string_equal(help.help, english.help);
	close_desk(desk);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(english_answers_are_those_of_the_golden_file),
		cmocka_unit_test(spanish_answers_are_those_of_the_golden_file),
		cmocka_unit_test(no_answer_stays_english),
		cmocka_unit_test(commands_are_described_in_every_language),
	};

	if (argc > 1 && strcmp(argv[1], "--take") == 0)
		return golden_take("commands", "en", all_answers("en")) |
		       golden_take("commands", "es", all_answers("es"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
