/* By gettext: one domain a language, all under C.UTF-8, so that many are there at once. */
#include "server/language.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "model/tongue.h"

#define LOCALE "C.UTF-8"
#define FOLDER "share/vpn-sentinel/locale"
#define DOMAIN_SIZE 24

struct vs_language {
	struct vs_tongue tongue;
	char domain[DOMAIN_SIZE];
	locale_t locale;
};

/* The C library's answer to an unknown text is that very pointer. */
static const char *text(void *arg, const char *english)
{
	const struct vs_language *language = arg;
	locale_t before = uselocale(language->locale);
	const char *found = dgettext(language->domain, english);

	uselocale(before);
	return found;
}

static const char *count(void *arg, const char *one, const char *many, uint64_t how_many)
{
	const struct vs_language *language = arg;
	locale_t before = uselocale(language->locale);
	const char *found = dngettext(language->domain, one, many, (unsigned long)how_many);

	uselocale(before);
	return found;
}

const char *vs_language_folder(char *path, size_t size)
{
	char program[PATH_MAX];
	char *slash = NULL;
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[len > 0 ? len : 0] = '\0';
	for (int levels = 0; levels < 2; levels++) {
		slash = strrchr(program, '/');
		if (slash != NULL)
			*slash = '\0';
	}
	snprintf(path, size, "%s/" FOLDER, program);
	return path;
}

static bool is_code(const char *code)
{
	return *code != '\0' && strlen(code) <= 8 &&
	       strspn(code, "abcdefghijklmnopqrstuvwxyz") == strlen(code);
}

static bool has_file(const char *folder, const char *code)
{
	char path[PATH_MAX + 64];

	if (!is_code(code))
		return false;
	snprintf(path, sizeof(path), "%s/" LOCALE "/LC_MESSAGES/vs-%s.mo", folder, code);
	return access(path, R_OK) == 0;
}

bool vs_language_is_there(const char *code)
{
	char folder[PATH_MAX];

	return code == NULL || strcmp(code, "en") == 0 ||
	       has_file(vs_language_folder(folder, sizeof(folder)), code);
}

struct vs_language *vs_language_create_in(const char *folder, const char *code)
{
	struct vs_language *language = vs_zalloc(sizeof(*language));

	if (code == NULL || strcmp(code, "en") == 0 || !has_file(folder, code))
		return language;
	language->locale = newlocale(LC_ALL_MASK, LOCALE, (locale_t)0);
	if (language->locale == (locale_t)0)
		return language;
	snprintf(language->domain, sizeof(language->domain), "vs-%s", code);
	bindtextdomain(language->domain, folder);
	bind_textdomain_codeset(language->domain, "UTF-8");
	language->tongue = (struct vs_tongue){text, count, language};
	return language;
}

struct vs_language *vs_language_create(const char *code)
{
	char folder[PATH_MAX];

	vs_language_folder(folder, sizeof(folder));
	if (!vs_language_is_there(code))
		vs_log(VS_LOG_WARN, "server",
			"there is no catalog of the language '%s' in %s: messages are in English", code,
			folder);
	return vs_language_create_in(folder, code);
}

void vs_language_destroy(struct vs_language *language)
{
	if (language == NULL)
		return;
	if (language->locale != (locale_t)0)
		freelocale(language->locale);
	vs_free(language);
}

const struct vs_tongue *vs_language_tongue(const struct vs_language *language)
{
	return language->tongue.text != NULL ? &language->tongue : NULL;
}
