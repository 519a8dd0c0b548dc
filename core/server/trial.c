#include "server/trial.h"

#include <string.h>

#include <utlist.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "model/tongue.h"
#include "plug/notifier.h"
#include "server/channel_inside.h"
#include "server/language.h"
#include "server/outbox_inside.h"
#include "server/zone.h"

#define AGAIN_MS 100 /* between two looks at a busy channel */
#define FIELDS 2

/* One channel. It outlives the trial while its attempt is under way. */
struct attempt {
	struct vs_trial *trial; /* NULL: gone */
	size_t index; /* of its answer */
	struct vpns_alert alert;
	struct vpns_alert_field fields[FIELDS];
	char id[VS_ULID_TEXT];
	char time[64];
	char *name;
	struct vs_buf title;
	struct vs_buf body;
};

struct vs_trial {
	struct vs_outbox *outbox;
	char *text;
	struct vs_trial_answer *answers;
	struct attempt **attempts; /* NULL: not begun, or ended */
	size_t count;
	uint64_t begun_ms;
	struct vs_timer *timer;
	void (*done)(void *arg, const struct vs_trial_answer *answers, size_t count);
	void *arg;
	struct vs_trial *prev; /* of the outbox */
	struct vs_trial *next;
};

static uint64_t now_of(const struct vs_trial *trial)
{
	return trial->outbox->parts.clock->mono_ms();
}

/* --- one attempt ----------------------------------------------------------------------- */

static struct vs_channel *find(const struct vs_outbox *outbox, const char *name)
{
	for (size_t i = 0; i < outbox->count; i++)
		if (strcmp(outbox->channels[i]->conf->name, name) == 0)
			return outbox->channels[i];
	return NULL;
}

static struct attempt *make_attempt(struct vs_trial *trial, size_t index, const struct vs_channel *channel)
{
	const struct vs_tongue *tongue = vs_language_tongue(channel->language);
	struct attempt *attempt = vs_zalloc(sizeof(*attempt));
	int64_t now = trial->outbox->parts.clock->wall_ms();

	attempt->trial = trial;
	attempt->index = index;
	attempt->name = vs_strdup(channel->conf->name);
	vs_ulid(attempt->id, now);
	vs_zone_words(channel->zone, attempt->time, sizeof(attempt->time), now);
	vs_buf_init(&attempt->title);
	vs_buf_init(&attempt->body);
	vs_buf_printf(&attempt->title, "🔔 %s", vs_tongue_text(tongue, "Test message"));
	vs_text_add_plain(&attempt->body, vs_view_of(trial->text)); /* nothing, of a self test */
	attempt->fields[0] = (struct vpns_alert_field){vs_tongue_text(tongue, "Channel"), attempt->name};
	attempt->fields[1] = (struct vpns_alert_field){vs_tongue_text(tongue, "At"), attempt->time};
	attempt->alert = (struct vpns_alert){
		.size = sizeof(attempt->alert),
		.severity = VPNS_SEVERITY_INFO,
		.transition = VPNS_TRANSITION_NOTICE,
		.attempt = 1,
		.field_count = FIELDS,
		.fields = attempt->fields,
		.delivery_id = attempt->id,
		.incident_id = "",
		.kind = "test",
		.client_id = "",
		.title = vs_buf_text(&attempt->title),
		.body = vs_buf_text(&attempt->body),
		.at_ms = now,
	};
	return attempt;
}

static void free_attempt(struct attempt *attempt)
{
	vs_buf_fini(&attempt->title);
	vs_buf_fini(&attempt->body);
	vs_free(attempt->name);
	vs_free(attempt);
}

static void answer(struct vs_trial *trial, size_t index, const char *outcome, const char *reason)
{
	struct vs_trial_answer *to = &trial->answers[index];

	to->outcome = outcome;
	to->reason = vs_strdup(reason);
	to->took_ms = now_of(trial) - trial->begun_ms;
}

static bool all_answered(const struct vs_trial *trial)
{
	for (size_t i = 0; i < trial->count; i++)
		if (trial->answers[i].outcome == NULL)
			return false;
	return true;
}

static void note_test(struct vs_trial *trial, size_t index, const struct vpns_delivery_result *result)
{
	struct vs_channel *channel = find(trial->outbox, trial->answers[index].channel);

	if (channel != NULL)
		vs_channel_tested(channel, result->status == VPNS_DELIVERY_SENT, result->reason);
}

/* A message went before a self test, which says nothing: it is asked again. */
static bool has_yielded(const struct vs_trial *trial, const struct vpns_delivery_result *result)
{
	return trial->text == NULL && result->status != VPNS_DELIVERY_SENT &&
	       strcmp(result->reason, VS_NOTIFIER_YIELDED) == 0;
}

static void on_result(void *arg, const struct vpns_delivery_result *result)
{
	struct attempt *attempt = arg;
	struct vs_trial *trial = attempt->trial;
	size_t index = attempt->index;

	free_attempt(attempt);
	if (trial == NULL)
		return;
	trial->attempts[index] = NULL;
	if (has_yielded(trial, result)) {
		if (!vs_timer_is_set(trial->timer))
			vs_timer_start(trial->timer, AGAIN_MS);
		return;
	}
	if (trial->text == NULL)
		note_test(trial, index, result);
	if (result->status == VPNS_DELIVERY_SENT)
		answer(trial, index, trial->text == NULL ? "well" : "sent", "");
	else
		answer(trial, index, result->status == VPNS_DELIVERY_DROP ? "refused" : "later",
			result->reason);
	trial->answers[index].retry_after_ms = result->retry_after_ms;
	if (all_answered(trial))
		vs_timer_start(trial->timer, 0);
}

