/*
 * A service that answered that it wants no more of us: kept in state/1, so that a restart does not begin
 * anew. Counts for one URL and for a day: then one message is sent there again, and its answer decides.
 * [loop]
 */
#ifndef POST_GONE_H
#define POST_GONE_H

#include "vpn_sentinel/plugin.h"

#define POST_GONE_PRINT_SIZE 17

struct post_gone {
	const struct vpns_host *host;
	const struct vpns_state_service *state;
	char print[POST_GONE_PRINT_SIZE]; /* of the URL, which is secret itself */
};

/* Of the URL that is used from now on. The instance needs VPNS_STATE_1. */
void post_gone_init(struct post_gone *gone, const struct vpns_host *host, const char *url);

/* 1 while nothing is to be sent there. */
int post_gone_is(const struct post_gone *gone);

/* The service said so just now. */
void post_gone_mark(const struct post_gone *gone);

/* It takes messages again. */
void post_gone_clear(const struct post_gone *gone);

#endif
