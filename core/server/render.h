/* An alert as one text: what render/1 gives to notifiers. Pure. */
#ifndef VS_SERVER_RENDER_H
#define VS_SERVER_RENDER_H

#include <stddef.h>
#include <stdint.h>

#include "plug/env.h"

/*
 * As vpns_render_service.alert: title, body, and a line "Label: value" for each field; in HTML
 * the title is bold. What is too long ends, at a whole character, in an ellipsis. Units are
 * counted as people see the text: without tags, an entity is one character.
 */
int64_t vs_render_alert(const struct vpns_alert *alert, uint32_t format, uint32_t max_utf16, char *buffer,
	uint64_t buffer_size);

/* The same for the environment of plugins. */
struct vs_render_backend vs_render_backend(void);

#endif
