#include "model/rule.h"

#include <stddef.h>

struct rule_row {
	const char *name;
	const char *words;
};

#define RULE_ROW(id, number, name, words) [number] = {name, words},
static const struct rule_row rows[] = {VS_RULE_ROWS(RULE_ROW)};
#undef RULE_ROW

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

bool vs_rule_is_known(uint8_t rule)
{
	return rule < ROW_COUNT && rows[rule].name != NULL;
}

const char *vs_rule_name(uint8_t rule)
{
	return vs_rule_is_known(rule) ? rows[rule].name : "";
}

const char *vs_rule_words(uint8_t rule)
{
	return vs_rule_is_known(rule) ? rows[rule].words : "";
}
