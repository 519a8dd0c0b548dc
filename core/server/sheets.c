#include "server/sheets.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "server/registry.h"

struct vs_sheet {
	struct vs_sheets *sheets;
	struct vs_sheet *prev;
	struct vs_sheet *next;
	struct vs_entry *first;
	struct vs_entry *last;
	uint32_t count;
	bool spoilt;
	size_t len;
	char bytes[];
};

struct vs_sheets {
	struct vs_sheet *all;
	struct vs_timer *timer;
	size_t bytes;
};

static void drop_all(void *arg)
{
	struct vs_sheets *sheets = arg;

	while (sheets->all != NULL)
		vs_sheet_drop(sheets->all);
}

struct vs_sheets *vs_sheets_create(struct vs_loop *loop)
{
	struct vs_sheets *sheets = vs_zalloc(sizeof(*sheets));

	sheets->timer = vs_timer_create(loop, drop_all, sheets);
	return sheets;
}

void vs_sheets_destroy(struct vs_sheets *sheets)
{
	if (sheets == NULL)
		return;
	drop_all(sheets);
	vs_timer_destroy(sheets->timer);
	vs_free(sheets);
}

const struct vs_sheet *vs_sheet_at(const struct vs_entry *entry)
{
	const struct vs_sheet *sheet = entry->sheet;

	return sheet != NULL && !sheet->spoilt && sheet->first == entry ? sheet : NULL;
}

struct vs_view vs_sheet_bytes(const struct vs_sheet *sheet)
{
	return (struct vs_view){sheet->bytes, sheet->len};
}

uint32_t vs_sheet_count(const struct vs_sheet *sheet)
{
	return sheet->count;
}

struct vs_entry *vs_sheet_last(const struct vs_sheet *sheet)
{
	return sheet->last;
}

void vs_sheets_keep(struct vs_sheets *sheets, struct vs_entry *first, struct vs_entry *last, uint32_t count,
	struct vs_view bytes)
{
	struct vs_entry *end = last->hh.next;
	struct vs_entry *entry;
	struct vs_sheet *sheet;

	for (entry = first; entry != end; entry = entry->hh.next)
		vs_sheet_drop(entry->sheet);
	vs_timer_start(sheets->timer, VS_SHEETS_KEPT_MS);
	if (sizeof(*sheet) + bytes.len > VS_SHEETS_MAX - sheets->bytes)
		return;
	sheet = vs_alloc(sizeof(*sheet) + bytes.len);
	*sheet = (struct vs_sheet){
		.sheets = sheets, .first = first, .last = last, .count = count, .len = bytes.len};
	memcpy(sheet->bytes, bytes.ptr, bytes.len);
	for (entry = first; entry != end; entry = entry->hh.next)
		entry->sheet = sheet;
	DL_APPEND(sheets->all, sheet);
	sheets->bytes += sizeof(*sheet) + bytes.len;
}

void vs_sheets_used(struct vs_sheets *sheets)
{
	if (sheets->all != NULL)
		vs_timer_start(sheets->timer, VS_SHEETS_KEPT_MS);
}

void vs_sheet_spoil(struct vs_sheet *sheet)
{
	if (sheet != NULL)
		sheet->spoilt = true;
}

void vs_sheet_drop(struct vs_sheet *sheet)
{
	struct vs_sheets *sheets;
	struct vs_entry *entry;
	uint32_t i;

	if (sheet == NULL)
		return;
	sheets = sheet->sheets;
	for (i = 0, entry = sheet->first; i < sheet->count; i++, entry = entry->hh.next)
		entry->sheet = NULL;
	DL_DELETE(sheets->all, sheet);
	sheets->bytes -= sizeof(*sheet) + sheet->len;
	vs_free(sheet);
}
