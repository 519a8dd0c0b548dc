#include "server/bunch.h"

#include <stdio.h>
#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "model/json.h"
#include "server/delivery.h"

#define GAP_LEAST_MS 1000

struct vs_bunch_client {
	char *key; /* owned */
	UT_hash_handle hh;
};

static void set_name(struct vs_bunch *bunch, const char *id)
{
	snprintf(bunch->name, sizeof(bunch->name), "%s%s", VS_TOLD_BUNCH, id);
}

struct vs_bunch *vs_bunch_create(const struct vs_delivery *first, const char *ref, int64_t now)
{
	struct vs_bunch *bunch = vs_zalloc(sizeof(*bunch));

	set_name(bunch, first->id);
	bunch->first = vs_delivery_create(first->id, first->channel, &first->transition, first->planned_at);
	bunch->ref = vs_strdup(ref);
	bunch->begun_ms = now;
	bunch->changed_ms = now;
	bunch->knows_clients = true;
	return bunch;
}

void vs_bunch_destroy(struct vs_bunch *bunch)
{
	size_t i;

	if (bunch == NULL)
		return;
	for (i = 0; i < bunch->name_count; i++)
		vs_free(bunch->names[i]);
	vs_bunch_forget_clients(bunch);
	vs_delivery_destroy(bunch->first);
	vs_free(bunch->ref);
	vs_free(bunch);
}

void vs_bunch_set_ref(struct vs_bunch *bunch, const char *ref)
{
	char *copy = vs_strdup(ref);

	vs_free(bunch->ref);
	bunch->ref = copy;
}

void vs_bunch_add_name(struct vs_bunch *bunch, const char *client, const char *incident)
{
	size_t i;

	for (i = 0; i < bunch->name_count && strcmp(bunch->names[i], client) != 0; i++)
		;
	if (i == VS_GROUP_NAMES)
		return;
	if (i == bunch->name_count)
		bunch->names[bunch->name_count++] = vs_strdup(client);
	snprintf(bunch->incidents[i], sizeof(bunch->incidents[i]), "%s", incident);
}

const char *vs_bunch_id(const struct vs_bunch *bunch)
{
	return bunch->name + sizeof(VS_TOLD_BUNCH) - 1;
}

bool vs_bunch_is_of_incidents(const struct vs_bunch *bunch)
{
	return bunch->first->transition.change == VS_CHANGE_OPENED;
}

/* --- of whom it told ------------------------------------------------------------------- */

/* Who has no client is known by its evidence, as it is called by it. */
static void add_key(struct vs_buf *key, const struct vs_transition *transition)
{
	vs_buf_printf(key, "%s %s", vs_kind_name(transition->kind),
		transition->client[0] != '\0' ? transition->client : transition->evidence);
}

static bool has_told_of(const struct vs_bunch *bunch, const struct vs_transition *transition)
{
	const struct vs_bunch_client *client;
	struct vs_buf key;

	vs_buf_init(&key);
	add_key(&key, transition);
	HASH_FIND(hh, bunch->clients, key.ptr, key.len, client);
	vs_buf_fini(&key);
	return client != NULL;
}

void vs_bunch_add_client(struct vs_bunch *bunch, const struct vs_transition *transition)
{
	struct vs_bunch_client *client;
	struct vs_buf key;

	if (!bunch->knows_clients || has_told_of(bunch, transition))
		return;
	vs_buf_init(&key);
	add_key(&key, transition);
	client = vs_zalloc(sizeof(*client));
	client->key = vs_buf_take(&key);
	HASH_ADD_KEYPTR(hh, bunch->clients, client->key, strlen(client->key), client);
}

void vs_bunch_forget_clients(struct vs_bunch *bunch)
{
	struct vs_bunch_client *client;
	struct vs_bunch_client *next;

	HASH_ITER (hh, bunch->clients, client, next) {
		HASH_DEL(bunch->clients, client);
		vs_free(client->key);
		vs_free(client);
	}
	bunch->knows_clients = false;
}

