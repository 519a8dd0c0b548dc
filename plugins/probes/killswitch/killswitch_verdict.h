/* What the attempts to get past the tunnel prove. Pure. */
#ifndef KILLSWITCH_VERDICT_H
#define KILLSWITCH_VERDICT_H

#include "vpn_sentinel/plugin.h"

#include "killswitch_devices.h"

enum killswitch_outcome {
	KILLSWITCH_SILENT, /* nothing came back, or nothing was let out */
	KILLSWITCH_OPEN, /* something came back */
	KILLSWITCH_NOT_TRIED, /* this attempt proves nothing */
};

/* Of one exchange: whoever refuses was reached, too. */
enum killswitch_outcome killswitch_of_socket(const struct vpns_socket_reply *reply);
enum killswitch_outcome killswitch_of_canary(const struct vpns_canary_reply *reply);

/* One device and what was tried through it. */
struct killswitch_trial {
	char name[KILLSWITCH_NAME];
	uint32_t silent, open, not_tried; /* attempts */
	char who[64]; /* that answered; of the first */
	char why[128]; /* an attempt proves nothing; of the first */
};

void killswitch_trial_add(
	struct killswitch_trial *trial, enum killswitch_outcome outcome, const char *who, const char *why);

struct killswitch_verdict {
	uint32_t status; /* VPNS_PROBE_* */
	char reason[500]; /* "": nothing to say */
	char tested[KILLSWITCH_DEVICES_MAX * KILLSWITCH_NAME]; /* names, separated by blanks */
	char open[KILLSWITCH_DEVICES_MAX * KILLSWITCH_NAME];
};

void killswitch_judge(struct killswitch_verdict *verdict, const struct killswitch_trial *trials,
	uint32_t count, uint32_t left_out);

#endif
