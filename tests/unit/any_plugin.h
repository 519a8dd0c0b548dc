/*
 * In place of plug/plugin.h, for scripted instances: one plugin, which may tell every fact as text. Include
 * it in one file.
 */
#ifndef VS_TESTS_ANY_PLUGIN_H
#define VS_TESTS_ANY_PLUGIN_H

#include "plug/instance.h"
#include "plug/plugin.h"

struct vs_plugin {
	int unused;
};

struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance)
{
	static struct vs_plugin plugin;

	(void)instance;
	return &plugin;
}

const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name)
{
	static const struct vpns_fact_decl decl = {.name = "exit.any", .type = VPNS_FACT_TEXT};

	(void)plugin;
	(void)name;
	return &decl;
}

#endif
