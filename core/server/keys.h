/* How many API keys a configuration lists: for the start line and for health. Never a key itself. */
#ifndef VS_SERVER_KEYS_H
#define VS_SERVER_KEYS_H

#include <stddef.h>

struct vs_server_conf;

/* Items of the option `keys` of all enabled access checks; keys in files of their own are not seen. */
size_t vs_keys_count(const struct vs_server_conf *conf);

#endif
