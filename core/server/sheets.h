/*
 * What was rendered of the list of all clients, in sheets of some tens of KiB, so that who asks again is
 * given from memory what did not change since. [loop]
 *
 * A sheet is of clients that follow one another in the registry. One change spoils it, and it is rendered
 * anew when somebody asks; a removed client takes it along. Sheets never hold more than VS_SHEETS_MAX bytes
 * together, and none at all a while after the last list.
 */
#ifndef VS_SERVER_SHEETS_H
#define VS_SERVER_SHEETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

#define VS_SHEETS_MAX                                                                                        \
	33554432u /* bytes; a longer list is rendered from there on as if there were no sheets */
#define VS_SHEETS_KEPT_MS 10000u /* after the last list */

struct vs_entry;
struct vs_loop;
struct vs_sheet;
struct vs_sheets;

struct vs_sheets *vs_sheets_create(struct vs_loop *loop);
void vs_sheets_destroy(struct vs_sheets *sheets); /* NULL is fine; before the registry */

/* The sheet that begins with entry and is as good as new, or NULL. Borrowed until anything changes. */
const struct vs_sheet *vs_sheet_at(const struct vs_entry *entry);
struct vs_view vs_sheet_bytes(const struct vs_sheet *sheet);
uint32_t vs_sheet_count(const struct vs_sheet *sheet); /* clients */
struct vs_entry *vs_sheet_last(const struct vs_sheet *sheet);

/* These clients, count from first to last, look like this now. Bytes are copied, if there is room. */
void vs_sheets_keep(struct vs_sheets *sheets, struct vs_entry *first, struct vs_entry *last, uint32_t count,
	struct vs_view bytes);

void vs_sheets_used(struct vs_sheets *sheets); /* a list has begun: what there is stays for a while */

void vs_sheet_spoil(struct vs_sheet *sheet); /* one of its clients looks different now; NULL is fine */
void vs_sheet_drop(struct vs_sheet *sheet); /* before one of its clients goes; NULL is fine */

#endif
