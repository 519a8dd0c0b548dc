/* What self tests say about a channel, beside what its messages do. */
#include "server/channel_inside.h"

#include <string.h>

#include "base/log.h"
#include "config/instance.h"
#include "server/outbox_inside.h"

#define AREA "outbox"
#define FAILURES 2 /* one alone may be the network's */

static void note_failure(struct vs_channel *channel, const char *reason)
{
	channel->test_failures++;
	vs_log(VS_LOG_WARN, AREA, "%s: the self test failed%s: %s", channel->conf->name,
		channel->test_failures >= FAILURES ? " again" : "", reason);
	if (channel->test_failures < FAILURES || channel->broken)
		return;
	vs_buf_clear(&channel->last_error);
	vs_buf_printf(&channel->last_error, "the self test failed twice: %s", reason);
	channel->broken_by_test = true;
	vs_channel_set_broken(channel, true);
}

void vs_channel_tested(struct vs_channel *channel, bool well, const char *reason)
{
	if (!well) {
		note_failure(channel, reason);
		return;
	}
	if (channel->test_failures > 0)
		vs_log(VS_LOG_INFO, AREA, "%s: the self test is well again", channel->conf->name);
	channel->test_failures = 0;
	if (!channel->broken_by_test)
		return;
	channel->broken_by_test = false;
	vs_buf_clear(&channel->last_error);
	vs_channel_set_broken(channel, false);
}

static struct vs_channel *find(const struct vs_outbox *outbox, const char *name)
{
	for (size_t i = 0; i < outbox->count; i++)
		if (strcmp(outbox->channels[i]->conf->name, name) == 0)
			return outbox->channels[i];
	return NULL;
}

int vs_outbox_test_failures(const struct vs_outbox *outbox, const char *channel)
{
	const struct vs_channel *found = find(outbox, channel);

	return found != NULL ? (int)found->test_failures : -1;
}

void vs_outbox_restore_test_failures(struct vs_outbox *outbox, const char *channel, unsigned failures)
{
	struct vs_channel *found = find(outbox, channel);

	if (found == NULL)
		return;
	found->test_failures = failures;
	found->broken_by_test = found->broken && failures >= FAILURES;
}
