/* The environment: the one place that reads it, and the table of names that mean something to us. */
#ifndef VS_CONFIG_ENV_H
#define VS_CONFIG_ENV_H

#include <stddef.h>

#include "base/err.h"

struct vs_buf;
struct vs_conf;
struct vs_problems;

#define VS_ENV_FILE_MAX 65536 /* bytes of a file named by NAME_FILE or ${file:} */

/* entries is NULL for the process's own environment, else "NAME=value" texts and a NULL. Borrowed. */
struct vs_env {
	const char *const *entries;
};

/* The value of exactly this variable, or NULL when it is unset or empty. Borrowed. */
const char *vs_env_get(const struct vs_env *env, const char *name);
/*
 * At the start of the program, before there are threads: LANGUAGE goes, by which the C library would look for
 * the catalogs of messages in other files than the one that a channel asks for.
 */
void vs_env_drop_language(void);

/* The file of certificates that the curl tool would trust, or NULL: the system's. */
const char *vs_env_ca_file(const struct vs_env *env);

/*
 * Appends the value of name, or the content of the file that NAME_FILE names (one newline at
 * its end dropped). VS_ERR_NOT_FOUND without err when neither is set (empty counts as unset);
 * another error, with a sentence, when both are set or the file cannot be read.
 */
int vs_env_value(const struct vs_env *env, const char *name, struct vs_buf *out, struct vs_err *err);

/* Appends a file's content without the newline at its end. A missing file is VS_ERR_SYSTEM. */
int vs_env_read_file(const char *path, struct vs_buf *out, struct vs_err *err);

/*
 * Warns about obsolete VPN_SENTINEL_* variables with the reason and about unknown ones with
 * the nearest known name. Variables that conf (NULL is fine) mentions are known.
 */
void vs_env_check(const struct vs_env *env, const struct vs_conf *conf, struct vs_problems *problems);

enum vs_env_status {
	VS_ENV_ACCEPTED, /* note says what it sets */
	VS_ENV_ALIAS, /* note is the name it stands for */
	VS_ENV_OBSOLETE, /* note says why and what to do instead */
};

enum vs_env_role { VS_ENV_BOTH, VS_ENV_CLIENT, VS_ENV_SERVER }; /* who reads it */

struct vs_env_variable {
	const char *name;
	enum vs_env_status status;
	const char *note;
	enum vs_env_role role;
};

const struct vs_env_variable *vs_env_table(size_t *count); /* for help texts; static */

/* The row of name, or of NAME where name is NAME_FILE and has no row of its own. NULL: nobody reads it. */
const struct vs_env_variable *vs_env_find(const char *name);
/* The name that an unknown one may be a slip of, or NULL. Static. */
const char *vs_env_nearest(const char *name);

#endif
