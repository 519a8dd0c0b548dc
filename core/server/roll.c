#include "server/roll.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "server/call.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/sheets.h"

#define CHUNK 32768 /* full enough: a record, or a sheet, may add as much again */

struct roll {
	const struct vs_roll_form *form;
	const struct vs_names *names;
	struct vs_registry_cursor *cursor;
	struct vs_sheets *sheets; /* NULL: it keeps none */
	struct vs_buf head;
	uint32_t left;
	bool unlimited;
	bool begun;
	bool rows;
};

/* What comes next; NULL: no more. */
static struct vs_entry *peek(const struct roll *roll)
{
	if (!roll->unlimited && roll->left == 0)
		return NULL;
	return vs_registry_cursor_peek(roll->cursor);
}

static void begin_row(struct roll *roll, struct vs_buf *out)
{
	if (roll->rows)
		vs_buf_add_text(out, roll->form->between);
	roll->rows = true;
}

/* What was rendered before, if it still is what comes next. */
static bool add_sheet(struct roll *roll, struct vs_buf *out, const struct vs_entry *entry)
{
	const struct vs_sheet *sheet = roll->form->keeps ? vs_sheet_at(entry) : NULL;
	struct vs_view bytes;

	if (sheet == NULL || (!roll->unlimited && vs_sheet_count(sheet) > roll->left))
		return false;
	begin_row(roll, out);
	bytes = vs_sheet_bytes(sheet);
	vs_buf_add(out, bytes.ptr, bytes.len);
	roll->left -= roll->unlimited ? 0 : vs_sheet_count(sheet);
	vs_registry_cursor_skip(roll->cursor, vs_sheet_last(sheet));
	return true;
}

/* As many as make a sheet, or lead up to one. */
static void render(struct roll *roll, struct vs_buf *out, struct vs_entry *first)
{
	struct vs_entry *entry = first;
	struct vs_entry *last = first;
	uint32_t count = 0;
	size_t from;

	begin_row(roll, out);
	from = out->len;
	do {
		if (count++ > 0)
			vs_buf_add_text(out, roll->form->between);
		roll->form->row(out, &entry->client, roll->names);
		roll->left -= roll->unlimited ? 0 : 1;
		last = entry;
		vs_registry_cursor_skip(roll->cursor, last);
		entry = peek(roll);
	} while (entry != NULL && out->len - from < CHUNK &&
		 (roll->sheets == NULL || vs_sheet_at(entry) == NULL));
	if (roll->sheets != NULL)
		vs_sheets_keep(
			roll->sheets, first, last, count, (struct vs_view){out->ptr + from, out->len - from});
}

static enum vs_http_more produce(void *arg, struct vs_buf *out)
{
	struct roll *roll = arg;
	struct vs_entry *entry;

	if (!roll->begun)
		vs_buf_add(out, roll->head.ptr, roll->head.len);
	roll->begun = true;
	while (out->len < CHUNK) {
		entry = peek(roll);
		if (entry == NULL) {
			roll->form->tail(out);
			return VS_HTTP_END;
		}
		if (!add_sheet(roll, out, entry))
			render(roll, out, entry);
	}
	return VS_HTTP_MORE;
}

static void finished(void *arg, bool complete)
{
	struct roll *roll = arg;

	(void)complete; /* a peer that left needs no more than one that stayed */
	vs_registry_cursor_close(roll->cursor);
	vs_buf_fini(&roll->head);
	vs_free(roll);
}

void vs_roll_stream(struct vs_call *call, const struct vs_roll_form *form, struct vs_buf *head,
	struct vs_registry_cursor *cursor, uint32_t limit)
{
	struct roll *roll = vs_zalloc(sizeof(*roll));
	const struct vs_http_producer producer = {produce, finished, roll};

	roll->form = form;
	roll->names = vs_registry_names(call->parts->registry);
	roll->cursor = cursor;
	roll->head = *head;
	vs_buf_init(head);
	roll->left = limit;
	roll->unlimited = limit == 0;
	if (form->keeps && roll->unlimited)
		roll->sheets = call->parts->sheets;
	if (roll->sheets != NULL)
		vs_sheets_used(roll->sheets);
	vs_call_stream(call, form->type, &producer);
}
