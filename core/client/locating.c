#include "client/locating.h"

#include <string.h>

#include "vpn_sentinel/probe.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "config/arena.h"
#include "loop/loop.h"
#include "model/atlas.h"
#include "model/fact.h"
#include "model/place_answer.h"
#include "model/quorum.h"
#include "plug/locate_round.h"

#define OWNER "locate" /* in the state; those of plugins have a slash */
#define KEY "places"
#define EXITS 2 /* of a round: one a family */
#define FIRST_REST_MS UINT64_C(300000)
#define LAST_REST_MS UINT64_C(21600000)

struct exit {
	struct vs_addr addr; /* family 0: not wanted */
	uint64_t not_before_ms; /* mono; after a failure */
	uint64_t rest_ms; /* the last one */
};

struct vs_locating {
	struct vs_loop *loop;
	struct vs_state_backend state;
	uint64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
	struct vs_atlas *atlas;
	struct vs_locate_round *round; /* NULL: nobody is asked */
	size_t quorum;
	struct vs_timer *turn;
	struct exit exits[EXITS]; /* of the last round, as far as they are to be asked for */
	size_t asked; /* which of them; EXITS: none */
	struct vs_arena memory; /* of the last result */
};

/* --- what is remembered ---------------------------------------------------------------- */

static void add_place(void *arg, const struct vs_addr *addr, const struct vs_place *place)
{
	struct vs_buf *text = arg;
	struct vs_buf record;
	size_t i;

	vs_buf_init(&record);
	vs_place_encode(addr, place, &record);
	if (text->len > 0)
		vs_buf_add_char(text, ' ');
	for (i = 0; i < record.len; i++)
		vs_buf_printf(text, "%02x", (unsigned)(unsigned char)record.ptr[i]);
	vs_buf_fini(&record);
}

static void remember(struct vs_locating *locating)
{
	struct vs_buf text;

	if (locating->state.put == NULL)
		return;
	vs_buf_init(&text);
	vs_atlas_each(locating->atlas, add_place, &text);
	(void)locating->state.put(locating->state.arg, OWNER, KEY, vs_buf_text(&text));
	vs_buf_fini(&text);
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* False for anything but pairs of digits. */
static bool unpack(struct vs_view text, struct vs_buf *bytes)
{
	size_t i;

	if (text.len % 2 != 0)
		return false;
	for (i = 0; i < text.len; i += 2) {
		int high = digit(text.ptr[i]);
		int low = digit(text.ptr[i + 1]);

		if (high < 0 || low < 0)
			return false;
		vs_buf_add_char(bytes, (char)(high << 4 | low));
	}
	return true;
}

static void recall_one(struct vs_locating *locating, struct vs_view text)
{
	struct vs_place place;
	struct vs_addr addr;
	struct vs_buf bytes;

	vs_buf_init(&bytes);
	if (unpack(text, &bytes) && vs_place_decode(&addr, &place, vs_buf_view(&bytes), NULL) == 0)
		vs_atlas_put(locating->atlas, &addr, &place);
	vs_buf_fini(&bytes);
}

static void recall(struct vs_locating *locating)
{
	const struct vs_state_backend *state = &locating->state;
	struct vs_view rest = vs_view_of(state->get == NULL ? NULL : state->get(state->arg, OWNER, KEY));
	struct vs_view one;

	while (vs_view_split(&rest, ' ', &one))
		recall_one(locating, one);
}

/* --- asking ---------------------------------------------------------------------------- */

static size_t read_answers(struct vs_place_answer items[VS_QUORUM_ANSWERS_MAX],
	const struct vs_locate_answer *answers, size_t count)
{
	size_t found = 0;
	size_t i;
	size_t k;

	for (i = 0; i < count && found < VS_QUORUM_ANSWERS_MAX; i++) {
		bool says = false;

		items[found] = (struct vs_place_answer){.source = answers[i].source};
		for (k = 0; k < answers[i].fact_count; k++)
			says |= vs_place_answer_take(
				&items[found], answers[i].facts[k].name, answers[i].facts[k].value);
		found += says ? 1 : 0;
	}
	return found;
}

static bool is_enough(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	struct vs_locating *locating = arg;
	struct vs_place_answer items[VS_QUORUM_ANSWERS_MAX];

	count = read_answers(items, answers, count);
	return vs_quorum_is_reached(
		&locating->exits[locating->asked].addr, items, count, (uint8_t)locating->quorum);
}

static void rest(struct vs_locating *locating, struct exit *exit)
{
	exit->rest_ms = exit->rest_ms == 0 ? FIRST_REST_MS : exit->rest_ms * 2;
	if (exit->rest_ms > LAST_REST_MS)
		exit->rest_ms = LAST_REST_MS;
	exit->not_before_ms = locating->mono_ms() + exit->rest_ms;
}

static void on_answers(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	struct vs_locating *locating = arg;
	struct exit *exit = &locating->exits[locating->asked];
	struct vs_place_answer items[VS_QUORUM_ANSWERS_MAX];
	struct vs_quorum quorum;

	count = read_answers(items, answers, count);
	if (count > 0) {
		vs_quorum_decide(
			&quorum, &exit->addr, items, count, (uint8_t)locating->quorum, locating->wall_ms());
		vs_atlas_put(locating->atlas, &exit->addr, &quorum.place);
		remember(locating);
		*exit = (struct exit){.addr = {0}};
	} else {
		rest(locating, exit);
	}
	locating->asked = EXITS;
	vs_timer_start(locating->turn, 0);
}

/* The first one that may be asked for now. */
static void on_turn(void *arg)
{
	struct vs_locating *locating = arg;
	char text[VS_ADDR_TEXT];
	size_t i = 0;

	if (locating->round == NULL || locating->asked < EXITS)
		return;
	while (i < EXITS && (locating->exits[i].addr.family == 0 ||
				    locating->mono_ms() < locating->exits[i].not_before_ms))
		i++;
	if (i == EXITS || vs_locate_round_wait(locating->round) != 0)
		return; /* the next round looks again */
	locating->asked = i;
	vs_addr_format(&locating->exits[i].addr, text);
	(void)vs_locate_round_start(locating->round, text);
}

/* Keeps how long to leave one alone that is wanted again. */
static void want(struct vs_locating *locating, size_t family, const struct vs_addr *addr)
{
	struct exit *exit = &locating->exits[family];

	if (locating->asked == family || vs_addr_equal(&exit->addr, addr))
		return;
	*exit = (struct exit){.addr = *addr};
}

/* --- a round --------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* The exit of each family, as the first told it. What a probe itself told the place of is not asked for. */
static void find_exits(
	const struct vs_round_result *results, size_t count, struct vs_addr exits[EXITS], bool told[EXITS])
{
	size_t i;
	size_t k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < results[i].fact_count; k++) {
			const struct vs_round_fact *fact = &results[i].facts[k];
			struct vs_addr addr;

			if (strcmp(fact->name, "exit.country") == 0)
				told[0] = true;
			else if (strcmp(fact->name, "exit6.country") == 0)
				told[1] = true;
			else if (fact->type == VPNS_FACT_ADDR && ends_with(fact->name, ".ip") &&
				 strncmp(fact->name, "udp", 3) != 0 &&
				 vs_addr_parse(&addr, vs_view_of(fact->value)) == 0 &&
				 exits[addr.family == 6].family == 0)
				exits[addr.family == 6] = addr;
		}
	}
}

