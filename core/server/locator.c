#include "server/locator.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "base/wheel.h"
#include "loop/loop.h"
#include "model/atlas.h"
#include "model/place_answer.h"
#include "model/quorum.h"
#include "plug/locate_round.h"
#include "server/limiter.h"
#include "server/place_answers.h"
#include "server/place_book.h"
#include "server/stats.h"

#define FIRST_REST_MS UINT64_C(30000)
#define LAST_REST_MS UINT64_C(21600000)
/* After so many the rest is the longest, and one that was not wanted again is forgotten. */
#define TRIES_MAX 16
#define IDLE_MS UINT64_C(600000) /* clients come back every few minutes */
#define WHEEL_TICK_MS 1000
#define HOUR_MS UINT64_C(3600000)
#define CLIENTS_MAX 65536 /* of whom is known how many they had; a few MiB */

/* IDLE: it has rested, and nobody wanted it meanwhile. */
enum phase { WAITING, ASKED, RESTING, IDLE };

struct wanted {
	struct vs_addr addr;
	enum phase phase;
	bool again; /* somebody needs it, though it rests */
	unsigned tries; /* that did not settle it */
	struct vs_deadline deadline; /* of the rest, or of being forgotten; first of nothing */
	struct wanted *prev; /* in the queue */
	struct wanted *next;
	UT_hash_handle hh;
};

struct vs_locator {
	struct vs_locator_parts parts;
	struct vs_locate_round *round; /* NULL: nobody is asked */
	size_t quorum;
	struct vs_hash_seed seed;
	struct wanted *all;
	struct wanted *queue; /* WAITING */
	size_t waiting;
	struct wanted *asked; /* ASKED; NULL: nobody */
	struct vs_wheel *resting;
	size_t resting_count;
	struct vs_timer *turn; /* asks for the next, when somebody can be asked */
	struct vs_timer *tick; /* turns the wheel while any rest */
	struct vs_limiter *clients; /* addresses that each may have looked up */
	bool full; /* told */
	bool greedy; /* likewise: of a client that has too many */
};

static unsigned hash_of(const struct vs_locator *locator, const struct vs_addr *addr)
{
	return (unsigned)vs_hash(&locator->seed, addr, sizeof(*addr));
}

static struct wanted *find(const struct vs_locator *locator, const struct vs_addr *addr)
{
	struct wanted *wanted;

	HASH_FIND_BYHASHVALUE(hh, locator->all, addr, sizeof(*addr), hash_of(locator, addr), wanted);
	return wanted;
}

static struct wanted *of_deadline(struct vs_deadline *deadline)
{
	return (struct wanted *)((char *)deadline - offsetof(struct wanted, deadline));
}

/* --- the queue ------------------------------------------------------------------------- */

static void hurry(struct vs_locator *locator)
{
	if (locator->round != NULL && locator->asked == NULL && locator->queue != NULL)
		vs_timer_start(locator->turn, 0);
}

static void enqueue(struct vs_locator *locator, struct wanted *wanted, bool first)
{
	wanted->phase = WAITING;
	wanted->again = false;
	if (first)
		DL_PREPEND(locator->queue, wanted);
	else
		DL_APPEND(locator->queue, wanted);
	locator->waiting++;
	hurry(locator);
}

static void dequeue(struct vs_locator *locator, struct wanted *wanted)
{
	DL_DELETE(locator->queue, wanted);
	locator->waiting--;
}

static void forget(struct vs_locator *locator, struct wanted *wanted)
{
	HASH_DELETE(hh, locator->all, wanted);
	vs_free(wanted);
}

static void put_aside(struct vs_locator *locator, struct wanted *wanted, enum phase phase, uint64_t length_ms)
{
	wanted->phase = phase;
	vs_wheel_set(locator->resting, &wanted->deadline, locator->parts.clock.mono_ms() + length_ms);
	locator->resting_count++;
}

static void rest(struct vs_locator *locator, struct wanted *wanted, bool partial)
{
	uint64_t length = LAST_REST_MS;

	if (wanted->tries < TRIES_MAX)
		wanted->tries++;
	if (wanted->tries <= 10)
		length = FIRST_REST_MS << (wanted->tries - 1);
	wanted->again = partial && wanted->tries < TRIES_MAX;
	put_aside(locator, wanted, RESTING, length);
	if (!vs_timer_is_set(locator->tick))
		vs_timer_start(locator->tick, WHEEL_TICK_MS);
}

