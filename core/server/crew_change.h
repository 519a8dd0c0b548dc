/*
 * Another crew for another configuration, in two steps: all that can fail, then all that can be seen. [loop]
 *
 *	prepare -> touch -> commit -> retire and swap, when nobody uses the old instances -> destroy
 *	                \-> undo
 *
 * An instance stays when its plugin's file, its name, its options and the files they name are the same. One
 * whose plugin takes other options while it runs stays, too. Otherwise a new one is made beside the old one;
 * an EXCLUSIVE one is made only when the old one has ended, and the old one again when that fails.
 */
#ifndef VS_SERVER_CREW_CHANGE_H
#define VS_SERVER_CREW_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vs_crew;
struct vs_crew_change;
struct vs_member;
struct vs_plugin;
struct vs_problems;
struct vs_server_conf;

enum vs_fate {
	VS_FATE_KEPT,
	VS_FATE_TOUCHED, /* the same instance, with other options */
	VS_FATE_NEW,
	VS_FATE_REPLACED, /* another instance is there, and the old one still is */
	VS_FATE_SWAPPED, /* another instance will be there, when the old one has ended */
	VS_FATE_GONE,
};

struct vs_member_change {
	enum vs_fate fate;
	struct vs_member *before; /* NULL: new. Until destroy */
	struct vs_member *now; /* NULL: gone. From commit on it is the crew's */
	struct vs_plugin *plugin; /* ours: that now is, or will be, an instance of; NULL: gone */
};

/*
 * Loads, compares, makes. Mistakes are added to problems, which is borrowed until touch; conf as long as the
 * crew is of it. failed tells how many instances cannot be used, of wanted.
 */
struct vs_crew_change *vs_crew_change_prepare(
	struct vs_crew *crew, const struct vs_server_conf *conf, struct vs_problems *problems);
size_t vs_crew_change_failed(const struct vs_crew_change *change, size_t *wanted);
/*
 * Gives running instances their other options. VS_ERR_INVALID with one mistake more among the problems: one
 * of them cannot be used, and all have their old options back.
 */
int vs_crew_change_touch(struct vs_crew_change *change);
/* Instead of commit: what was made ends in its own time, and change is gone. */
void vs_crew_change_undo(struct vs_crew_change *change, uint32_t timeout_ms);
/* The crew is another one. Cannot fail. */
void vs_crew_change_commit(struct vs_crew_change *change);

/* Of one kind; after the commit. */
struct vs_member_change *vs_crew_changes(struct vs_crew_change *change, uint32_t kind, size_t *count);
/* Nobody uses the old instance of a change that is REPLACED or GONE any more: ends it. */
void vs_crew_change_retire(struct vs_crew_change *change, struct vs_member_change *member);
/* The same of one that is SWAPPED; done(arg, member) comes when now has its instance, or none could be made.
 */
void vs_crew_change_swap(struct vs_crew_change *change, struct vs_member_change *member,
	void (*done)(void *arg, struct vs_member_change *member), void *arg);
/* Nobody uses an old member any more, or the crew has ended. NULL is fine. */
void vs_crew_change_destroy(struct vs_crew_change *change);

#endif
