#include "server/steady.h"

#include <inttypes.h>

#include <jansson.h>

#include "base/buf.h"
#include "model/json.h"

void vs_steady_decode(struct vs_steady *steady, struct vs_view text)
{
	json_t *json = vs_json_parse(text, NULL);

	*steady = (struct vs_steady){0};
	if (json == NULL)
		return;
	steady->wall_ms = vs_json_get_int(json, "wall_ms");
	steady->even_ms = vs_json_get_int(json, "even_ms");
	if (steady->wall_ms <= 0 || steady->even_ms < 0)
		*steady = (struct vs_steady){0};
	json_decref(json);
}

void vs_steady_encode(const struct vs_steady *steady, struct vs_buf *out)
{
	vs_buf_printf(
		out, "{\"wall_ms\":%" PRId64 ",\"even_ms\":%" PRId64 "}", steady->wall_ms, steady->even_ms);
}

bool vs_steady_look(struct vs_steady *steady, const struct vs_clock *clock, int64_t *jumped_ms)
{
	struct vs_steady now = {.looked = true, .wall_ms = clock->wall_ms(), .mono_ms = clock->mono_ms()};
	int64_t gone = now.wall_ms - steady->wall_ms;
	int64_t measured = steady->looked ? (int64_t)(now.mono_ms - steady->mono_ms) : 0;
	int64_t least = steady->looked ? measured - VS_STEADY_SLACK_MS : 0;
	int64_t most = steady->looked ? measured + VS_STEADY_SLACK_MS : VS_STEADY_DOWN_MS;
	bool even = steady->wall_ms == 0 || (gone >= least && gone <= most);

	*jumped_ms = even ? 0 : gone - measured;
	if (even)
		now.even_ms = steady->even_ms + measured;
	*steady = now;
	return even;
}
