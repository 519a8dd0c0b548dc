/*
 * A timer wheel: any number of deadlines, constant cost to set, move and drop.
 * Pure: the caller says what time it is. Deadlines fire up to one tick late, never early.
 */
#ifndef VS_BASE_WHEEL_H
#define VS_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

struct vs_wheel;

/* Embed one in the thing that has the deadline; zeroed means not set. */
struct vs_deadline {
	struct vs_deadline *prev;
	struct vs_deadline *next;
	uint64_t at_ms;
};

struct vs_wheel *vs_wheel_create(uint64_t now_ms, uint32_t tick_ms);
void vs_wheel_destroy(struct vs_wheel *wheel); /* deadlines still set are dropped, not fired */
void vs_wheel_set(
	struct vs_wheel *wheel, struct vs_deadline *deadline, uint64_t at_ms); /* moves one already set */
void vs_wheel_drop(struct vs_wheel *wheel, struct vs_deadline *deadline); /* not set is fine */
bool vs_wheel_is_set(const struct vs_deadline *deadline);

/*
 * Takes one due deadline off the wheel, NULL when none is left at now_ms. Called in a
 * loop; the caller may set or drop any deadline between two calls.
 */
struct vs_deadline *vs_wheel_next_due(struct vs_wheel *wheel, uint64_t now_ms);

#endif
