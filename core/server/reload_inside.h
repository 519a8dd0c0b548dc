/* What reload.c, reload_prepare.c and reload_settle.c share. Nobody else includes this. */
#ifndef VS_SERVER_RELOAD_INSIDE_H
#define VS_SERVER_RELOAD_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/problem.h"
#include "model/rules.h"
#include "server/reload.h"

struct vs_audit;
struct vs_certificate;
struct vs_crew_change;
struct vs_doors_change;
struct vs_gate;
struct vs_member_change;
struct vs_own_zone_change;

/* What the new file has become so far; nothing of it can be seen. */
struct vs_next {
	struct vs_server_conf *conf;
	struct vs_problems problems;
	struct vs_rules rules;
	struct vs_certificate *certificate; /* NULL: there is none, or it stays the same part */
	struct vs_doors_change *doors;
	struct vs_own_zone_change *own_zone;
	struct vs_audit *audit;
	bool other_audit; /* audit takes the place of the one there is */
	bool other_log; /* the log goes to another file by now */
	struct vs_crew_change *crew;
};

/* An old instance of which somebody has to let go. */
struct vs_letting_go {
	struct vs_reload *reload;
	struct vs_member_change *member;
};

struct vs_reload {
	struct vs_role *role;
	struct vs_timer *timer;
	bool allowed;
	bool asked;
	bool ended;
	bool settling;
	struct vs_server_conf
		*conf; /* that the server runs by, ours; NULL: it is the first one, and not ours */
	/* Of the one that is settling: */
	struct vs_server_conf *before; /* NULL: as above */
	struct vs_crew_change *crew;
	struct vs_gate *gate;
	struct vs_audit *audit;
	struct vs_letting_go *letting_go;
	size_t waiting; /* for so many */
};

/* reload_prepare.c: false, and nothing happened, when it cannot be used; why was logged, line by line. */
bool vs_next_prepare(struct vs_next *next, struct vs_role *role);

/* reload_settle.c: the crew is another one; whoever uses it gets to know. */
void vs_reload_settle(struct vs_reload *reload, struct vs_next *next);
/* One of those waited for has come. */
void vs_reload_came(struct vs_reload *reload);

#endif
