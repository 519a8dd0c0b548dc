/* YAML as a stream of events with places; the one door to libfyaml. */
#ifndef VS_CONFIG_YAML_EVENT_H
#define VS_CONFIG_YAML_EVENT_H

#include <stdbool.h>

#include "base/view.h"
#include "config/problem.h"

enum vs_yaml_type {
	VS_YAML_END, /* of the file */
	VS_YAML_DOCUMENT, /* a document begins */
	VS_YAML_SCALAR,
	VS_YAML_ALIAS,
	VS_YAML_SEQUENCE,
	VS_YAML_SEQUENCE_END,
	VS_YAML_MAP,
	VS_YAML_MAP_END,
};

/* Valid until the next event is asked for. */
struct vs_yaml_event {
	enum vs_yaml_type type;
	struct vs_mark mark; /* of the last event that had a place, if this one has none */
	struct vs_view text; /* of a scalar, or the name of an alias */
	struct vs_view anchor;
	bool plain; /* a scalar without quotes and not a block */
	bool tagged;
};

struct vs_yaml;

/* text and file are borrowed. */
struct vs_yaml *vs_yaml_open(struct vs_view text, const char *file, struct vs_problems *problems);
void vs_yaml_close(struct vs_yaml *yaml);
/* False after a syntax error, which is among the problems then. Not to be called after END. */
bool vs_yaml_next(struct vs_yaml *yaml, struct vs_yaml_event *event);

#endif
