/* The names that may stand in plugin files and their tables. Pure. */
#ifndef VS_PLUG_NAME_H
#define VS_PLUG_NAME_H

#include <stdbool.h>

#define VS_NAME_RULE "a lower-case letter, then at most 31 of a-z 0-9 _"

bool vs_name_is_valid(const char *name); /* of plugins, options and metrics: VS_NAME_RULE */
bool vs_fact_name_is_valid(const char *name); /* 1 to VPNS_FACT_NAME_MAX of a-z 0-9 _ . */

#endif
