/* The devices beside the tunnel, through which something could get out. */
#ifndef KILLSWITCH_DEVICES_H
#define KILLSWITCH_DEVICES_H

#include <stdint.h>

struct vpns_list;

enum { KILLSWITCH_DEVICES_MAX = 6, KILLSWITCH_SEEN_MAX = 64, KILLSWITCH_NAME = 16 };

/* A device as the system tells it. */
struct killswitch_seen {
	char name[KILLSWITCH_NAME];
	uint8_t up, loopback, has4, has6;
	uint16_t type; /* ARPHRD_*; 0: not told */
	uint32_t index; /* another one for a device that was taken away and made anew; 0: not told */
};

struct killswitch_devices {
	char names[KILLSWITCH_DEVICES_MAX][KILLSWITCH_NAME];
	uint32_t count;
	uint32_t left_out; /* more than can be tried at once */
	uint64_t mark; /* another number when other devices can be used, the tunnel's among them */
};

/* What the system has; 0, or -errno. */
int killswitch_devices_read(struct killswitch_seen seen[KILLSWITCH_SEEN_MAX], uint32_t *count);

/*
 * Those to try: up, with an address, no loopback, not the tunnel. wanted: patterns of names, empty for all;
 * tunnel: patterns of the tunnel's, empty for whatever looks like one. Pure.
 */
void killswitch_devices_choose(struct killswitch_devices *devices, const struct killswitch_seen *seen,
	uint32_t count, const struct vpns_list *wanted, const struct vpns_list *tunnel);

#endif
