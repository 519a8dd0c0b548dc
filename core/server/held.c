#include "server/held.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "model/json.h"
#include "server/unit.h"

static void destroy(struct vs_held *held)
{
	vs_transition_fini(&held->transition);
	vs_free(held->tags);
	vs_free(held->except);
	vs_free(held);
}

static void put(const struct vs_held *held, struct vs_unit *unit)
{
	struct vs_buf transition;
	struct vs_buf value;

	vs_buf_init(&transition);
	vs_buf_init(&value);
	vs_transition_encode(&held->transition, &transition);
	vs_buf_add_char(&value, '{');
	vs_json_member(&value, "tags", held->tags);
	vs_json_member(&value, "except", held->except);
	vs_json_key(&value, "transition");
	vs_json_add_text(&value, vs_buf_view(&transition));
	vs_buf_add_char(&value, '}');
	vs_unit_put(unit, VS_TABLE_HELD, held->incident, NULL, vs_buf_view(&value));
	vs_buf_fini(&transition);
	vs_buf_fini(&value);
}

static void copy(struct vs_transition *to, const struct vs_transition *from)
{
	struct vs_buf text;
	int rc;

	vs_buf_init(&text);
	vs_transition_encode(from, &text);
	rc = vs_transition_decode(to, vs_buf_view(&text), NULL);
	VS_REQUIRE(rc == 0); /* it was encoded just now */
	vs_buf_fini(&text);
}

struct vs_held *vs_held_find(const struct vs_held_book *book, const char *incident)
{
	struct vs_held *held;

	HASH_FIND_STR(book->items, incident, held);
	return held;
}

void vs_held_put(struct vs_held_book *book, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit)
{
	struct vs_held *held = vs_held_find(book, transition->incident);
	uint8_t change = transition->change;

	if (held == NULL) {
		held = vs_zalloc(sizeof(*held));
		memcpy(held->incident, transition->incident, sizeof(held->incident));
		HASH_ADD_STR(book->items, incident, held);
	} else {
		if (held->transition.change == VS_CHANGE_OPENED)
			change = VS_CHANGE_OPENED;
		vs_transition_fini(&held->transition);
		vs_free(held->tags);
		vs_free(held->except);
	}
	copy(&held->transition, transition);
	held->transition.change = change;
	held->tags = vs_strdup(tags);
	held->except = vs_strdup(except != NULL ? except : "");
	put(held, unit);
}

void vs_held_drop(struct vs_held_book *book, struct vs_held *held, struct vs_unit *unit)
{
	vs_unit_delete(unit, VS_TABLE_HELD, held->incident, NULL);
	if (book->next == held)
		book->next = held->hh.next;
	HASH_DEL(book->items, held);
	destroy(held);
}

size_t vs_held_count(const struct vs_held_book *book)
{
	return HASH_COUNT(book->items);
}

void vs_held_clear(struct vs_held_book *book)
{
	struct vs_held *held;
	struct vs_held *next;

	HASH_ITER (hh, book->items, held, next) {
		HASH_DEL(book->items, held);
		destroy(held);
	}
	book->next = NULL;
}

int vs_held_restore(struct vs_held_book *book, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	json_t *json = vs_json_parse(value, err);
	struct vs_held *held;
	int rc;

	if (json == NULL)
		return VS_ERR_INVALID;
	held = vs_zalloc(sizeof(*held));
	rc = vs_transition_decode(&held->transition, vs_view_of(vs_json_get_text(json, "transition")), err);
	if (rc == 0 && (!vs_view_equal_text(key, held->transition.incident) ||
			       vs_held_find(book, held->transition.incident) != NULL))
		rc = vs_err_set(err, VS_ERR_INVALID, "it is not about the incident of its key");
	held->tags = vs_strdup(vs_json_get_text(json, "tags"));
	held->except = vs_strdup(vs_json_get_text(json, "except"));
	json_decref(json);
	if (rc < 0) {
		destroy(held);
		return VS_ERR_INVALID;
	}
	memcpy(held->incident, held->transition.incident, sizeof(held->incident));
	HASH_ADD_STR(book->items, incident, held);
	return 0;
}

void vs_held_rewrite(const struct vs_held_book *book, struct vs_unit *unit)
{
	const struct vs_held *held;

	for (held = book->items; held != NULL; held = held->hh.next)
		put(held, unit);
}
