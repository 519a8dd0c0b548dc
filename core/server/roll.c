#include "server/roll.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "server/call.h"
#include "server/parts.h"
#include "server/registry.h"

#define CHUNK 16384 /* full enough: a record may add as much again */

struct roll {
	const struct vs_roll_form *form;
	const struct vs_names *names;
	struct vs_registry_cursor *cursor;
	struct vs_buf head;
	uint32_t left;
	bool unlimited;
	bool begun;
	bool rows;
};

static const struct vs_client *next_client(struct roll *roll)
{
	if (!roll->unlimited && roll->left-- == 0)
		return NULL;
	return vs_registry_cursor_next(roll->cursor);
}

static enum vs_http_more produce(void *arg, struct vs_buf *out)
{
	struct roll *roll = arg;
	const struct vs_client *client;

	if (!roll->begun)
		vs_buf_add(out, roll->head.ptr, roll->head.len);
	roll->begun = true;
	while (out->len < CHUNK) {
		client = next_client(roll);
		if (client == NULL) {
			roll->form->tail(out);
			return VS_HTTP_END;
		}
		if (roll->rows)
			vs_buf_add_text(out, roll->form->between);
		roll->rows = true;
		roll->form->row(out, client, roll->names);
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
	vs_call_stream(call, form->type, &producer);
}
