#include "server/delivery.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "model/json.h"
#include "server/unit.h"

struct vs_delivery *vs_delivery_create(
	const char *id, const char *channel, const struct vs_transition *transition, int64_t now)
{
	struct vs_delivery *delivery = vs_zalloc(sizeof(*delivery));
	struct vs_buf text;
	int rc;

	/* The codec is the one way to copy a transition, so that a copy is what a restart would see. */
	vs_buf_init(&text);
	vs_transition_encode(transition, &text);
	rc = vs_transition_decode(&delivery->transition, vs_buf_view(&text), NULL);
	VS_REQUIRE(rc == 0);
	vs_buf_fini(&text);
	VS_REQUIRE(vs_ulid_valid(id));
	memcpy(delivery->id, id, sizeof(delivery->id));
	delivery->channel = vs_strdup(channel);
	delivery->planned_at = now;
	return delivery;
}

void vs_delivery_destroy(struct vs_delivery *delivery)
{
	if (delivery == NULL)
		return;
	vs_transition_fini(&delivery->transition);
	vs_free(delivery->channel);
	vs_free(delivery);
}

uint64_t vs_delivery_patience_left(const struct vs_delivery *delivery, int64_t now)
{
	int64_t gone = now > delivery->refused_at ? now - delivery->refused_at : 0;

	return gone < delivery->patience_ms ? (uint64_t)(delivery->patience_ms - gone) : 0;
}

void vs_delivery_encode(const struct vs_delivery *delivery, struct vs_buf *out)
{
	struct vs_buf inner;
	json_t *json;

	vs_buf_init(&inner);
	vs_transition_encode(&delivery->transition, &inner);
	json = json_pack("{s:s, s:I, s:i, s:b, s:b, s:b, s:I, s:I, s:I, s:s}", "channel", delivery->channel,
		"planned_at", (json_int_t)delivery->planned_at, "attempts", (int)delivery->attempts,
		"combined", (int)delivery->combined, "unsure", (int)delivery->unsure, "under_way",
		(int)delivery->under_way, "refused_at", (json_int_t)delivery->refused_at, "patience_ms",
		(json_int_t)delivery->patience_ms, "held_until", (json_int_t)delivery->held_until,
		"transition", vs_buf_text(&inner));
	vs_json_take(out, json);
	vs_buf_fini(&inner);
}

struct vs_delivery *vs_delivery_decode(const char *id, struct vs_view text, struct vs_err *err)
{
	struct vs_delivery *delivery = vs_zalloc(sizeof(*delivery));
	const char *channel;
	const char *transition;
	json_int_t planned_at;
	json_int_t refused_at = 0;
	json_int_t patience_ms = 0;
	json_int_t held_until = 0;
	json_error_t where;
	int attempts;
	int combined;
	int unsure;
	int under_way = -1; /* older records do not say it */
	json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);

	if (!vs_ulid_valid(id)) {
		vs_err_set(
			err, VS_ERR_INVALID, "a stored delivery has the key \"%s\", which is not an id", id);
		goto fail;
	}
	if (json == NULL ||
		json_unpack_ex(json, &where, 0, "{s:s, s:I, s:i, s:b, s:b, s?b, s?I, s?I, s?I, s:s}",
			"channel", &channel, "planned_at", &planned_at, "attempts", &attempts, "combined",
			&combined, "unsure", &unsure, "under_way", &under_way, "refused_at", &refused_at,
			"patience_ms", &patience_ms, "held_until", &held_until, "transition",
			&transition) < 0) {
		vs_err_set(err, VS_ERR_INVALID, "the stored delivery %s cannot be read: %s", id, where.text);
		goto fail;
	}
	if (vs_transition_decode(&delivery->transition, vs_view_of(transition), err) < 0) {
		vs_err_prefix(err, "the stored delivery %s", id);
		goto fail;
	}
	memcpy(delivery->id, id, strlen(id) + 1);
	delivery->channel = vs_strdup(channel);
	delivery->planned_at = planned_at;
	delivery->attempts = attempts > 0 ? (uint32_t)attempts : 0;
	delivery->refused_at = refused_at > 0 ? refused_at : 0;
	delivery->patience_ms = patience_ms;
	delivery->held_until = held_until > 0 ? held_until : 0;
	delivery->combined = combined != 0;
	delivery->unsure = unsure != 0 || under_way > 0 || (under_way < 0 && attempts > 0);
	json_decref(json);
	return delivery;

fail:
	json_decref(json);
	vs_free(delivery);
	return NULL;
}

void vs_delivery_put(const struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	vs_unit_put(unit, VS_TABLE_OUTBOX, delivery->id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
}

struct vs_delivery *vs_delivery_read(struct vs_view key, struct vs_view value, struct vs_err *err)
{
	char *id = vs_strndup(key.ptr, key.len);
	struct vs_delivery *delivery = vs_delivery_decode(id, value, err);

	vs_free(id);
	return delivery;
}
