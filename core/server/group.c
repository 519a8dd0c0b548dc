#include "server/group.h"

#include <string.h>

#include "base/alloc.h"
#include "config/instance.h"
#include "server/delivery.h"

#define WINDOWS 128 /* sorts of messages that are remembered */

/* What was sent of one sort since the first of them. */
struct window {
	uint8_t change;
	uint8_t kind;
	uint8_t severity;
	char *tags; /* owned */
	uint64_t begun;
	uint64_t last;
	size_t messages;
	size_t told;
};

struct vs_groups {
	struct window windows[WINDOWS];
	size_t count;
};

struct vs_groups *vs_groups_create(void)
{
	return vs_zalloc(sizeof(struct vs_groups));
}

void vs_groups_destroy(struct vs_groups *groups)
{
	size_t i;

	if (groups == NULL)
		return;
	for (i = 0; i < groups->count; i++)
		vs_free(groups->windows[i].tags);
	vs_free(groups);
}

static const char *tags_of(const struct vs_group_conf *conf, const struct vs_delivery *delivery)
{
	return conf->by == VS_GROUP_BY_TAG ? vs_transition_detail(&delivery->transition, "tags") : "";
}

bool vs_group_same(
	const struct vs_group_conf *conf, const struct vs_delivery *one, const struct vs_delivery *other)
{
	const struct vs_transition *a = &one->transition;
	const struct vs_transition *b = &other->transition;

	return conf->by != VS_GROUP_BY_NONE && a->change == b->change && a->severity == b->severity &&
	       (conf->by == VS_GROUP_BY_SEVERITY || a->kind == b->kind) && one->unsure == other->unsure &&
	       one->combined == other->combined && (one->held_until != 0) == (other->held_until != 0) &&
	       (a->client[0] == '\0') == (b->client[0] == '\0') &&
	       strcmp(tags_of(conf, one), tags_of(conf, other)) == 0;
}

static bool fits(
	const struct window *window, const struct vs_group_conf *conf, const struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;

	return window->change == transition->change && window->severity == transition->severity &&
	       (conf->by == VS_GROUP_BY_SEVERITY || window->kind == transition->kind) &&
	       strcmp(window->tags, tags_of(conf, delivery)) == 0;
}

static bool is_over(const struct window *window, const struct vs_group_conf *conf, uint64_t now)
{
	return now >= window->begun + (uint64_t)conf->interval_ms;
}

uint64_t vs_groups_ready_at(const struct vs_groups *groups, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, uint64_t now)
{
	size_t i;

	if (conf->by == VS_GROUP_BY_NONE)
		return 0;
	for (i = 0; i < groups->count; i++) {
		const struct window *window = &groups->windows[i];

		if (!fits(window, conf, delivery) || is_over(window, conf, now))
			continue;
		if (window->told < VS_GROUP_FEW || window->messages < VS_GROUP_QUICK)
			return window->last + (uint64_t)conf->wait_ms;
		return window->begun + (uint64_t)conf->interval_ms;
	}
	return 0;
}

static void drop(struct vs_groups *groups, size_t i)
{
	vs_free(groups->windows[i].tags);
	groups->windows[i] = groups->windows[--groups->count];
}

/* The one of delivery's sort, if it is not over, or a new one. */
static struct window *open_window(struct vs_groups *groups, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, uint64_t now)
{
	struct window *window;
	size_t i;

	for (i = groups->count; i > 0; i--)
		if (is_over(&groups->windows[i - 1], conf, now))
			drop(groups, i - 1);
	for (i = 0; i < groups->count; i++)
		if (fits(&groups->windows[i], conf, delivery))
			return &groups->windows[i];
	if (groups->count == WINDOWS)
		drop(groups, 0);
	window = &groups->windows[groups->count++];
	*window = (struct window){
		.change = delivery->transition.change,
		.kind = delivery->transition.kind,
		.severity = delivery->transition.severity,
		.tags = vs_strdup(tags_of(conf, delivery)),
		.begun = now,
	};
	return window;
}

void vs_groups_sent(struct vs_groups *groups, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, size_t count, uint64_t now)
{
	struct window *window;

	if (conf->by == VS_GROUP_BY_NONE)
		return;
	window = open_window(groups, conf, delivery, now);
	window->last = now;
	window->messages++;
	window->told += count;
}
