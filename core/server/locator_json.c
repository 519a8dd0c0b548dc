#include "base/buf.h"
#include "model/atlas.h"
#include "model/json.h"
#include "plug/locate_round.h"
#include "server/locator.h"

static const char *state_of(const struct vs_locate_state *state)
{
	if (state->wait_ms == 0)
		return state->last_error[0] == '\0' ? "ok" : "failing";
	return state->rests ? "resting" : "spent";
}

static void write_source(const struct vs_locate_state *state, struct vs_buf *out)
{
	vs_json_member(out, "name", state->name);
	vs_json_member(out, "state", state_of(state));
	vs_json_member_int(out, "wait_seconds", (state->wait_ms + 999) / 1000);
	vs_json_member_int(out, "asked", (int64_t)state->asked);
	vs_json_member_int(out, "answered", (int64_t)state->answered);
	vs_json_member_int(out, "budget_used", (int64_t)state->used);
	vs_json_member_int(out, "budget", state->requests);
	vs_json_member(out, "last_error", state->last_error);
}

void vs_locator_write(const struct vs_locator *locator, const struct vs_atlas *atlas, struct vs_buf *out)
{
	struct vs_locate_state state;
	size_t i;

	vs_json_key(out, "locate");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "state", vs_locator_is_on(locator) ? "on" : "off");
	vs_json_member_int(out, "places", (int64_t)vs_atlas_count(atlas));
	vs_json_member_int(out, "waiting", (int64_t)vs_locator_waiting(locator));
	vs_json_key(out, "sources");
	vs_buf_add_char(out, '[');
	for (i = 0; i < vs_locator_sources(locator); i++) {
		vs_locator_source(locator, i, &state);
		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		write_source(&state, out);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_text(out, "]}");
}
