"""Plugins built outside the tree, as a third party would: a copy of sdk/include and plain cc."""

import os
import shutil
import subprocess

from .program import ROOT

FOLDERS = {"probe": "probes", "notifier": "notifiers", "auth": "auth", "store": "stores"}

# What a plugin of a test has that remembers its host and its configuration, a struct config.
INSTANCE = r"""
struct instance {
	const struct vpns_host *host;
	const struct config *config;
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct instance *self = calloc(1, sizeof(*self));

	(void)error;
	if (self == NULL)
		return NULL;
	self->host = host;
	self->config = config;
	return self;
}

static void destroy(void *state)
{
	free(state);
}
"""

# A probe that tells one new fact. -DNEED="..." makes it ask for a service.
SOURCE = r"""
#include <stdlib.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *level;
};

static const struct vpns_option options[] = {
	{ "level", VPNS_TEXT(struct config, level), 0, "212", 0, 0, 0, NULL, "what to tell" },
};

static const struct vpns_fact_decl facts[] = {
	{ "tide.level_cm", VPNS_FACT_INT, 0, "cm", "height of the water" },
};

""" + INSTANCE + r"""
static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct instance *self = state;
	struct vpns_fact fact = { "tide.level_cm", self->config->level };
	struct vpns_probe_result result = { { sizeof(result), VPNS_KIND_PROBE }, VPNS_PROBE_PASS, 1, &fact, NULL, 0, 0 };

	(void)request;
	self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

#ifdef NEED
static const char *const needs[] = { NEED };
#define NEEDS VPNS_NEEDS(needs)
#else
#define NEEDS VPNS_NO_NEEDS
#endif

static const struct vpns_probe_ops ops = { sizeof(ops), 0, create, start, NULL, destroy, NULL, NULL };

VPNS_PROBE_PLUGIN("tide", "1.2.3", "how high the sea stands", 0, 0, VPNS_OPTIONS(struct config, options), NEEDS,
	VPNS_FACTS(facts), &ops);
"""


class Workshop:
    """A folder with the SDK's headers and nothing else of the project."""

    def __init__(self, folder):
        self.folder = folder
        self.include = folder / "include"
        shutil.copytree(ROOT / "sdk" / "include", self.include)

    def edit(self, header, old, new):
        """Bends a header of this copy, for plugins of another world."""
        file = self.include / "vpn_sentinel" / header
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{header} has no single {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def build(self, target, *flags, source=SOURCE):
        """Compiles source into the shared object target."""
        code = self.folder / "plugin.c"
        code.write_text(source, encoding="utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                               f"-I{self.include}", *flags, "-o", target, code],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        target.chmod(0o755)
        return target