static void add_facts(struct vs_locating *locating, const struct vs_place *place, uint8_t family,
	struct vs_round_result *found)
{
	struct vs_fact_value values[VS_PLACE_FACTS_MAX];
	struct vs_place_texts texts;
	struct vs_round_fact *facts;
	size_t count = vs_place_facts(place, family, locating->wall_ms(), values, &texts);
	size_t i;

	facts = vs_arena_alloc(&locating->memory, (found->fact_count + count + 1) * sizeof(*facts));
	if (found->fact_count > 0)
		memcpy(facts, found->facts, found->fact_count * sizeof(*facts));
	for (i = 0; i < count; i++)
		facts[found->fact_count + i] = (struct vs_round_fact){values[i].name,
			vs_arena_text(&locating->memory, values[i].value), (uint32_t)values[i].type};
	found->facts = facts;
	found->fact_count += count;
	if (place->stale && place->at < found->observed_at_ms)
		found->observed_at_ms = place->at;
}

bool vs_locating_look(struct vs_locating *locating, const struct vs_round_result *results, size_t count,
	struct vs_round_result *found)
{
	struct vs_addr exits[EXITS] = {{0}};
	bool told[EXITS] = {false};
	size_t i;

	if (locating->round == NULL)
		return false;
	vs_arena_fini(&locating->memory);
	vs_arena_init(&locating->memory);
	*found = (struct vs_round_result){.name = VS_PLACE_SOURCE,
		.plugin = VS_PLACE_SOURCE,
		.status = VPNS_PROBE_PASS,
		.reason = "",
		.observed_at_ms = locating->wall_ms(),
		.observed_mono_ms = locating->mono_ms()};
	find_exits(results, count, exits, told);
	for (i = 0; i < EXITS; i++) {
		const struct vs_place *place =
			exits[i].family == 0 || told[i]
				? NULL
				: vs_atlas_find(locating->atlas, &exits[i], found->observed_at_ms);

		if (place != NULL)
			add_facts(locating, place, exits[i].family, found);
		if ((place == NULL || place->stale) && !told[i] && vs_place_can_be_asked(&exits[i]))
			want(locating, i, &exits[i]);
	}
	vs_timer_start(locating->turn, 0);
	return found->fact_count > 0;
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_locating *vs_locating_create(struct vs_loop *loop, const struct vs_state_backend *state,
	uint64_t (*mono_ms)(void), int64_t (*wall_ms)(void))
{
	struct vs_locating *locating = vs_zalloc(sizeof(*locating));

	locating->loop = loop;
	locating->state = *state;
	locating->mono_ms = mono_ms;
	locating->wall_ms = wall_ms;
	locating->asked = EXITS;
	locating->atlas = vs_atlas_create(VS_LOCATING_MAX);
	locating->turn = vs_timer_create(loop, on_turn, locating);
	vs_arena_init(&locating->memory);
	recall(locating);
	return locating;
}

void vs_locating_destroy(struct vs_locating *locating)
{
	if (locating == NULL)
		return;
	vs_locate_round_destroy(locating->round);
	vs_timer_destroy(locating->turn);
	vs_atlas_destroy(locating->atlas);
	vs_arena_fini(&locating->memory);
	vs_free(locating);
}

void vs_locating_ask(struct vs_locating *locating, const struct vs_locate_source *sources, size_t count,
	size_t quorum, int64_t fresh_ms)
{
	const struct vs_locate_settings settings = {locating->state, locating->wall_ms, quorum};
	const struct vs_locate_events events = {is_enough, on_answers, locating};

	vs_locate_round_destroy(locating->round);
	locating->round = NULL;
	locating->asked = EXITS;
	locating->quorum = quorum;
	vs_atlas_set_fresh(locating->atlas, fresh_ms);
	if (count > 0)
		locating->round = vs_locate_round_create(locating->loop, sources, count, &settings, &events);
}
