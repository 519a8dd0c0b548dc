#include "config/zone.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

#define DATABASE "/usr/share/zoneinfo"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* Three letters or more and an offset; what follows is left to the C library. */
static bool is_posix(const char *text)
{
	size_t letters = strspn(text, LETTERS);
	const char *offset = text + letters;

	if (letters < 3)
		return false;
	if (*offset == '+' || *offset == '-')
		offset++;
	return *offset >= '0' && *offset <= '9' && !strstr(text, "..") &&
	       strspn(text, LETTERS DIGITS "+-,./:") == strlen(text);
}

static bool is_in_database(const char *text)
{
	struct vs_buf path;
	struct stat info;
	bool found;

	if (stat(DATABASE, &info) < 0)
		return true;
	vs_buf_init(&path);
	vs_buf_printf(&path, "%s/%s", DATABASE, text);
	found = stat(vs_buf_text(&path), &info) == 0 && S_ISREG(info.st_mode);
	vs_buf_fini(&path);
	return found;
}

/* A file of the database, perhaps by way of links, becomes the name it has there. */
static const char *name_of_file(const char *path, char real[PATH_MAX])
{
	if (!realpath(path, real) || strncmp(real, DATABASE "/", strlen(DATABASE "/")) != 0)
		return "";
	return real + strlen(DATABASE "/");
}

int vs_zone_resolve(const char **zone, const char *text, struct vs_arena *arena, struct vs_err *err)
{
	const char *name = text[0] == ':' ? text + 1 : text;
	char real[PATH_MAX];
	bool shaped;

	if (name[0] == '/')
		name = name_of_file(name, real);
	shaped =
		name[0] != '\0' && !strstr(name, "..") && strspn(name, LETTERS DIGITS "_+-/") == strlen(name);
	if (!is_posix(name) && strcmp(name, "UTC") != 0 && !(shaped && is_in_database(name)))
		return vs_err_set(err, VS_ERR_INVALID,
			"must be the name of a time zone such as 'Europe/Bucharest' or 'UTC', not "
			"'%.60s'",
			text);
	*zone = vs_arena_text(arena, vs_view_of(name));
	return 0;
}
