/*
 * What waits for the end of quiet hours, and is told then as one message. Whether a delivery waited follows
 * from when it was planned, so that a restart knows it too; its rows are those of a message about many.
 */
#include "server/channel_inside.h"

#include <stdio.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "model/tongue.h"
#include "model/words.h"
#include "server/ledger.h"
#include "server/quiet.h"
#include "server/zone.h"

#define LINES 10 /* that a digest has at most, one a message */
#define CHUNK 256
#define TIME_MAX 64

void vs_channel_mark_quieted(struct vs_channel *channel, struct vs_delivery *delivery)
{
	uint8_t held = vs_quiet_held(channel->quiet, delivery->planned_at);

	delivery->quieted = (held & (1u << delivery->transition.severity)) != 0;
}

/* What is behind it of the same incident may not wait: then neither does this. */
static bool is_urged(const struct vs_delivery *delivery, uint8_t held)
{
	for (; delivery != NULL; delivery = delivery->next_same)
		if ((held & (1u << delivery->transition.severity)) == 0)
			return true;
	return false;
}

bool vs_channel_is_quiet_for(const struct vs_delivery *delivery, uint8_t held)
{
	if (held == 0)
		return false;
	if (delivery->transition.incident[0] == '\0')
		return (held & (1u << delivery->transition.severity)) != 0;
	return !is_urged(delivery, held);
}

/* --- who is in it ---------------------------------------------------------------------- */

static bool is_behind_others(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	const char *incident = delivery->transition.incident;
	const struct vs_delivery *before =
		incident[0] != '\0' ? vs_queue_of_incident(&channel->queue, incident) : NULL;

	for (; before != NULL && before != delivery; before = before->next_same)
		if (!before->quieted || !before->released || vs_channel_is_hushed(before))
			return true;
	return false;
}

bool vs_channel_joins_digest(
	const struct vs_channel *channel, const struct vs_delivery *head, const struct vs_delivery *delivery)
{
	uint8_t held = vs_quiet_held(channel->quiet, channel->parts.clock->wall_ms());

	return delivery->quieted && delivery->unsure == head->unsure &&
	       !vs_channel_is_quiet_for(delivery, held) && !is_behind_others(channel, delivery);
}

bool vs_channel_clear_quieted(struct vs_channel *channel)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_delivery *delivery;
	struct vs_delivery *next;
	unsigned budget = CHUNK;

	for (delivery = vs_queue_first(&channel->queue); delivery != NULL && budget > 0; delivery = next) {
		next = vs_queue_next(&channel->queue, delivery);
		if (delivery->quieted && delivery->released && vs_channel_outdated(channel, delivery, unit))
			budget--;
	}
	if (unit->count > 0)
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	return budget == CHUNK;
}

/* One that is not over is told as ever. */
bool vs_channel_is_digest(const struct vs_channel *channel)
{
	return channel->member_count > 1 || channel->members[0]->combined;
}

/* --- what it says ---------------------------------------------------------------------- */

/* Of an incident the newest is told. */
static bool is_newest(const struct vs_delivery *delivery)
{
	return delivery->transition.incident[0] == '\0' || delivery->next_same == NULL ||
	       !delivery->next_same->quieted || vs_channel_is_hushed(delivery->next_same);
}

static void add_line(const struct vs_channel *channel, const struct vs_tongue *tongue,
	const struct vs_delivery *delivery, struct vs_buf *body)
{
	struct vs_alert_text *text = vs_alert_text_create(delivery, channel->zone, tongue, NULL, false);
	char time[TIME_MAX];

	vs_zone_words(channel->zone, time, sizeof(time), delivery->transition.at);
	vs_buf_printf(body, "%s%s (%s)", body->len > 0 ? "\n" : "", vs_alert_text_get(text)->title, time);
	vs_alert_text_destroy(text);
}

static void add_counted(struct vs_buf *to, const char *pattern, size_t count)
{
	char number[24];
	const struct vs_hole hole = {"count", number};

	snprintf(number, sizeof(number), "%zu", count);
	vs_tongue_fill(to, pattern, &hole, 1);
}

struct sum {
	size_t lines;
	size_t over; /* came and went */
	uint8_t severity;
};

static void add_members(const struct vs_channel *channel, const struct vs_tongue *tongue, struct vs_buf *body,
	struct sum *sum)
{
	size_t i;

	for (i = 0; i < channel->member_count; i++) {
		const struct vs_delivery *delivery = channel->members[i];

		if (delivery->combined) {
			sum->over++;
			continue;
		}
		if (!is_newest(delivery))
			continue;
		if (delivery->transition.severity > sum->severity)
			sum->severity = delivery->transition.severity;
		if (sum->lines++ < LINES)
			add_line(channel, tongue, delivery, body);
	}
	if (sum->lines > LINES)
		vs_buf_printf(body, "\n… (+%zu)", sum->lines - LINES);
}

struct vs_alert_text *vs_channel_digest(const struct vs_channel *channel, const struct vs_tongue *tongue)
{
	struct sum sum = {.severity = VS_SEVERITY_INFO};
	struct vs_alert_text *text;
	struct vs_buf title;
	struct vs_buf body;

	vs_buf_init(&title);
	vs_buf_init(&body);
	vs_buf_add_text(&title, "🌅 ");
	add_members(channel, tongue, &body, &sum);
	add_counted(&title,
		vs_tongue_count(tongue, "{count} message waited for the end of the quiet hours",
			"{count} messages waited for the end of the quiet hours", sum.lines + sum.over),
		sum.lines + sum.over);
	if (sum.over > 0 && body.len > 0)
		vs_buf_add_char(&body, '\n');
	if (sum.over > 0)
		add_counted(&body,
			vs_tongue_count(tongue, "{count} came and went.", "{count} came and went.", sum.over),
			sum.over);
	text = vs_alert_text_create(channel->current, channel->zone, tongue, NULL, false);
	vs_alert_text_digest(
		text, vs_buf_text(&title), vs_buf_text(&body), sum.severity, channel->member_count);
	vs_buf_fini(&title);
	vs_buf_fini(&body);
	return text;
}
