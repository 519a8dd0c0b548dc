#include "config/zone.h"

#include <stdbool.h>
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
	return *offset >= '0' && *offset <= '9' && strspn(text, LETTERS DIGITS "+-,./:") == strlen(text);
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

int vs_zone_check(const char *text, struct vs_err *err)
{
	bool shaped =
		text[0] != '/' && !strstr(text, "..") && strspn(text, LETTERS DIGITS "_+-/") == strlen(text);

	if (is_posix(text) || strcmp(text, "UTC") == 0 || (shaped && is_in_database(text)))
		return 0;
	return vs_err_set(err, VS_ERR_INVALID,
		"'timezone' must be the name of a time zone such as 'Europe/Bucharest' or 'UTC', not '%.60s'",
		text);
}
