/* What the files of the crew share: crew.c, crew_make.c, crew_change.c. Nobody else includes this. */
#ifndef VS_SERVER_CREW_INSIDE_H
#define VS_SERVER_CREW_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/crew.h"
#include "server/crew_change.h"

#define VS_CREW_KINDS (VS_CREW_SOURCES + 1) /* VPNS_KIND_* count from 1 */

struct vs_crew_group {
	struct vs_member *members; /* never moved */
	size_t count;
};

struct retiree;

struct vs_crew {
	const struct vs_plug_env *env;
	const struct vs_server_conf *conf;
	struct vs_crew_group groups[VS_CREW_KINDS];
	struct vs_crew_change *change; /* committed, and not settled yet */
	struct retiree *retirees;
	void (*ended)(void *arg, const struct vs_instance *instance, enum vs_drained how); /* NULL: nobody */
	void *ended_arg;
	bool ending;
	size_t draining; /* instances still to end, and one for the call itself */
	struct vs_timer *drained; /* so that done comes from the loop */
	void (*done)(void *arg);
	void *arg;
};

struct vs_crew_changes {
	struct vs_member_change *items; /* in the order of the new configuration, then those that are gone */
	size_t count;
};

struct vs_crew_change {
	struct vs_crew *crew;
	const struct vs_server_conf *conf;
	struct vs_problems *problems;
	struct vs_crew_group now[VS_CREW_KINDS]; /* until the commit; then the crew's */
	struct vs_crew_group before[VS_CREW_KINDS]; /* from the commit on */
	struct vs_crew_changes changes[VS_CREW_KINDS];
	size_t wanted;
	size_t failed;
	size_t touched; /* members that took other options so far, of all kinds in turn */
	bool committed;
};

/* crew.c: which group an instance belongs to. */
uint32_t vs_crew_kind(const struct vs_instance_conf *conf);

/* crew_make.c: decides for one instance of the new configuration, and makes it if that can be done now. */
void vs_crew_make(
	struct vs_crew_change *change, struct vs_crew_group *group, const struct vs_instance_conf *conf);
struct vs_instance *vs_crew_create_instance(struct vs_crew_change *change, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_err *err);

/* crew_change.c: the crew ends, and the old instances with it. */
void vs_crew_change_give_up(struct vs_crew_change *change);

/* crew.c: ends instance (NULL is fine); gone(arg) comes when it has, unless the whole crew ends. */
void vs_crew_retire_instance(struct vs_crew *crew, struct vs_instance *instance, uint32_t timeout_ms,
	void (*gone)(void *arg), void *arg);

#endif