bool vs_bunch_takes(const struct vs_bunch *bunch, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, size_t open)
{
	bool of_incidents = vs_bunch_is_of_incidents(bunch);

	if (bunch->ref[0] == '\0' || !vs_group_same(conf, bunch->first, delivery) ||
		delivery->waits_since >= bunch->begun_ms + conf->interval_ms)
		return false;
	if (of_incidents && open == 0)
		return false;
	if (!bunch->knows_clients) /* who is open cannot open once more */
		return of_incidents && open == bunch->count;
	return !has_told_of(bunch, &delivery->transition);
}

/* --- when ------------------------------------------------------------------------------ */

bool vs_bunch_is_closed(const struct vs_bunch *bunch, const struct vs_group_conf *conf, int64_t now)
{
	return bunch->ref[0] == '\0' || now >= bunch->begun_ms + 2 * conf->interval_ms;
}

int64_t vs_bunch_ready_at(const struct vs_bunch *bunch, const struct vs_group_conf *conf)
{
	int64_t most = conf->interval_ms / 2 > conf->wait_ms ? conf->interval_ms / 2 : conf->wait_ms;
	int64_t gap = conf->wait_ms > GAP_LEAST_MS ? conf->wait_ms : GAP_LEAST_MS;
	unsigned i;

	for (i = 0; i < bunch->changes && gap < most; i++)
		gap *= 2;
	return bunch->changed_ms + (gap < most ? gap : most);
}

/* --- the record ------------------------------------------------------------------------ */

void vs_bunch_encode(const struct vs_bunch *bunch, int64_t now, int64_t wall, struct vs_buf *out)
{
	json_t *names = json_array();
	json_t *incidents = json_array();
	struct vs_buf first;
	json_t *json;
	size_t i;

	vs_buf_init(&first);
	vs_delivery_encode(bunch->first, &first);
	for (i = 0; i < bunch->name_count; i++) {
		json_array_append_new(names, json_string(bunch->names[i]));
		json_array_append_new(incidents, json_string(bunch->incidents[i]));
	}
	json = json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:s}", "ref", bunch->ref, "count",
		(json_int_t)bunch->count, "left", (json_int_t)bunch->left, "begun_at",
		(json_int_t)(wall - (now - bunch->begun_ms)), "names", names, "incidents", incidents, "first",
		vs_buf_text(&first));
	vs_json_take(out, json);
	vs_buf_fini(&first);
}

/* Older records have no incidents. */
static void take_names(struct vs_bunch *bunch, const json_t *names, const json_t *incidents)
{
	const json_t *name;
	const char *incident;
	size_t i;

	json_array_foreach(names, i, name)
	{
		incident = json_string_value(json_array_get(incidents, i));
		if (json_is_string(name))
			vs_bunch_add_name(bunch, json_string_value(name), incident != NULL ? incident : "");
	}
}

struct vs_bunch *vs_bunch_decode(
	const char *id, struct vs_view text, int64_t now, int64_t wall, struct vs_err *err)
{
	struct vs_delivery *first = NULL;
	struct vs_bunch *bunch = NULL;
	const char *words;
	const char *ref;
	json_int_t count;
	json_int_t left;
	json_int_t begun;
	json_t *names;
	json_t *incidents = NULL;
	json_error_t where;
	json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);

	if (json == NULL || json_unpack_ex(json, &where, 0, "{s:s, s:I, s:I, s:I, s:o, s?o, s:s}", "ref",
				    &ref, "count", &count, "left", &left, "begun_at", &begun, "names", &names,
				    "incidents", &incidents, "first", &words) < 0)
		vs_err_set(err, VS_ERR_INVALID, "the stored message %s cannot be read: %s", id, where.text);
	else
		first = vs_delivery_decode(id, vs_view_of(words), err);
	if (first != NULL) {
		bunch = vs_bunch_create(first, ref, now);
		bunch->begun_ms = begun < wall ? now - (wall - begun) : now;
		bunch->count = count > 0 ? (size_t)count : 0;
		bunch->left = left > 0 ? (size_t)left : 0;
		bunch->many = true;
		bunch->knows_clients = false;
		take_names(bunch, names, incidents);
	}
	vs_delivery_destroy(first);
	json_decref(json);
	return bunch;
}
