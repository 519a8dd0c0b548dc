/*
 * Whether the tunnel changed between two rounds: the facts about exits, paths and devices of the latest
 * differ from those before. A fact that is missing is no change: a service that does not answer says nothing
 * about the tunnel. Pure.
 */
#ifndef VS_CLIENT_CHANGE_H
#define VS_CLIENT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#define VS_CHANGE_FACTS_MAX 64

struct vs_round_result;

struct vs_change {
	struct vs_change_fact {
		char *source;
		char *name;
		char *value;
	} facts[VS_CHANGE_FACTS_MAX]; /* as last seen */
	size_t count;
};

/* Zeroed is empty. True when a fact that was seen before now says something else. Results of earlier rounds
 * that stand again (reused) do not count. */
bool vs_change_feed(struct vs_change *change, const struct vs_round_result *results, size_t count);
void vs_change_fini(struct vs_change *change);

#endif
