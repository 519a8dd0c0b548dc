/* What files of the original set: read by import_env_read.c, judged and written by others. */
#ifndef VS_CLI_IMPORT_ENV_H
#define VS_CLI_IMPORT_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "config/env.h"
#include "config/problem.h"

#define VS_IMPORT_FILE_MAX 1048576 /* bytes of a file */
#define VS_IMPORT_VARS_MAX 2000
#define VS_IMPORT_NAME_SIZE 262 /* NAME_FILE of the longest name, and its NUL */

/* Where a variable stands; what stands later here wins. */
enum vs_import_place { VS_IMPORT_DOTENV, VS_IMPORT_ENV_FILE, VS_IMPORT_ENVIRONMENT };

struct vs_import_var {
	char *name;
	char *value; /* a secret, for all we know; "" when unset */
	char *file;
	unsigned line;
	enum vs_import_place place;
	char *service; /* of a compose file; NULL: none */
	enum vs_env_role role; /* of that service; both when nobody can tell */
	bool foreign; /* a service that is not VPN Sentinel's */
	bool hidden; /* of a .env that nobody named: only for what other values are made of */
};

struct vs_import {
	struct vs_import_var *vars;
	size_t count;
	size_t cap;
	const char *only; /* the service that is wanted; NULL: all. Borrowed. */
	bool only_seen;
	struct vs_problems problems;
};

void vs_import_init(struct vs_import *import, const char *only);
void vs_import_fini(struct vs_import *import);

/* Reads a file, by its name a compose file or a .env. What is wrong goes into problems. */
void vs_import_read(struct vs_import *import, const char *path);
bool vs_import_is_compose(const char *path);

/* What becomes of a variable. */
enum vs_import_fate {
	VS_IMPORT_KEPT,
	VS_IMPORT_RENAMED,
	VS_IMPORT_DROPPED,
	VS_IMPORT_EMPTY, /* set to nothing */
	VS_IMPORT_UNKNOWN, /* ours by its name, and read by nobody */
	VS_IMPORT_NOT_OURS,
	VS_IMPORT_FATES,
};

struct vs_import_verdict {
	enum vs_import_fate fate;
	char name[VS_IMPORT_NAME_SIZE]; /* under which it is written, when kept or renamed */
	enum vs_env_role role; /* who reads it, of those in its service */
	char reason[320]; /* "" when there is nothing to say */
};

void vs_import_judge(struct vs_import_verdict *verdict, const struct vs_import_var *var);

/* Writes server.env and client.env into folder, and what it wrote to standard output. An exit code. */
int vs_import_write(struct vs_import *import, const char *folder);

#endif
