/* Where to knock: "1.1.1.1:53", "[2606:4700:4700::1111]:53/udp", "9.9.9.9:443/tcp". Pure. */
#ifndef KILLSWITCH_TARGET_H
#define KILLSWITCH_TARGET_H

#include <stdint.h>

struct killswitch_target {
	char address[46]; /* canonical */
	uint16_t port;
	uint8_t tcp; /* 1: TCP, connecting is all; 0: UDP, a question to a nameserver */
	uint8_t family; /* 4 or 6 */
};

/* 0, or -1 when text is no such place. */
int killswitch_target_parse(struct killswitch_target *target, const char *text);

#endif
