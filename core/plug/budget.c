#include "plug/budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define FIRST_REST_MS INT64_C(300000)
#define LAST_REST_MS INT64_C(21600000)
#define FIRST_UNREACHED_MS INT64_C(30000)
#define LAST_UNREACHED_MS INT64_C(600000)
#define LONGEST_REST_MS INT64_C(86400000) /* nobody may silence a source for longer */
#define DIVISOR (VS_BUDGET_SLOTS - 1)
#define FORM "1" /* of the text */

static int64_t slot_ms(const struct vs_budget *budget)
{
	int64_t length = budget->per_ms / DIVISOR + (budget->per_ms % DIVISOR != 0);

	return length > 0 ? length : 1;
}

static int64_t slot_of(const struct vs_budget *budget, int64_t now)
{
	return now / slot_ms(budget);
}

/* How many slots have begun since the newest. A clock that was set back stands still meanwhile. */
static int64_t passed(const struct vs_budget *budget, int64_t now)
{
	int64_t slots = slot_of(budget, now) - budget->slot;

	return slots < 0 ? 0 : slots;
}

/* Of those that still count when `slots` more have begun. */
static uint64_t sum_after(const struct vs_budget *budget, int64_t slots)
{
	uint64_t sum = 0;
	int64_t i;

	for (i = 0; i + slots < VS_BUDGET_SLOTS; i++)
		sum += budget->used[i];
	return sum;
}

