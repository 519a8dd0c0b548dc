/*
 * Deadlines of connections. All of one class wait equally long, so each class is a queue in the
 * order of expiry: setting, moving and dropping cost the same for any number of connections, and
 * one timer serves them all.
 */
#ifndef VS_NET_HTTP_DEADLINE_H
#define VS_NET_HTTP_DEADLINE_H

#include <stdint.h>

struct vs_loop;
struct vs_timer;

enum vs_http_wait {
	VS_HTTP_WAIT_NONE,
	VS_HTTP_WAIT_HANDSHAKE, /* of an encrypted connection */
	VS_HTTP_WAIT_REQUEST, /* a request began and is not complete */
	VS_HTTP_WAIT_IDLE,
	VS_HTTP_WAIT_WRITE,
	VS_HTTP_WAIT_WRITE_STRANGER, /* the same, to somebody whom nobody has let in */
	VS_HTTP_WAIT_LINGER,
	VS_HTTP_WAITS,
};

/* Embedded in what has it; zeroed means none. */
struct vs_http_deadline {
	struct vs_http_deadline *prev;
	struct vs_http_deadline *next;
	uint64_t at_ms;
	enum vs_http_wait wait;
};

struct vs_http_deadlines {
	struct vs_loop *loop;
	struct vs_timer *timer;
	uint64_t fires_at_ms; /* 0: the timer is not set */
	uint32_t duration_ms[VS_HTTP_WAITS];
	struct vs_http_deadline *queues[VS_HTTP_WAITS];
	/* It was dropped before; wait is what it was. */
	void (*expired)(void *arg, struct vs_http_deadline *deadline, enum vs_http_wait wait);
	void *arg;
};

/* The caller has set duration_ms, expired and arg. */
void vs_http_deadlines_init(struct vs_http_deadlines *deadlines, struct vs_loop *loop);
void vs_http_deadlines_fini(struct vs_http_deadlines *deadlines);
void vs_http_deadline_set(
	struct vs_http_deadlines *deadlines, struct vs_http_deadline *deadline, enum vs_http_wait wait);
void vs_http_deadline_drop(struct vs_http_deadlines *deadlines, struct vs_http_deadline *deadline);
/* The one that will expire first, or NULL. */
struct vs_http_deadline *vs_http_deadline_first(
	const struct vs_http_deadlines *deadlines, enum vs_http_wait wait);
uint64_t vs_http_deadline_age(/* of one that is set: milliseconds since then */
	const struct vs_http_deadlines *deadlines, const struct vs_http_deadline *deadline);

#endif
