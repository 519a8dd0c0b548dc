#include <string.h>

#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/options.h"

static const struct {
	const char *argument;
	enum vs_offer offer;
	const char *words;
} offers[] = {
	{"FILE", VS_OFFER_FILES, ""},
	{"DIR", VS_OFFER_FILES, ""},
	{"FOLDER", VS_OFFER_FILES, ""},
	{"PATH", VS_OFFER_FILES, ""},
	{"ROLE", VS_OFFER_WORDS, "server client"},
	{"KIND", VS_OFFER_WORDS, "probe notifier auth store"},
	{"SHELL", VS_OFFER_WORDS, "bash zsh fish"},
};

/* The row of "[FILE...]" is that of "FILE"; -1: none. */
static int find(const char *argument)
{
	size_t i;

	argument += strspn(argument, "[");
	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		if (strcspn(argument, "].") == strlen(offers[i].argument) &&
			strncmp(argument, offers[i].argument, strlen(offers[i].argument)) == 0)
			return (int)i;
	}
	return -1;
}

enum vs_offer vs_completion_offer(const char *argument)
{
	int i = find(argument);

	return i >= 0 ? offers[i].offer : VS_OFFER_NOTHING;
}

const char *vs_completion_words(const char *argument)
{
	int i = find(argument);

	return i >= 0 ? offers[i].words : "";
}

struct vs_view vs_completion_first(const struct vs_command *command)
{
	return (struct vs_view){command->name, strcspn(command->name, " ")};
}

const char *vs_completion_second(const struct vs_command *command)
{
	const char *blank = strchr(command->name, ' ');

	return blank != NULL ? blank + 1 : "";
}

bool vs_completion_is_first(const struct vs_dispatch *table, size_t index)
{
	struct vs_view word = vs_completion_first(table->commands[index]);
	size_t i;

	for (i = 0; i < index; i++) {
		if (vs_view_equal(vs_completion_first(table->commands[i]), word))
			return false;
	}
	return true;
}