uint32_t vs_budget_used(const struct vs_budget *budget, int64_t now)
{
	uint64_t sum = sum_after(budget, passed(budget, now));

	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

static bool is_spent(const struct vs_budget *budget, int64_t slots)
{
	return budget->requests > 0 && sum_after(budget, slots) >= (uint64_t)budget->requests;
}

bool vs_budget_rests(const struct vs_budget *budget, int64_t now)
{
	return now < budget->rest_until;
}

/* A clock that was set back must not make a rest longer than any rest is. */
static int64_t rest_left(const struct vs_budget *budget, int64_t now)
{
	int64_t left = budget->rest_until - now;

	return left < 0 ? 0 : left < LONGEST_REST_MS ? left : LONGEST_REST_MS;
}

int64_t vs_budget_wait(const struct vs_budget *budget, int64_t now)
{
	int64_t gone = passed(budget, now);
	int64_t rest = rest_left(budget, now);
	int64_t more = 0;
	int64_t wait = 0;

	while (is_spent(budget, gone + more) && gone + more < VS_BUDGET_SLOTS)
		more++;
	if (more > 0)
		wait = more * slot_ms(budget) - now % slot_ms(budget);
	return wait > rest ? wait : rest;
}

void vs_budget_settle(struct vs_budget *budget, int64_t now)
{
	if (slot_of(budget, now) < budget->slot)
		budget->slot = slot_of(budget, now);
	if (budget->rest_until - now > LONGEST_REST_MS)
		budget->rest_until = now + LONGEST_REST_MS;
}

static void move_to(struct vs_budget *budget, int64_t now)
{
	int64_t slots = passed(budget, now);
	size_t kept;

	vs_budget_settle(budget, now);
	if (slots == 0 && budget->slot != 0)
		return;
	kept = slots < VS_BUDGET_SLOTS ? VS_BUDGET_SLOTS - (size_t)slots : 0;
	memmove(budget->used + VS_BUDGET_SLOTS - kept, budget->used, kept * sizeof(budget->used[0]));
	memset(budget->used, 0, (VS_BUDGET_SLOTS - kept) * sizeof(budget->used[0]));
	budget->slot = slot_of(budget, now);
}

void vs_budget_take(struct vs_budget *budget, int64_t now)
{
	if (budget->per_ms <= 0)
		return;
	move_to(budget, now);
	if (budget->used[0] < UINT32_MAX)
		budget->used[0]++;
}

void vs_budget_answered(struct vs_budget *budget)
{
	budget->rest_ms = 0;
	budget->rest_until = 0;
}

static int64_t grown(const struct vs_budget *budget, int64_t first, int64_t last)
{
	int64_t rest = budget->rest_ms * 2 > first ? budget->rest_ms * 2 : first;

	return rest < last ? rest : last;
}

void vs_budget_refused(struct vs_budget *budget, int64_t wished_ms, int64_t now)
{
	int64_t rest = wished_ms < LONGEST_REST_MS ? wished_ms : LONGEST_REST_MS;

	if (wished_ms <= 0) {
		rest = grown(budget, FIRST_REST_MS, LAST_REST_MS);
		budget->rest_ms = rest;
	}
	budget->rest_until = now + rest;
}

/* What has grown by refusals goes on from there when it refuses again. */
void vs_budget_unreached(struct vs_budget *budget, int64_t now)
{
	int64_t rest = grown(budget, FIRST_UNREACHED_MS, LAST_UNREACHED_MS);

	if (budget->rest_ms < rest)
		budget->rest_ms = rest;
	budget->rest_until = now + rest;
}

void vs_budget_limit(struct vs_budget *budget, int64_t requests, int64_t per_ms)
{
	struct vs_budget before = *budget;
	uint64_t sum = 0;
	size_t i;

	budget->requests = requests;
	budget->per_ms = per_ms;
	if (before.per_ms == per_ms || before.per_ms <= 0 || per_ms <= 0)
		return;
	for (i = 0; i < VS_BUDGET_SLOTS; i++)
		sum += before.used[i];
	memset(budget->used, 0, sizeof(budget->used));
	budget->used[0] = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
	budget->slot = before.slot * slot_ms(&before) / slot_ms(budget);
}

void vs_budget_write(const struct vs_budget *budget, struct vs_buf *out)
{
	size_t i;

	vs_buf_printf(out, FORM " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, budget->per_ms, budget->slot,
		budget->rest_until, budget->rest_ms);
	for (i = 0; i < VS_BUDGET_SLOTS; i++)
		vs_buf_printf(out, " %" PRIu32, budget->used[i]);
}

static bool next_number(struct vs_view *rest, int64_t max, int64_t *number)
{
	struct vs_view part;

	return vs_view_split(rest, ' ', &part) && vs_int_parse(number, part) == 0 && *number >= 0 &&
	       *number <= max;
}

static bool read_numbers(struct vs_budget *budget, struct vs_view text)
{
	struct vs_view form;
	int64_t number;
	size_t i;

	if (!vs_view_split(&text, ' ', &form) || !vs_view_equal_text(form, FORM) ||
		!next_number(&text, INT64_MAX / 2, &budget->per_ms) ||
		!next_number(&text, INT64_MAX / 2, &budget->slot) ||
		!next_number(&text, INT64_MAX / 2, &budget->rest_until) ||
		!next_number(&text, LAST_REST_MS, &budget->rest_ms))
		return false;
	for (i = 0; i < VS_BUDGET_SLOTS; i++) {
		if (!next_number(&text, UINT32_MAX, &number))
			return false;
		budget->used[i] = (uint32_t)number;
	}
	return text.ptr == NULL; /* and nothing behind it */
}

bool vs_budget_read(struct vs_budget *budget, struct vs_view text, int64_t now)
{
	struct vs_budget read = {0};
	int64_t requests = budget->requests;
	int64_t per_ms = budget->per_ms;
	bool good = read_numbers(&read, text);

	/* Far in the future is a time that no clock of ours has seen. */
	if (!good || (read.per_ms > 0 && read.slot > INT64_MAX / 2 / slot_ms(&read)))
		read = (struct vs_budget){0};
	*budget = read;
	if (budget->rest_until - now > LONGEST_REST_MS)
		budget->rest_until = now + LONGEST_REST_MS;
	vs_budget_limit(budget, requests, per_ms);
	return good;
}
