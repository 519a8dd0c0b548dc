#include "server/chase.h"

#include <string.h>

#include <glib.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/json.h"

void vs_chases_init(struct vs_chases *chases)
{
	chases->items = NULL;
	chases->order = g_sequence_new(NULL);
}

void vs_chases_fini(struct vs_chases *chases)
{
	struct vs_chase *chase;
	struct vs_chase *next;

	HASH_ITER (hh, chases->items, chase, next) {
		vs_chases_drop(chases, chase);
	}
	g_sequence_free(chases->order);
}

/* --- incidents ------------------------------------------------------------------------- */

struct vs_chase *vs_chases_find(const struct vs_chases *chases, const char *incident)
{
	struct vs_chase *chase;

	HASH_FIND_STR(chases->items, incident, chase);
	return chase;
}

struct vs_chase *vs_chases_add(struct vs_chases *chases, const char *incident, const char *client)
{
	struct vs_chase *chase = vs_chases_find(chases, incident);

	if (chase != NULL)
		return chase;
	chase = vs_zalloc(sizeof(*chase));
	memcpy(chase->incident, incident, sizeof(chase->incident));
	chase->client = vs_strdup(client);
	HASH_ADD_STR(chases->items, incident, chase);
	return chase;
}

void vs_chases_drop(struct vs_chases *chases, struct vs_chase *chase)
{
	while (chase->items != NULL)
		vs_chase_drop(chases, chase->items);
	HASH_DEL(chases->items, chase);
	vs_free(chase->client);
	vs_free(chase);
}

/* --- channels -------------------------------------------------------------------------- */

struct vs_chase_item *vs_chase_find(const struct vs_chase *chase, const char *channel)
{
	struct vs_chase_item *item;

	DL_FOREACH (chase->items, item) {
		if (strcmp(item->channel, channel) == 0)
			break;
	}
	return item;
}

struct vs_chase_item *vs_chase_add(
	struct vs_chase *chase, const char *channel, uint32_t number, int64_t since)
{
	struct vs_chase_item *item = vs_zalloc(sizeof(*item));

	item->chase = chase;
	item->channel = vs_strdup(channel);
	item->number = number;
	item->since = since;
	item->due = INT64_MAX;
	DL_APPEND(chase->items, item);
	return item;
}

void vs_chase_drop(struct vs_chases *chases, struct vs_chase_item *item)
{
	vs_chase_set(chases, item, INT64_MAX);
	DL_DELETE(item->chase->items, item);
	vs_free(item->channel);
	vs_free(item);
}

static gint by_due(gconstpointer one, gconstpointer other, gpointer arg)
{
	const struct vs_chase_item *a = one;
	const struct vs_chase_item *b = other;

	(void)arg;
	return (a->due > b->due) - (a->due < b->due);
}

void vs_chase_set(struct vs_chases *chases, struct vs_chase_item *item, int64_t due)
{
	if (item->at != NULL)
		g_sequence_remove(item->at);
	item->at = NULL;
	item->due = due;
	if (due != INT64_MAX)
		item->at = g_sequence_insert_sorted(chases->order, item, by_due, NULL);
}

struct vs_chase_item *vs_chases_first(const struct vs_chases *chases)
{
	GSequenceIter *first = g_sequence_get_begin_iter(chases->order);

	return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

/* --- the record ------------------------------------------------------------------------ */

void vs_chase_encode(const struct vs_chase *chase, int64_t ahead, struct vs_buf *out)
{
	const struct vs_chase_item *item;
	const char *separator = "";

	vs_buf_add_char(out, '{');
	vs_json_member(out, "client", chase->client);
	vs_json_key(out, "channels");
	vs_buf_add_char(out, '[');
	DL_FOREACH (chase->items, item) {
		vs_buf_printf(out, "%s{", separator);
		vs_json_member(out, "channel", item->channel);
		vs_json_member_int(out, "number", item->number);
		vs_json_member_int(out, "at", item->since + ahead);
		vs_buf_add_char(out, '}');
		separator = ",";
	}
	vs_buf_add_text(out, "]}");
}

static bool add_channel(struct vs_chase *chase, const json_t *json, int64_t ahead, int64_t now)
{
	const char *channel = vs_json_get_text(json, "channel");
	int64_t number = vs_json_get_int(json, "number");
	int64_t at = vs_json_get_int(json, "at");

	if (channel[0] == '\0' || number < 0 || number > UINT32_MAX || at <= 0 ||
		vs_chase_find(chase, channel) != NULL)
		return false;
	vs_chase_add(chase, channel, (uint32_t)number, at - ahead < now ? at - ahead : now);
	return true;
}

int vs_chases_decode(struct vs_chases *chases, const char *incident, struct vs_view text, int64_t ahead,
	int64_t now, struct vs_err *err)
{
	json_t *json = vs_json_parse(text, err);
	struct vs_chase *chase;
	const json_t *item;
	size_t i;

	if (json == NULL)
		return VS_ERR_INVALID;
	if (!vs_ulid_valid(incident) || vs_chases_find(chases, incident) != NULL) {
		json_decref(json);
		return vs_err_set(err, VS_ERR_INVALID, "its key is no incident's");
	}
	chase = vs_chases_add(chases, incident, vs_json_get_text(json, "client"));
	chase->stored = true;
	json_array_foreach(json_object_get(json, "channels"), i, item)
	{
		if (add_channel(chase, item, ahead, now))
			continue;
		vs_chases_drop(chases, chase);
		json_decref(json);
		return vs_err_set(err, VS_ERR_INVALID, "it does not say which channel told it when");
	}
	json_decref(json);
	return 0;
}