/* One that nobody needs any more is forgotten after a while; with it how often it was tried. */
static void on_tick(void *arg)
{
	struct vs_locator *locator = arg;
	struct vs_deadline *deadline;
	struct wanted *wanted;

	while ((deadline = vs_wheel_next_due(locator->resting, locator->parts.clock.mono_ms())) != NULL) {
		wanted = of_deadline(deadline);
		locator->resting_count--;
		if (wanted->again)
			enqueue(locator, wanted, false);
		else if (wanted->phase == RESTING)
			put_aside(locator, wanted, IDLE, IDLE_MS);
		else
			forget(locator, wanted);
	}
	if (locator->resting_count > 0)
		vs_timer_start(locator->tick, WHEEL_TICK_MS);
}

/* --- asking ---------------------------------------------------------------------------- */

static bool is_enough(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	struct vs_locator *locator = arg;
	struct vs_place_answers read;

	vs_place_answers_read(&read, answers, count);
	return vs_quorum_is_reached(&locator->asked->addr, read.items, read.count, (uint8_t)locator->quorum);
}

static void say(const struct vs_addr *addr, const struct vs_quorum *quorum)
{
	const struct vs_place *place = &quorum->place;
	char text[VS_ADDR_TEXT];

	vs_addr_format(addr, text);
	vs_log(VS_LOG_DEBUG, "locate", "%s: AS%u %s, %s (%s)%s%s", text, (unsigned)place->asn, place->org,
		place->country, place->sources, place->disagreement[0] != '\0' ? "; " : "",
		place->disagreement);
}

static void on_answers(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	struct vs_locator *locator = arg;
	struct wanted *wanted = locator->asked;
	struct vs_place_answers read;
	struct vs_quorum quorum;

	locator->asked = NULL;
	vs_place_answers_read(&read, answers, count);
	locator->parts.stats->count[VS_STAT_LOCATE_QUESTIONS] += count;
	if (read.count > 0) {
		vs_quorum_decide(&quorum, &wanted->addr, read.items, read.count, (uint8_t)locator->quorum,
			locator->parts.clock.wall_ms());
		say(&wanted->addr, &quorum);
		vs_place_book_put(locator->parts.book, &wanted->addr, &quorum.place);
		locator->parts.stats->count[VS_STAT_LOCATED]++;
		if (locator->parts.located != NULL)
			locator->parts.located(locator->parts.arg, &wanted->addr, &quorum.place);
	}
	/* When all were heard and do not agree, asking again is of no use before it is stale. */
	if (read.count > 0 && (quorum.reached || read.count == vs_locate_round_sources(locator->round)))
		forget(locator, wanted);
	else
		rest(locator, wanted, read.count > 0);
	hurry(locator);
}

static void on_turn(void *arg)
{
	struct vs_locator *locator = arg;
	struct wanted *wanted = locator->queue;
	char text[VS_ADDR_TEXT];
	int64_t wait;

	if (locator->round == NULL || locator->asked != NULL || wanted == NULL)
		return;
	wait = vs_locate_round_wait(locator->round);
	if (wait != 0) {
		if (wait > 0)
			vs_timer_start(locator->turn, (uint64_t)wait);
		return;
	}
	dequeue(locator, wanted);
	wanted->phase = ASKED;
	locator->asked = wanted;
	vs_addr_format(&wanted->addr, text);
	(void)vs_locate_round_start(locator->round, text);
}

/* --- wanting --------------------------------------------------------------------------- */

static struct wanted *add(struct vs_locator *locator, const struct vs_addr *addr)
{
	struct wanted *wanted;

	if (HASH_COUNT(locator->all) >= VS_LOCATOR_MAX) {
		if (!locator->full)
			vs_log(VS_LOG_WARN, "locate",
				"%d addresses wait for their place: more are not taken until there is room "
				"(told once)",
				VS_LOCATOR_MAX);
		locator->full = true;
		return NULL;
	}
	wanted = vs_zalloc(sizeof(*wanted));
	wanted->addr = *addr;
	HASH_ADD_BYHASHVALUE(hh, locator->all, addr, sizeof(wanted->addr), hash_of(locator, addr), wanted);
	return wanted;
}

static bool is_known(const struct vs_locator *locator, const struct vs_addr *addr)
{
	const struct vs_place *place =
		vs_atlas_find(locator->parts.atlas, addr, locator->parts.clock.wall_ms());

	return place != NULL && !place->stale;
}

