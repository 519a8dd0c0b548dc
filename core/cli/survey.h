/* A survey of a stored database: the store's plugin opens it, and everything in it is read once. */
#ifndef VS_CLI_SURVEY_H
#define VS_CLI_SURVEY_H

#include <stdint.h>

#include "base/err.h"

struct vs_plugin;

struct vs_survey {
	uint64_t clients;
	uint64_t deliveries; /* messages that were not sent yet */
};

/*
 * Blocks. path is absolute, and nobody else uses it; the plugin brings its log into it and may bring
 * an older schema up to date. What the plugin logs meanwhile is not shown: only err says why.
 */
int vs_survey_run(struct vs_survey *survey, struct vs_plugin *plugin, const char *path, struct vs_err *err);

#endif
