#include "plug/search.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/view.h"

#define BUILT_IN "lib/vpn-sentinel" /* from the folder above the program's */

struct vs_search {
	char **dirs;
	size_t count;
};

static bool is_known(const struct vs_search *search, struct vs_view dir)
{
	size_t i;

	for (i = 0; i < search->count; i++) {
		if (vs_view_equal_text(dir, search->dirs[i]))
			return true;
	}
	return false;
}

static void add(struct vs_search *search, struct vs_view dir)
{
	while (dir.len > 1 && dir.ptr[dir.len - 1] == '/')
		dir.len--;
	if (dir.len == 0 || is_known(search, dir))
		return;
	search->dirs = vs_realloc(search->dirs, (search->count + 1) * sizeof(*search->dirs));
	search->dirs[search->count++] = vs_strndup(dir.ptr, dir.len);
}

static void add_built_in(struct vs_search *search)
{
	char program[PATH_MAX];
	char dir[PATH_MAX + sizeof(BUILT_IN) + 1];
	char *slash;
	ssize_t len;
	int levels;

	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len <= 0)
		return;
	program[len] = '\0';
	for (levels = 0; levels < 2; levels++) {
		slash = strrchr(program, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	snprintf(dir, sizeof(dir), "%s/%s", program, BUILT_IN);
	add(search, vs_view_of(dir));
}

struct vs_search *vs_search_create(const char *const *configured, size_t count, const char *environment)
{
	struct vs_search *search = vs_zalloc(sizeof(*search));
	struct vs_view rest = vs_view_of(environment);
	struct vs_view part;
	size_t i;

	for (i = 0; i < count; i++)
		add(search, vs_view_of(configured[i]));
	while (vs_view_split(&rest, ':', &part))
		add(search, part);
	add_built_in(search);
	return search;
}

void vs_search_destroy(struct vs_search *search)
{
	size_t i;

	if (!search)
		return;
	for (i = 0; i < search->count; i++)
		vs_free(search->dirs[i]);
	vs_free(search->dirs);
	vs_free(search);
}

size_t vs_search_count(const struct vs_search *search)
{
	return search->count;
}

const char *vs_search_dir(const struct vs_search *search, size_t index)
{
	return search->dirs[index];
}
