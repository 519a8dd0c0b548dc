#include "server/refusals.h"

#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "loop/loop.h"
#include "server/limiter.h"

#define AREA "gate"
#define WINDOW_MS 60000
#define LOCAL "the unix socket"
#define THE_REST "other addresses"

/* An address within its minute, which begins with a line of the log. */
struct place {
	char key[VS_LIMITER_ADDR_KEY];
	char text[46];
	uint64_t until_ms;
	uint32_t untold[VS_REFUSED_WAYS];
	struct place *prev; /* by until_ms */
	struct place *next;
	UT_hash_handle hh;
};

struct vs_refusals {
	struct place *by_key; /* so few that it does no harm when strangers choose keys that collide */
	struct place *oldest;
	struct place the_rest; /* of addresses for which there was no room; not in by_key */
	bool rest_is_listed;
	struct vs_timer *timer; /* when the oldest minute is over */
	uint64_t (*mono_ms)(void);
};

static const char *const words[] = {
#define WORD_ROW(name, text) [VS_REFUSED_##name] = text,
	VS_REFUSED_ROWS(WORD_ROW)
#undef WORD_ROW
};

static uint64_t sum_of(const struct place *place)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < VS_REFUSED_WAYS; i++)
		sum += place->untold[i];
	return sum;
}

/* "bad credentials", or "30 bad credentials, 4 over the rate limit" */
static void add_reasons(const struct place *place, uint64_t sum, struct vs_buf *out)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < VS_REFUSED_WAYS; i++) {
		if (place->untold[i] == 0)
			continue;
		vs_buf_add_text(out, before);
		if (place->untold[i] != sum)
			vs_buf_printf(out, "%u ", (unsigned)place->untold[i]);
		vs_buf_add_text(out, words[i]);
		before = ", ";
	}
}

/* more: after a line about the same address. */
static void tell(struct place *place, bool more)
{
	uint64_t sum = sum_of(place);
	struct vs_buf reasons;

	if (sum == 0)
		return;
	vs_buf_init(&reasons);
	add_reasons(place, sum, &reasons);
	vs_log(VS_LOG_WARN, AREA, "%llu %srequest%s from %s refused: %s", (unsigned long long)sum,
		more ? "more " : "", sum == 1 ? "" : "s", place->text, vs_buf_text(&reasons));
	vs_buf_fini(&reasons);
	memset(place->untold, 0, sizeof(place->untold));
}

static void remove_place(struct vs_refusals *refusals, struct place *place)
{
	DL_DELETE(refusals->oldest, place);
	if (place == &refusals->the_rest) {
		refusals->rest_is_listed = false;
		return;
	}
	HASH_DEL(refusals->by_key, place);
	vs_free(place);
}

static void begin_minute(struct vs_refusals *refusals, struct place *place)
{
	place->until_ms = refusals->mono_ms() + WINDOW_MS;
	DL_APPEND(refusals->oldest, place);
	if (!vs_timer_is_set(refusals->timer))
		vs_timer_start(refusals->timer, WINDOW_MS);
}

static void on_minute(void *arg)
{
	struct vs_refusals *refusals = arg;
	uint64_t now = refusals->mono_ms();
	struct place *place;

	while ((place = refusals->oldest) != NULL && place->until_ms <= now) {
		if (sum_of(place) == 0) {
			remove_place(refusals, place);
			continue;
		}
		tell(place, true);
		DL_DELETE(refusals->oldest, place);
		begin_minute(refusals, place);
	}
	if (refusals->oldest != NULL)
		vs_timer_start(refusals->timer, refusals->oldest->until_ms - now);
}

struct vs_refusals *vs_refusals_create(struct vs_loop *loop, uint64_t (*mono_ms)(void))
{
	struct vs_refusals *refusals = vs_zalloc(sizeof(*refusals));

	refusals->mono_ms = mono_ms;
	refusals->timer = vs_timer_create(loop, on_minute, refusals);
	memcpy(refusals->the_rest.text, THE_REST, sizeof(THE_REST));
	return refusals;
}

void vs_refusals_destroy(struct vs_refusals *refusals)
{
	if (refusals == NULL)
		return;
	while (refusals->oldest != NULL) {
		tell(refusals->oldest, true);
		remove_place(refusals, refusals->oldest);
	}
	vs_timer_destroy(refusals->timer);
	vs_free(refusals);
}

/* One for which there is room, or the rest, whose minutes begin without a line: it may be a flood. */
static struct place *make_place(
	struct vs_refusals *refusals, const struct vs_addr *from, const char key[VS_LIMITER_ADDR_KEY])
{
	struct place *place;

	if (HASH_COUNT(refusals->by_key) >= VS_REFUSALS_ADDRESSES) {
		if (!refusals->rest_is_listed)
			begin_minute(refusals, &refusals->the_rest);
		refusals->rest_is_listed = true;
		return &refusals->the_rest;
	}
	place = vs_zalloc(sizeof(*place));
	memcpy(place->key, key, sizeof(place->key));
	if (from->family == 0)
		memcpy(place->text, LOCAL, sizeof(LOCAL));
	else
		vs_addr_format(from, place->text);
	HASH_ADD(hh, refusals->by_key, key, sizeof(place->key), place);
	begin_minute(refusals, place);
	return place;
}

void vs_refusals_note(struct vs_refusals *refusals, const struct vs_addr *from, enum vs_refused why)
{
	char key[VS_LIMITER_ADDR_KEY] = {0};
	struct place *place;

	(void)vs_limiter_addr_key(from, key);
	HASH_FIND(hh, refusals->by_key, key, sizeof(key), place);
	if (place != NULL) {
		place->untold[why]++;
		return;
	}
	place = make_place(refusals, from, key);
	place->untold[why]++;
	if (place != &refusals->the_rest)
		tell(place, false);
}