/* --- all of them ----------------------------------------------------------------------- */

/* It asked to be left alone: that holds for this message, too. */
static bool is_resting(struct vs_trial *trial, size_t index, const struct vs_channel *channel)
{
	uint64_t now = now_of(trial);

	if (channel->patient_until <= now)
		return false;
	answer(trial, index, "later", "it asked to be left alone, after an earlier message");
	trial->answers[index].retry_after_ms = channel->patient_until - now;
	return true;
}

static bool start(const struct vs_trial *trial, const struct vs_channel *channel, struct attempt *attempt,
	uint32_t timeout, struct vs_err *err)
{
	const struct vs_channel_port *port = &channel->port;

	if (trial->text != NULL)
		return port->deliver(port->target, &attempt->alert, timeout, on_result, attempt, err) != 0;
	if (port->self_test != NULL)
		return port->self_test(port->target, timeout, on_result, attempt, err) != 0;
	vs_err_set(err, VS_ERR_NOT_FOUND, "the channel has no self test");
	return false;
}

static void begin(struct vs_trial *trial, size_t index)
{
	const struct vs_channel *channel = find(trial->outbox, trial->answers[index].channel);
	uint32_t timeout = VS_TRIAL_TIMEOUT_MS;
	struct attempt *attempt;
	struct vs_err err = {0};

	if (channel == NULL) {
		answer(trial, index, "refused", "the channel left the configuration meanwhile");
		return;
	}
	if (channel->current != NULL || channel->port.deliver == NULL || is_resting(trial, index, channel))
		return;
	if (channel->conf->timeout_ms > 0 && channel->conf->timeout_ms < timeout)
		timeout = (uint32_t)channel->conf->timeout_ms;
	attempt = make_attempt(trial, index, channel);
	trial->attempts[index] = attempt;
	if (start(trial, channel, attempt, timeout, &err))
		return;
	trial->attempts[index] = NULL;
	free_attempt(attempt);
	if (trial->text == NULL && err.code == VS_ERR_NOT_FOUND)
		answer(trial, index, "none", "it cannot be asked without sending a message");
}

static void destroy(struct vs_trial *trial)
{
	for (size_t i = 0; i < trial->count; i++) {
		if (trial->attempts[i] != NULL)
			trial->attempts[i]->trial = NULL;
		vs_free(trial->answers[i].channel);
		vs_free(trial->answers[i].plugin);
		vs_free(trial->answers[i].reason);
	}
	DL_DELETE(trial->outbox->trials, trial);
	vs_timer_destroy(trial->timer);
	vs_free(trial->answers);
	vs_free(trial->attempts);
	vs_free(trial->text);
	vs_free(trial);
}

void vs_trial_end(struct vs_trial *trial)
{
	for (size_t i = 0; i < trial->count; i++)
		if (trial->answers[i].outcome == NULL)
			answer(trial, i, "busy",
				trial->attempts[i] != NULL ? "it has not answered yet"
							   : "another message is under way there");
	trial->done(trial->arg, trial->answers, trial->count);
	destroy(trial);
}

static void on_time(void *arg)
{
	struct vs_trial *trial = arg;
	bool late = now_of(trial) - trial->begun_ms >= VS_TRIAL_BUSY_MS;
	bool waits = false;

	for (size_t i = 0; i < trial->count; i++) {
		if (trial->answers[i].outcome != NULL || trial->attempts[i] != NULL)
			continue;
		begin(trial, i);
		if (trial->answers[i].outcome != NULL || trial->attempts[i] != NULL)
			continue;
		if (late)
			answer(trial, i, "busy", "another message is under way there");
		else
			waits = true;
	}
	if (all_answered(trial))
		vs_trial_end(trial);
	else if (waits)
		vs_timer_start(trial->timer, AGAIN_MS);
}

static void add(struct vs_trial *trial, const struct vs_instance_conf *conf)
{
	struct vs_trial_answer *to = &trial->answers[trial->count++];

	to->channel = vs_strdup(conf->name);
	to->plugin = vs_strdup(conf->plugin);
}

struct vs_trial *vs_trial_start(struct vs_outbox *outbox, const char *channel, const char *text,
	void (*done)(void *arg, const struct vs_trial_answer *answers, size_t count), void *arg)
{
	struct vs_trial *trial;

	if (channel != NULL && find(outbox, channel) == NULL)
		return NULL;
	trial = vs_zalloc(sizeof(*trial));
	trial->outbox = outbox;
	trial->text = vs_strdup_or_null(text);
	trial->done = done;
	trial->arg = arg;
	trial->begun_ms = now_of(trial);
	trial->answers = vs_zalloc((outbox->count + 1) * sizeof(*trial->answers));
	trial->attempts = vs_zalloc((outbox->count + 1) * sizeof(*trial->attempts));
	for (size_t i = 0; i < outbox->count; i++)
		if (channel == NULL || strcmp(outbox->channels[i]->conf->name, channel) == 0)
			add(trial, outbox->channels[i]->conf);
	DL_APPEND(outbox->trials, trial);
	trial->timer = vs_timer_create(outbox->parts.loop, on_time, trial);
	vs_timer_start(trial->timer, 0);
	return trial;
}
