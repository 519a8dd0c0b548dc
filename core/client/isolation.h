/*
 * Whether this client's network namespace is dead: no device but loopback is up, as after a restart of the
 * container whose network it shares; or that was started again, and only a device that died with nobody, such
 * as WireGuard's of the kernel, is left. Nothing in it will ever be reached again, and only a new process
 * gets into the new namespace. [loop]
 */
#ifndef VS_CLIENT_ISOLATION_H
#define VS_CLIENT_ISOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_loop;
struct vs_isolation;

enum vs_isolation_seen { VS_ISOLATION_UNKNOWN, VS_ISOLATION_DEVICES, VS_ISOLATION_ALONE, VS_ISOLATION_LEFT };

/*
 * How long it has been so, from looks. Pure; zeroed: not looked yet. What lies between two looks counts when
 * both saw a dead one, and as long as looks are meant to be apart: what a machine slept through was
 * not seen.
 */
struct vs_isolated {
	uint8_t seen; /* enum vs_isolation_seen */
	uint64_t looked_ms; /* mono */
	uint64_t dead_ms;
};
void vs_isolated_look(
	struct vs_isolated *isolated, enum vs_isolation_seen seen, uint64_t now_ms, uint64_t period_ms);

struct vs_isolation_settings {
	int (*count)(size_t *up); /* devices but loopback; NULL: those of this namespace */
	bool (*left)(void *arg); /* whether it is dead all the same, when there are some. NULL: never */
	bool (*ready)(void *arg); /* at the limit, and at each look after it: false waits. NULL: always */
	void (*over)(void *arg); /* it has been so for the limit; once */
	void *arg;
};

/* settings are copied. Watches nothing until there is a limit. */
struct vs_isolation *vs_isolation_create(struct vs_loop *loop, const struct vs_isolation_settings *settings);
void vs_isolation_destroy(struct vs_isolation *self); /* NULL is fine; not from inside over */

/* Counts from when it is seen from now on, unless the limit is the same. 0: nobody is told. */
void vs_isolation_limit(struct vs_isolation *self, uint64_t limit_ms);

bool vs_isolation_was_left(const struct vs_isolation *self); /* at the last look: there were devices */

/* Looks now: no device; false when the kernel does not say. */
bool vs_isolation_is(const struct vs_isolation *self);

#endif
