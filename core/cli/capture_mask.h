/*
 * Addresses taken out of texts: each becomes one reserved for documentation, the same one wherever it stands,
 * also where it is written as a number. Pure but for its memory.
 */
#ifndef VS_CLI_CAPTURE_MASK_H
#define VS_CLI_CAPTURE_MASK_H

#include <stddef.h>

#include "base/buf.h"
#include "base/view.h"

struct vs_capture_mask;

struct vs_capture_mask *vs_capture_mask_create(void);
void vs_capture_mask_destroy(struct vs_capture_mask *mask); /* NULL is fine */

/* Appends text to out without its addresses. An address seen in it counts for numbers from then on. */
void vs_capture_mask_add(struct vs_capture_mask *mask, struct vs_view text, struct vs_buf *out);

#endif
