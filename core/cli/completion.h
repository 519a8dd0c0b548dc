/* The completion of command lines, as a program for each shell. */
#ifndef VS_CLI_COMPLETION_H
#define VS_CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

#include "base/view.h"

struct vs_command;
struct vs_dispatch;

/* What may stand for an argument, as it is called in the help: "FILE", "[CLIENT...]". */
enum vs_offer {
	VS_OFFER_NOTHING, /* only the user knows */
	VS_OFFER_FILES,
	VS_OFFER_WORDS, /* those that vs_completion_words() has */
};
enum vs_offer vs_completion_offer(const char *argument);
const char *vs_completion_words(const char *argument); /* "bash fish zsh"; "" when it offers none */

/* The first word of command's name; its second one, "" outside of groups. */
struct vs_view vs_completion_first(const struct vs_command *command);
const char *vs_completion_second(const struct vs_command *command);
/* Whether the command with this index is the first with its first word. */
bool vs_completion_is_first(const struct vs_dispatch *table, size_t index);

void vs_completion_bash(const struct vs_dispatch *table, FILE *out);
void vs_completion_fish(const struct vs_dispatch *table, FILE *out);
void vs_completion_zsh(const struct vs_dispatch *table, FILE *out);

#endif
