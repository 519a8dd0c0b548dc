/* Sections that both roles have. All texts live as long as the role's configuration. */
#ifndef VS_CONFIG_COMMON_CONF_H
#define VS_CONFIG_COMMON_CONF_H

#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/rows.h"

#define VS_DEFAULT_STATE_DIR "/var/lib/vpn-sentinel"

enum vs_trust { VS_TRUST_ANY, VS_TRUST_PINNED }; /* pinned: every instance needs run.sha256 */

struct vs_plugins_conf {
	struct vpns_list path; /* directories, made relative to the configuration file */
	uint32_t trust; /* enum vs_trust */
};

enum vs_log_choice { VS_LOG_CHOICE_AUTO, VS_LOG_CHOICE_HUMAN, VS_LOG_CHOICE_JSON };

#define VS_KEEP_MAX 100 /* renamed files of a log */

struct vs_log_conf {
	uint32_t format; /* enum vs_log_choice; auto is human on a terminal and otherwise */
	uint32_t level; /* enum vs_log_level */
	const char *file; /* that gets every line too; NULL: none */
	int64_t max_size;
	int64_t keep;
};

/* A section: a map under one key of another map, and the struct that its rows fill. */
struct vs_section {
	const char *key;
	const struct vs_rows *rows;
	size_t offset; /* of its struct in the role's */
	size_t size;
};

/* What reading a role needs everywhere. */
struct vs_reading {
	const struct vs_conf *conf;
	struct vs_arena *arena;
	struct vs_problems *problems;
};

/* The level and the form of the log on standard error are now these. */
void vs_log_conf_apply(const struct vs_log_conf *log);

extern const struct vs_rows vs_plugins_rows;
extern const struct vs_rows vs_log_rows;

/* Fills base's struct at the section's offset from the map under its key in parent. */
void vs_section_read(const struct vs_reading *reading, const struct vs_section *section,
	const struct vs_node *parent, void *base);

/* Where key's value stands in map, else where map does. map is not NULL. */
struct vs_mark vs_mark_of(const struct vs_node *map, const char *key);

/* Makes the directories of path relative to the configuration file. */
void vs_plugins_conf_resolve(const struct vs_reading *reading, struct vs_plugins_conf *plugins);

/* "/api/v1": one leading slash, none at the end; "" for the root. From the reading's arena. */
const char *vs_api_path_resolve(const struct vs_reading *reading, const char *text, struct vs_mark mark);

#endif