/* NULL: the server itself. */
static bool may_have_more(struct vs_locator *locator, const char *client_id)
{
	struct vs_limit limit;

	if (client_id == NULL)
		return true;
	vs_limiter_take(locator->clients, vs_view_of(client_id), locator->parts.clock.mono_ms(), &limit);
	if (!limit.allowed && !locator->greedy)
		vs_log(VS_LOG_WARN, "locate",
			"%s tells more new addresses than are looked up for one client: %d, then %d an hour "
			"(told once)",
			client_id, VS_LOCATOR_OF_ONE, VS_LOCATOR_OF_ONE_PER_HOUR);
	locator->greedy |= !limit.allowed;
	return limit.allowed;
}

static void want(struct vs_locator *locator, const char *client_id, const struct vs_addr *addr, bool first)
{
	struct wanted *wanted;

	if (locator->round == NULL || !vs_place_can_be_asked(addr))
		return;
	wanted = find(locator, addr);
	if (wanted != NULL) {
		wanted->again = true;
		if (wanted->phase == IDLE) {
			vs_wheel_drop(locator->resting, &wanted->deadline);
			locator->resting_count--;
			enqueue(locator, wanted, first);
		}
		if (first && wanted->phase == WAITING && locator->queue != wanted) {
			dequeue(locator, wanted);
			enqueue(locator, wanted, true);
		}
		return;
	}
	if (is_known(locator, addr) || !may_have_more(locator, client_id))
		return;
	wanted = add(locator, addr);
	if (wanted != NULL)
		enqueue(locator, wanted, first);
}

void vs_locator_want(struct vs_locator *locator, const char *client_id, const struct vs_addr *addr)
{
	want(locator, client_id, addr, false);
}

void vs_locator_want_first(struct vs_locator *locator, const struct vs_addr *addr)
{
	want(locator, NULL, addr, true);
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_locator *vs_locator_create(const struct vs_locator_parts *parts)
{
	const struct vs_limiter_conf clients = {
		VS_LOCATOR_OF_ONE_PER_HOUR, HOUR_MS, VS_LOCATOR_OF_ONE, CLIENTS_MAX};
	struct vs_locator *locator = vs_zalloc(sizeof(*locator));

	locator->parts = *parts;
	vs_hash_seed_init(&locator->seed);
	locator->clients = vs_limiter_create(&clients);
	locator->resting = vs_wheel_create(parts->clock.mono_ms(), WHEEL_TICK_MS);
	locator->turn = vs_timer_create(parts->loop, on_turn, locator);
	locator->tick = vs_timer_create(parts->loop, on_tick, locator);
	return locator;
}

static void forget_all(struct vs_locator *locator)
{
	struct wanted *wanted;
	struct wanted *next;

	HASH_ITER (hh, locator->all, wanted, next) {
		vs_wheel_drop(locator->resting, &wanted->deadline);
		forget(locator, wanted);
	}
	locator->queue = NULL;
	locator->asked = NULL;
	locator->waiting = 0;
	locator->resting_count = 0;
}

void vs_locator_ask(
	struct vs_locator *locator, const struct vs_locate_source *sources, size_t count, size_t quorum)
{
	const struct vs_locate_settings settings = {
		locator->parts.state, locator->parts.clock.wall_ms, quorum};
	const struct vs_locate_events events = {is_enough, on_answers, locator};
	struct wanted *asked = locator->asked;

	vs_locate_round_destroy(locator->round);
	locator->round = NULL;
	locator->asked = NULL;
	locator->quorum = quorum;
	vs_timer_stop(locator->turn);
	if (count == 0) {
		forget_all(locator);
		return;
	}
	locator->round = vs_locate_round_create(locator->parts.loop, sources, count, &settings, &events);
	if (asked != NULL)
		enqueue(locator, asked, true);
	hurry(locator);
}

void vs_locator_destroy(struct vs_locator *locator)
{
	if (locator == NULL)
		return;
	vs_locate_round_destroy(locator->round);
	forget_all(locator);
	vs_timer_destroy(locator->turn);
	vs_timer_destroy(locator->tick);
	vs_wheel_destroy(locator->resting);
	vs_limiter_destroy(locator->clients);
	vs_free(locator);
}

bool vs_locator_is_on(const struct vs_locator *locator)
{
	return locator->round != NULL;
}

size_t vs_locator_waiting(const struct vs_locator *locator)
{
	return locator->waiting + (locator->asked != NULL ? 1 : 0);
}

size_t vs_locator_sources(const struct vs_locator *locator)
{
	return locator->round == NULL ? 0 : vs_locate_round_sources(locator->round);
}

void vs_locator_source(const struct vs_locator *locator, size_t index, struct vs_locate_state *state)
{
	vs_locate_round_source(locator->round, index, state);
}
