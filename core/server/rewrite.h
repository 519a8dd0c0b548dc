/*
 * Everything the server knows, for a store that was damaged and begins empty: the ledger's source. [loop]
 *
 * The order is that of harm, should the server die before all is written: first what is wrong with the
 * server itself, what people silenced and acknowledged, and what plugins remember; then every waiting
 * message, with what was told of the same incident; then clients with open incidents, each with what was told
 * of these; then all others; then what is known of places. So a client that is in the new store has all that
 * belongs to it there too: no incident is told twice or ends untold. Clients that were not written yet are
 * new ones after such an end, which the next start knows and says (half.h); a fleet of a few hundred clients
 * is one transaction, and has no such moment.
 */
#ifndef VS_SERVER_REWRITE_H
#define VS_SERVER_REWRITE_H

struct vs_acks;
struct vs_ledger;
struct vs_monitor;
struct vs_outbox;
struct vs_place_book;
struct vs_registry;
struct vs_reminders;
struct vs_rewrite;
struct vs_silences;
struct vs_state_book;

/* All borrowed. */
struct vs_rewrite_parts {
	struct vs_ledger *ledger;
	struct vs_registry *registry;
	struct vs_monitor *monitor;
	struct vs_outbox *outbox;
	struct vs_state_book *book;
	struct vs_place_book *places; /* NULL: there is none */
	struct vs_silences *silences; /* NULL: there are none */
	struct vs_acks *acks; /* NULL: there are none */
	struct vs_reminders *reminders; /* NULL: there are none */
};

/* From here on ledger mends a damaged store. When what was stored has been read, not before. */
struct vs_rewrite *vs_rewrite_create(const struct vs_rewrite_parts *parts);
/* Before any of the parts goes. NULL is fine. */
void vs_rewrite_destroy(struct vs_rewrite *rewrite);

#endif
