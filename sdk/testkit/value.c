/* One option value, read by the rules of the configuration file. */
#include "kit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit durations[] = {
	{"ms", 1},
	{"s", 1000},
	{"m", 60000},
	{"h", 3600000},
	{"d", 86400000},
	{NULL, 0},
};

static const struct unit sizes[] = {
	{"KiB", 1024},
	{"MiB", 1048576},
	{"GiB", 1073741824},
	{NULL, 0},
};

int value_int(int64_t *out, const char *text)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' ? -1 : 0;
}

int value_real(double *out, const char *text)
{
	char *end;

	*out = strtod(text, &end);
	return end == text || *end != '\0' || !isfinite(*out) ? -1 : 0;
}

int value_scaled(int64_t *out, const char *text, int64_t bare_unit, int is_size)
{
	const struct unit *unit = is_size ? sizes : durations;
	double number;
	char *end;

	number = strtod(text, &end);
	if (end == text || !isfinite(number) || number < 0)
		return -1;
	if (*end == '\0' && bare_unit > 0) {
		number *= (double)bare_unit;
	} else {
		while (unit->name != NULL && strcmp(unit->name, end) != 0)
			unit++;
		if (unit->name == NULL)
			return -1;
		number *= (double)unit->factor;
	}
	if (number > 9e15)
		return -1;
	*out = (int64_t)(number + 0.5);
	return 0;
}

int value_bool(uint8_t *out, const char *text)
{
	static const char *const words[2][4] = {{"false", "no", "off", NULL}, {"true", "yes", "on", NULL}};
	uint8_t truth;
	int i;

	for (truth = 0; truth < 2; truth++) {
		for (i = 0; words[truth][i] != NULL; i++) {
			if (strcmp(text, words[truth][i]) == 0) {
				*out = truth;
				return 0;
			}
		}
	}
	return -1;
}

int value_choice(uint32_t *out, const char *text, const char *choices)
{
	size_t len = strlen(text);
	size_t part;
	uint32_t index = 0;

	for (;; index++) {
		part = strcspn(choices, "|");
		if (part == len && memcmp(choices, text, len) == 0) {
			*out = index;
			return 0;
		}
		if (choices[part] == '\0')
			return -1;
		choices += part + 1;
	}
}

int value_is_url(const char *text)
{
	const char *host;

	if (strncmp(text, "http://", 7) == 0)
		host = text + 7;
	else if (strncmp(text, "https://", 8) == 0)
		host = text + 8;
	else
		return 0;
	return *host != '\0' && *host != '/' && strpbrk(text, " \t\r\n") == NULL;
}
