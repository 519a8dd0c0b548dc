#include "server/rewrite.h"

#include "base/alloc.h"
#include "model/client.h"
#include "model/incident.h"
#include "server/acks.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/place_book.h"
#include "server/registry.h"
#include "server/reminders.h"
#include "server/silences.h"
#include "server/state_book.h"
#include "server/unit.h"

#define RECORDS 512 /* of a chunk, or a client's more */
#define STEPS 4096 /* clients looked at in one turn of the loop */

enum phase { SERVER, MESSAGES, TROUBLED, OTHERS, PLACES, END };

struct vs_rewrite {
	struct vs_rewrite_parts parts;
	enum phase phase;
	struct vs_outbox_walk walk; /* MESSAGES */
	struct vs_registry_cursor *cursor; /* TROUBLED and OTHERS; NULL: not begun */
};

static void begin(void *arg)
{
	struct vs_rewrite *rewrite = arg;

	rewrite->phase = SERVER;
	rewrite->walk = (struct vs_outbox_walk){0};
	vs_registry_cursor_close(rewrite->cursor);
	rewrite->cursor = NULL;
	vs_outbox_begin_rewrite(rewrite->parts.outbox);
	if (rewrite->parts.places != NULL)
		vs_place_book_begin_rewrite(rewrite->parts.places);
}

static void put_client(
	const struct vs_rewrite_parts *parts, const struct vs_client *client, struct vs_unit *unit)
{
	uint32_t i;

	vs_unit_put_client(unit, client, vs_registry_names(parts->registry));
	for (i = 0; i < client->incident_count; i++)
		vs_outbox_rewrite_told(parts->outbox, client->incidents[i].id, unit);
}

/* Returns whether all clients with incidents, or all without, have been seen. */
static bool put_clients(struct vs_rewrite *rewrite, bool with_incidents, struct vs_unit *unit)
{
	const struct vs_client *client;
	unsigned steps;

	if (rewrite->cursor == NULL)
		rewrite->cursor = vs_registry_cursor_open(rewrite->parts.registry, NULL);
	for (steps = 0; steps < STEPS && unit->count < RECORDS; steps++) {
		client = vs_registry_cursor_next(rewrite->cursor);
		if (client == NULL) {
			vs_registry_cursor_close(rewrite->cursor);
			rewrite->cursor = NULL;
			return true;
		}
		if ((client->incident_count > 0) == with_incidents)
			put_client(&rewrite->parts, client, unit);
	}
	return false;
}

/* Returns whether the phase is over. */
static bool step(struct vs_rewrite *rewrite, struct vs_unit *unit)
{
	switch (rewrite->phase) {
	case SERVER:
		vs_monitor_rewrite_troubles(rewrite->parts.monitor, unit);
		if (rewrite->parts.silences != NULL)
			vs_silences_rewrite(rewrite->parts.silences, unit);
		if (rewrite->parts.acks != NULL)
			vs_acks_rewrite(rewrite->parts.acks, unit);
		if (rewrite->parts.reminders != NULL)
			vs_reminders_rewrite(rewrite->parts.reminders, unit);
		vs_state_book_rewrite(rewrite->parts.book, unit);
		return true;
	case MESSAGES:
		return !vs_outbox_rewrite(rewrite->parts.outbox, &rewrite->walk, RECORDS, unit);
	case TROUBLED:
		return put_clients(rewrite, true, unit);
	case OTHERS:
		return put_clients(rewrite, false, unit);
	case PLACES:
		return rewrite->parts.places == NULL ||
		       !vs_place_book_rewrite(rewrite->parts.places, RECORDS, unit);
	case END:
	default:
		return false;
	}
}

static bool next(void *arg, struct vs_unit *unit)
{
	struct vs_rewrite *rewrite = arg;

	while (rewrite->phase != END && unit->count < RECORDS) {
		if (!step(rewrite, unit))
			break;
		rewrite->phase++;
	}
	return rewrite->phase != END || unit->count > 0;
}

struct vs_rewrite *vs_rewrite_create(const struct vs_rewrite_parts *parts)
{
	struct vs_rewrite *rewrite = vs_zalloc(sizeof(*rewrite));
	const struct vs_ledger_source source = {begin, next, rewrite};

	rewrite->parts = *parts;
	vs_ledger_set_source(parts->ledger, &source);
	return rewrite;
}

void vs_rewrite_destroy(struct vs_rewrite *rewrite)
{
	if (rewrite == NULL)
		return;
	vs_ledger_set_source(rewrite->parts.ledger, NULL);
	vs_registry_cursor_close(rewrite->cursor);
	vs_free(rewrite);
}
