/*
 * A channel that was absent is configured again while the server runs: what is stored for it comes back into
 * its queue, and what it had told. [loop]
 *
 * The channel is one without a port meanwhile, so that nothing new passes what is older, and no end of an
 * incident goes out before it is known whether its beginning did. A store that refuses holds it up no longer
 * than its answer takes: then the channel begins without, and the rest follows when the store is back.
 */
#ifndef VS_SERVER_COMEBACK_H
#define VS_SERVER_COMEBACK_H

#include <stdbool.h>

#include "base/id.h"
#include "server/absent.h"
#include "server/outbox.h"

struct vs_channel;
struct vs_comeback;
struct vs_ledger;
struct vs_loop;

struct vs_comeback_conf {
	struct vs_loop *loop;
	struct vs_ledger *ledger;
	struct vs_channel *channel;
	struct vs_channel_port port; /* what the channel gets afterwards */
	struct vs_absent_count stored;
	char last_id[VS_ULID_TEXT]; /* of all deliveries so far: later ones are in the queue already */
};

struct vs_comeback *vs_comeback_create(const struct vs_comeback_conf *conf);
/* Before its channel. What is not back stays in the store. NULL is fine. */
void vs_comeback_destroy(struct vs_comeback *comeback);

/* The channel is to have another port: it gets that one. False: it has one already, and is the caller's. */
bool vs_comeback_set_port(struct vs_comeback *comeback, const struct vs_channel_port *port);
/* What is still stored only. False: all is back, and the comeback at its end. */
bool vs_comeback_is_waiting(const struct vs_comeback *comeback, struct vs_absent_count *stored);
/* The store lost what it held: that of a channel which is not all back, too. Adds it, and the name. */
void vs_comeback_lose(struct vs_comeback *comeback, struct vs_absent_count *lost, struct vs_buf *names);

#endif
