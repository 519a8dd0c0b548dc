#include "server/room.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "config/server_conf.h"
#include "net/http_server.h"

#define AREA "server"

/* Not a higher soft limit than needed: it would be handed on to programs that walk all descriptors. */
static void raise_soft(struct rlimit *limit, rlim_t needed)
{
	struct rlimit raised = *limit;

	if (limit->rlim_cur >= needed)
		return;
	raised.rlim_cur = limit->rlim_max < needed ? limit->rlim_max : needed;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		*limit = raised;
	else
		vs_log(VS_LOG_WARN, AREA, "the limit of open files cannot be raised: %s", strerror(errno));
}

/* With next to nothing to share out, half of it each. */
static uint32_t room_in(rlim_t descriptors)
{
	if (descriptors >= 2 * VS_ROOM_FOR_OURSELVES)
		return (uint32_t)(descriptors - VS_ROOM_FOR_OURSELVES);
	return descriptors >= 2 ? (uint32_t)(descriptors / 2) : 1;
}

uint32_t vs_room_make(uint32_t wanted)
{
	rlim_t needed = (rlim_t)wanted + VS_ROOM_FOR_OURSELVES;
	struct rlimit limit;
	uint32_t room;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return wanted;
	raise_soft(&limit, needed);
	if (limit.rlim_cur >= needed)
		return wanted;
	room = room_in(limit.rlim_cur);
	if (room >= wanted)
		return wanted;
	vs_log(VS_LOG_WARN, AREA,
		"there is room for %u connections only, not %u, since the process may open %llu files: raise "
		"LimitNOFILE of the service, or `ulimit -n`, to %llu, or lower server.limits.connections",
		(unsigned)room, (unsigned)wanted, (unsigned long long)limit.rlim_cur,
		(unsigned long long)needed);
	return room;
}

void vs_room_limits(struct vs_http_limits *limits, const struct vs_limits_conf *conf)
{
	limits->connections = vs_room_make((uint32_t)conf->connections);
	limits->per_address = (uint32_t)conf->per_address;
	limits->body = (uint32_t)conf->body;
	limits->handshake_ms = (uint32_t)conf->handshake_timeout_ms;
	limits->request_ms = (uint32_t)conf->request_timeout_ms;
	limits->idle_ms = (uint32_t)conf->idle_timeout_ms;
	limits->write_ms = (uint32_t)conf->write_timeout_ms;
}
