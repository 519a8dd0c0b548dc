/*
 * Why a client is judged as it is: what was asked, who answered what and when, which rule decided, where
 * the addresses belong. One JSON object, made of what is kept of the client and of the world it is judged in.
 */
#ifndef VS_MODEL_WHY_H
#define VS_MODEL_WHY_H

#include <stdint.h>

struct vs_addr;
struct vs_buf;
struct vs_client;
struct vs_names;
struct vs_place;
struct vs_tracker;

/* All borrowed. */
struct vs_why {
	const struct vs_client *client;
	struct vs_names *names; /* the client's; as it was, afterwards */
	const struct vs_tracker *world; /* home, rules, policies, places */
	int64_t now; /* wall */
	int64_t mono_ms; /* by the clock that the home set learns with */
};

/*
 * Members: client_id, at, status, last_seen, age_ms, verdict, source_address, side_path, side, cause (what
 * is found to be wrong, when anything is), questions[], sources[], exits[], resolvers[], home{}, incidents[].
 */
void vs_why_json(struct vs_buf *out, const struct vs_why *why);

/* For vs_why_json: its exits, resolvers and home. Each with its key, after other members. */
void vs_why_add_exits(struct vs_buf *out, const struct vs_why *why);
void vs_why_add_resolvers(struct vs_buf *out, const struct vs_why *why);
void vs_why_add_home(struct vs_buf *out, const struct vs_why *why);

#endif
