/*
 * Hashed: a deadline hangs in the slot of its tick modulo SLOTS, whatever the
 * revolution. When the cursor reaches a slot, its whole list moves to pending;
 * what is due there is handed out one by one, what belongs to a later
 * revolution goes back. So each deadline is looked at once a revolution, and
 * the caller may take any of them away in between.
 */
#include "base/wheel.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/require.h"

#define SLOTS 4096u

struct vs_wheel {
	uint64_t tick_ms;
	uint64_t tick; /* the next tick to visit: all before it have been */
	struct vs_deadline pending;
	struct vs_deadline slots[SLOTS];
};

static void list_init(struct vs_deadline *head)
{
	head->prev = head;
	head->next = head;
}

static void list_append(struct vs_deadline *head, struct vs_deadline *deadline)
{
	deadline->prev = head->prev;
	deadline->next = head;
	head->prev->next = deadline;
	head->prev = deadline;
}

static void list_remove(struct vs_deadline *deadline)
{
	deadline->prev->next = deadline->next;
	deadline->next->prev = deadline->prev;
	deadline->prev = NULL;
	deadline->next = NULL;
}

static void list_move_all(struct vs_deadline *to, struct vs_deadline *from)
{
	if (from->next == from)
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	list_init(from);
}

static void list_drop_all(struct vs_deadline *head)
{
	while (head->next != head)
		list_remove(head->next);
}

struct vs_wheel *vs_wheel_create(uint64_t now_ms, uint32_t tick_ms)
{
	struct vs_wheel *wheel = vs_alloc(sizeof(*wheel));

	VS_REQUIRE(tick_ms > 0);
	wheel->tick_ms = tick_ms;
	wheel->tick = now_ms / tick_ms + 1;
	list_init(&wheel->pending);
	for (size_t i = 0; i < SLOTS; i++)
		list_init(&wheel->slots[i]);
	return wheel;
}

void vs_wheel_destroy(struct vs_wheel *wheel)
{
	if (!wheel)
		return;
	list_drop_all(&wheel->pending);
	for (size_t i = 0; i < SLOTS; i++)
		list_drop_all(&wheel->slots[i]);
	vs_free(wheel);
}

static void place(struct vs_wheel *wheel, struct vs_deadline *deadline)
{
	uint64_t tick = deadline->at_ms / wheel->tick_ms + (deadline->at_ms % wheel->tick_ms != 0);

	/* The past fires on the next tick, never in this one: a loop that re-arms must end. */
	if (tick < wheel->tick)
		tick = wheel->tick;
	list_append(&wheel->slots[tick % SLOTS], deadline);
}

void vs_wheel_set(struct vs_wheel *wheel, struct vs_deadline *deadline, uint64_t at_ms)
{
	vs_wheel_drop(wheel, deadline);
	deadline->at_ms = at_ms;
	place(wheel, deadline);
}

void vs_wheel_drop(struct vs_wheel *wheel, struct vs_deadline *deadline)
{
	(void)wheel;
	if (vs_wheel_is_set(deadline))
		list_remove(deadline);
}

bool vs_wheel_is_set(const struct vs_deadline *deadline)
{
	return deadline->next != NULL;
}

static struct vs_deadline *next_pending(struct vs_wheel *wheel, uint64_t now_ms)
{
	struct vs_deadline *head = &wheel->pending;

	while (head->next != head) {
		struct vs_deadline *deadline = head->next;

		list_remove(deadline);
		if (deadline->at_ms <= now_ms)
			return deadline;
		place(wheel, deadline);
	}
	return NULL;
}

struct vs_deadline *vs_wheel_next_due(struct vs_wheel *wheel, uint64_t now_ms)
{
	uint64_t last = now_ms / wheel->tick_ms;
	struct vs_deadline *due;

	/* However far the clock jumped, one revolution sees every slot. */
	if (last >= SLOTS && wheel->tick < last - SLOTS + 1)
		wheel->tick = last - SLOTS + 1;
	while (!(due = next_pending(wheel, now_ms)) && wheel->tick <= last) {
		list_move_all(&wheel->pending, &wheel->slots[wheel->tick % SLOTS]);
		wheel->tick++;
	}
	return due;
}
