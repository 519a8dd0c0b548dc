/*
 * Texts that many clients share (names of facts, sources, versions), kept once each.
 * References are counted: a text goes with its last holder. 0 is the empty text.
 */
#ifndef VS_MODEL_NAMES_H
#define VS_MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_hash_seed;
struct vs_names;

struct vs_names *vs_names_create(void);
/* Random bytes, before the first text: peers choose the texts, and could choose some that collide. */
void vs_names_seed(struct vs_names *names, const struct vs_hash_seed *seed);
void vs_names_destroy(struct vs_names *names); /* NULL is fine; holders must be gone or never look again */

uint32_t vs_names_hold(struct vs_names *names, struct vs_view text); /* adds a reference */
void vs_names_drop(struct vs_names *names, uint32_t id); /* 0 is fine */
const char *vs_names_text(const struct vs_names *names, uint32_t id); /* borrowed while held; "" for 0 */
size_t vs_names_count(const struct vs_names *names);

/* Makes *id mean text: holds the new one, drops the old. Returns whether it changed. */
bool vs_names_replace(struct vs_names *names, uint32_t *id, struct vs_view text);

#endif
