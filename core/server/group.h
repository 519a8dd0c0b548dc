/*
 * Which messages are told as one, and when. Pure bookkeeping of one channel.
 *
 * The first of its sort goes at once. So do the next ones, group.wait apart, as long as they are few; what
 * comes beyond that waits until group.interval after the first, and is one message then.
 */
#ifndef VS_SERVER_GROUP_H
#define VS_SERVER_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_delivery;
struct vs_group_conf;
struct vs_groups;

#define VS_GROUP_MAX 5000 /* messages told as one at most */
#define VS_GROUP_FEW 5 /* so many need not wait for the interval, */
#define VS_GROUP_QUICK 2 /* nor does what comes by then */

struct vs_groups *vs_groups_create(void);
void vs_groups_destroy(struct vs_groups *groups); /* NULL is fine */

/* Whether both may be told in one message. */
bool vs_group_same(
	const struct vs_group_conf *conf, const struct vs_delivery *one, const struct vs_delivery *other);
/* When (mono) the next message of delivery's sort may go; not after now: it may. */
uint64_t vs_groups_ready_at(const struct vs_groups *groups, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, uint64_t now);
/* A message about count of them was sent. */
void vs_groups_sent(struct vs_groups *groups, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, size_t count, uint64_t now);

#endif
