#include "model/client.h"

#include <string.h>

#include "base/alloc.h"
#include "model/exits.h"
#include "model/names.h"
#include "model/step.h"

static const char *const liveness_names[] = {
#define LIVENESS_NAME(id, text) [VS_LIVENESS_##id] = text,
	VS_LIVENESS_ROWS(LIVENESS_NAME)
#undef LIVENESS_NAME
};

const char *vs_liveness_name(enum vs_liveness liveness)
{
	return (size_t)liveness < sizeof(liveness_names) / sizeof(liveness_names[0])
		       ? liveness_names[liveness]
		       : "";
}

int vs_liveness_parse(uint8_t *liveness, struct vs_view name)
{
	for (uint8_t i = 0; i < sizeof(liveness_names) / sizeof(liveness_names[0]); i++)
		if (vs_view_equal_text(name, liveness_names[i])) {
			*liveness = i;
			return 0;
		}
	return VS_ERR_INVALID;
}

void vs_client_init(struct vs_client *client, const char *id)
{
	memset(client, 0, sizeof(*client));
	client->id = vs_strdup(id);
}

void vs_client_fini(struct vs_client *client, struct vs_names *names)
{
	for (uint32_t i = 0; i < client->incident_count; i++)
		vs_incident_fini(&client->incidents[i]);
	vs_free(client->incidents);
	vs_facts_fini(&client->facts, names);
	vs_verdicts_fini(&client->verdicts);
	vs_names_drop(names, client->version);
	vs_names_drop(names, client->told_version);
	vs_names_drop(names, client->tags);
	vs_exits_destroy(client->exits);
	vs_free(client->unsaid);
	vs_free(client->failures);
	vs_free(client->id);
	memset(client, 0, sizeof(*client));
}

struct vs_incident *vs_client_incident(struct vs_client *client, enum vs_kind kind)
{
	for (uint32_t i = 0; i < client->incident_count; i++)
		if (client->incidents[i].open && client->incidents[i].kind == (uint8_t)kind)
			return &client->incidents[i];
	return NULL;
}

size_t vs_client_open_incidents(const struct vs_client *client)
{
	size_t count = 0;

	for (uint32_t i = 0; i < client->incident_count; i++)
		count += client->incidents[i].open;
	return count;
}

static void step_late(struct vs_client *client, const struct vs_step *step)
{
	int64_t until = (int64_t)client->late_until * 1000;

	if (vs_step_time(step, &until))
		client->late_until = (uint32_t)(until / 1000);
}

void vs_client_step(struct vs_client *client, const struct vs_step *step)
{
	vs_step_time(step, &client->first_seen);
	vs_step_time(step, &client->last_seen);
	vs_facts_step(&client->facts, step);
	vs_exits_step(client->exits, step);
	step_late(client, step);
	for (size_t i = 0; i < VS_STREAKS; i++) {
		int64_t first_bad_at = client->streaks[i].first_bad_at; /* of bits: no address of it */

		if (vs_step_time(step, &first_bad_at))
			client->streaks[i].first_bad_at = first_bad_at;
	}
	for (uint32_t i = 0; i < client->incident_count; i++)
		vs_incident_step(&client->incidents[i], step);
}

bool vs_client_next_failure(const struct vs_client *client, struct vs_failure *failure)
{
	const char *at =
		failure->reason == NULL ? client->failures : failure->reason + strlen(failure->reason) + 1;

	if (at == NULL || *at == '\0')
		return false;
	failure->source = at;
	failure->reason = at + strlen(at) + 1;
	return true;
}

static size_t failures_size(const struct vs_client *client)
{
	struct vs_failure failure = {0};
	const char *end = client->failures;

	if (end == NULL)
		return 0;
	while (vs_client_next_failure(client, &failure))
		end = failure.reason + strlen(failure.reason) + 1;
	return (size_t)(end - client->failures) + 1;
}

static size_t evidence_size(const struct vs_verdicts *verdicts)
{
	size_t size = 0;

	for (int q = 0; verdicts->evidence != NULL && q < VS_QUESTIONS; q++)
		size += strlen(vs_verdicts_evidence(verdicts, (enum vs_question)q)) + 1;
	return size;
}

size_t vs_client_size(const struct vs_client *client)
{
	size_t size = sizeof(*client) + strlen(client->id) + 1 + vs_facts_size(&client->facts) +
		      evidence_size(&client->verdicts) + failures_size(client) +
		      vs_exits_size(client->exits) + (client->unsaid == NULL ? 0 : sizeof(*client->unsaid));

	for (uint32_t i = 0; i < client->incident_count; i++)
		size += sizeof(client->incidents[i]) + strlen(client->incidents[i].client) +
			strlen(client->incidents[i].evidence) + 2;
	return size;
}
