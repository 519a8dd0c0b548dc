#include "cli/paint.h"

#include <string.h>
#include <unistd.h>

#include "config/env.h"

#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define YELLOW "\x1b[33m"

static const struct {
	const char *verdict;
	const char *colour;
} colours[] = {
	{"secure", GREEN},
	{"third_party", YELLOW},
	{"unknown", YELLOW},
	{"exposed", YELLOW},
	{"violation", RED},
	{"leak", RED},
	{"down", RED},
};

bool vs_paint_wanted(FILE *out)
{
	const struct vs_env env = {NULL};
	const char *term = vs_env_get(&env, "TERM");

	return isatty(fileno(out)) && vs_env_get(&env, "NO_COLOR") == NULL &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

const char *vs_paint_verdict(const char *verdict)
{
	size_t i;

	for (i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		if (strcmp(colours[i].verdict, verdict) == 0)
			return colours[i].colour;
	}
	return NULL;
}
