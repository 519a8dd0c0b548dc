/* The manual pages of the two configuration files, from their rows. */
#ifndef VS_CLI_MANUAL_CONF_H
#define VS_CLI_MANUAL_CONF_H

#include <stdio.h>

/* role is "server" or "client". */
void vs_manual_conf_print(const char *role, FILE *out);
/* What every environment variable means, as definitions. */
void vs_manual_environment_print(FILE *out);

#endif
