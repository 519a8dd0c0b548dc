#include "cli/role_guess.h"

#include <stddef.h>
#include <string.h>

#include "config/conf.h"
#include "config/env.h"
#include "config/problem.h"

static const struct {
	const char *name;
	const char *sections[8]; /* that only this role has */
} roles[] = {
	{"server", {"server", "rate_limit", "monitor", "auth", "store", "notifiers", "zone", NULL}},
	{"client", {"client", NULL}},
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static size_t count_sections(const struct vs_node *root, size_t role)
{
	const char *const *section;
	size_t count = 0;

	for (section = roles[role].sections; *section != NULL; section++)
		count += vs_node_get(root, *section) != NULL;
	return count;
}

const char *vs_role_guess(const char *path)
{
	const struct vs_env env = {NULL};
	const char *slash = strrchr(path, '/');
	struct vs_problems ignored = {0};
	struct vs_conf *tree = vs_conf_read(path, &env, &ignored);
	const struct vs_node *root = tree != NULL ? vs_conf_root(tree) : NULL;
	size_t best = 0;
	size_t role;

	for (role = 1; role < ROLES; role++) {
		size_t ours = count_sections(root, role);
		size_t theirs = count_sections(root, best);

		if (ours > theirs ||
			(ours == theirs && strstr(slash != NULL ? slash : path, roles[role].name) != NULL))
			best = role;
	}
	vs_conf_destroy(tree);
	vs_problems_fini(&ignored);
	return roles[best].name;
}
