/*
 * Plugins tried out: an instance is made in the role of a tool, which does nothing outward, and
 * ended at once. It tells what only the plugin itself can say about its options.
 */
#ifndef VS_CLI_TRYOUT_H
#define VS_CLI_TRYOUT_H

struct vs_instance_conf;
struct vs_plugin;
struct vs_problems;
struct vs_tryout;

/* folder: that paths among the options start from; borrowed. */
struct vs_tryout *vs_tryout_create(const char *folder);
void vs_tryout_destroy(struct vs_tryout *tryout); /* NULL is fine */

/* Everything wrong with the instance goes to problems. Not for stores: making one opens its files. */
void vs_tryout_make(struct vs_tryout *tryout, struct vs_plugin *plugin, const struct vs_instance_conf *conf,
	struct vs_problems *problems);

#endif
