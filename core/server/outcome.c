#include "server/outcome.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/json.h"
#include "server/delivery.h"
#include "server/unit.h"

static const char *const states[VS_OUTCOMES] = {
#define OUTCOME_TEXT(name, text) [VS_OUTCOME_##name] = text,
	VS_OUTCOME_ROWS(OUTCOME_TEXT)
#undef OUTCOME_TEXT
};

const char *vs_outcome_name(enum vs_outcome_state state)
{
	return states[state];
}

/* client, NUL, transition, NUL, channel: all of a client lie together, in the order of their transitions. */
static void add_key(struct vs_buf *key, const struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;

	vs_buf_add(key, transition->client, strlen(transition->client) + 1);
	vs_buf_add(key, transition->id, strlen(transition->id) + 1);
	vs_buf_add_text(key, delivery->channel);
}

void vs_outcome_put(struct vs_unit *unit, const struct vs_delivery *delivery, enum vs_outcome_state state,
	int64_t now, const char *reason)
{
	struct vs_buf key;
	struct vs_buf value;

	vs_buf_init(&key);
	vs_buf_init(&value);
	add_key(&key, delivery);
	vs_buf_add_char(&value, '{');
	vs_json_member(&value, "state", states[state]);
	vs_json_member_int(&value, "at", now);
	vs_json_member_int(&value, "attempts", delivery->attempts);
	vs_json_member(&value, "change", vs_change_name(delivery->transition.change));
	if (delivery->transition.incident[0] != '\0')
		vs_json_member(&value, "incident", delivery->transition.incident);
	if (reason[0] != '\0')
		vs_json_member(&value, "reason", reason);
	vs_buf_add_char(&value, '}');
	vs_unit_put_key(unit, VS_TABLE_OUTCOMES, vs_buf_view(&key), vs_buf_view(&value));
	vs_buf_fini(&key);
	vs_buf_fini(&value);
}

/* --- reading --------------------------------------------------------------------------- */

/* The client has no NUL, and neither has what follows. */
static int split_key(struct vs_view key, struct vs_view *ulid, struct vs_view *channel)
{
	struct vs_view client;

	if (!vs_view_split(&key, '\0', &client) || key.ptr == NULL || !vs_view_split(&key, '\0', ulid) ||
		key.ptr == NULL || ulid->len != VS_ULID_TEXT - 1)
		return VS_ERR_INVALID;
	*channel = key;
	return 0;
}

struct vs_view vs_outcome_ulid(struct vs_view key)
{
	struct vs_view ulid;
	struct vs_view channel;

	return split_key(key, &ulid, &channel) < 0 ? (struct vs_view){"", 0} : ulid;
}

static int read_value(struct vs_outcome *outcome, const json_t *json)
{
	const char *state = vs_json_get_text(json, "state");
	const char *incident = vs_json_get_text(json, "incident");
	uint8_t change;
	size_t i;

	for (i = 0; i < VS_OUTCOMES && strcmp(states[i], state) != 0; i++)
		;
	if (i == VS_OUTCOMES || vs_change_parse(&change, vs_view_of(vs_json_get_text(json, "change"))) < 0)
		return VS_ERR_INVALID;
	if (incident[0] != '\0' && !vs_ulid_valid(incident))
		return VS_ERR_INVALID;
	outcome->state = (enum vs_outcome_state)i;
	outcome->change = vs_change_name(change);
	memcpy(outcome->incident, incident, strlen(incident) + 1);
	outcome->at = vs_json_get_int(json, "at");
	outcome->attempts = (uint32_t)vs_json_get_int(json, "attempts");
	outcome->reason = vs_strdup(vs_json_get_text(json, "reason"));
	return 0;
}

int vs_outcome_read(struct vs_outcome *outcome, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct vs_view ulid;
	struct vs_view channel;
	json_t *json;
	int rc;

	memset(outcome, 0, sizeof(*outcome));
	if (split_key(key, &ulid, &channel) < 0) {
		vs_err_set(err, VS_ERR_INVALID, "a stored outcome has a key without client, id or channel");
		return VS_ERR_INVALID;
	}
	json = vs_json_parse(value, err);
	if (json == NULL)
		return VS_ERR_INVALID;
	rc = read_value(outcome, json);
	json_decref(json);
	if (rc < 0) {
		vs_err_set(err, VS_ERR_INVALID, "the stored outcome of %.*s has no known state or change",
			(int)ulid.len, ulid.ptr);
		return rc;
	}
	memcpy(outcome->transition, ulid.ptr, ulid.len);
	outcome->channel = vs_strndup(channel.ptr, channel.len);
	return 0;
}

void vs_outcome_fini(struct vs_outcome *outcome)
{
	vs_free(outcome->channel);
	vs_free(outcome->reason);
	outcome->channel = NULL;
	outcome->reason = NULL;
}

void vs_outcome_show(const struct vs_outcome *outcome, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "channel", outcome->channel);
	vs_json_member(out, "transition", outcome->change);
	vs_json_member(out, "state", states[outcome->state]);
	vs_json_member_time(out, "at", outcome->at);
	vs_json_member_int(out, "attempts", outcome->attempts);
	if (outcome->reason[0] != '\0')
		vs_json_member(out, "reason", outcome->reason);
	vs_buf_add_char(out, '}');
}
