/* Is the store an incident of the server's own? Looked at from time to time. [loop] */
#ifndef VS_SERVER_STORE_WATCH_H
#define VS_SERVER_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct vs_ledger;
struct vs_troubles;

/* Zeroed: all is well. */
struct vs_store_watch {
	bool failing;
	bool lost; /* the incident is that something is lost */
	uint64_t since; /* mono */
};

/* One that refuses for ten seconds is; one that lost something is at once, and until it is whole again. */
void vs_store_watch_look(
	struct vs_store_watch *watch, struct vs_ledger *ledger, struct vs_troubles *troubles, uint64_t now);

#endif
