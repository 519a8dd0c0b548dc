#include "server/conduct.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/text.h"

static bool is_calm(const struct vs_conduct *conduct, const struct vs_conduct_seen *seen, uint64_t now)
{
	uint64_t calm_ms = now - conduct->last_ms;

	return calm_ms >= VS_CONDUCT_FORGOTTEN_MS ||
	       (calm_ms >= VS_CONDUCT_CALM_MS && seen->ended - conduct->ended >= VS_CONDUCT_LAPSES);
}

void vs_conduct_look(struct vs_conduct *conduct, const struct vs_conduct_seen *seen, uint64_t now)
{
	if (seen->lapses > conduct->lapses || seen->shut) {
		if (conduct->count == 0)
			conduct->since_ms = now;
		conduct->count += seen->lapses - conduct->lapses;
		conduct->lapses = seen->lapses;
		conduct->ended = seen->ended;
		conduct->last_ms = now;
	} else if (conduct->count > 0 && is_calm(conduct, seen, now)) {
		conduct->count = 0;
		conduct->failing = false;
	}
	if (conduct->count >= VS_CONDUCT_LAPSES)
		conduct->failing = true;
}

void vs_conduct_restore(struct vs_conduct *conduct, uint64_t now)
{
	conduct->failing = true;
	conduct->count = VS_CONDUCT_LAPSES;
	conduct->since_ms = now;
	conduct->last_ms = now;
}

void vs_conduct_say(const struct vs_conduct *conduct, const struct vs_conduct_seen *seen, const char *who,
	const char *closed, struct vs_buf *out)
{
	uint64_t took_ms = conduct->last_ms - conduct->since_ms;
	char took[32];

	vs_buf_printf(out, "%s: broke the rules for plugins %" PRIu64 " times", who, conduct->count);
	if (took_ms >= 1000) {
		vs_duration_format(took, sizeof(took), (int64_t)took_ms);
		vs_buf_printf(out, " within %s", took);
	}
	vs_buf_printf(out, "; the last time it %s", seen->last);
	if (seen->shut)
		vs_buf_printf(out, ". It gets no more operations%s", closed);
}
