/* One acknowledgment: who knows of an incident, as its transition tells it and as it is stored. Pure. */
#ifndef VS_SERVER_ACK_H
#define VS_SERVER_ACK_H

#include <stdint.h>

#include "base/id.h"

struct vs_transition;
struct vs_unit;

#define VS_ACK_TEXT_MAX 500 /* bytes of a note */

struct vs_ack {
	char incident[VS_ULID_TEXT];
	const char *who;
	const char *note; /* "": none */
	int64_t at; /* wall */
};

void vs_ack_tell(
	const struct vs_ack *ack, struct vs_transition *transition); /* as its evidence and details */
void vs_ack_record(const struct vs_ack *ack, struct vs_unit *unit); /* adds its record of the ACKS table */

#endif
