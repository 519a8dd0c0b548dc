/* No exit was told: whether that means that the tunnel is down, or only that nothing was measured. */
#include <string.h>

#include "base/text.h"
#include "model/cause.h"
#include "model/judge_inside.h"

/*
 * A service that answers, even with a refusal, was reached. The sentences of sources are all that is
 * told of it; a reply of HTTP is named in each of them by its status.
 */
static bool has_answered(const struct vs_observation *observation)
{
	return observation->reason != NULL && strstr(observation->reason, "HTTP ") != NULL;
}

static struct vs_cause_signs signs_of(const struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	const struct vs_case *in = scene->in;
	struct vs_cause_signs signs = {.server = VS_SIGN_YES,
		.side_path = scene->out->side == VS_SIDE_PRIVATE || in->source.family == 0};

	for (size_t i = 0; i < seen->fact_count; i++)
		vs_cause_sign_fact(&signs, seen->facts[i].known, seen->facts[i].value);
	for (size_t i = 0; i < in->observation_count; i++) {
		uint8_t status = in->observations[i].status;

		if (status != VS_OBSERVED_UNKNOWN && status != VS_OBSERVED_FAIL)
			continue;
		vs_cause_sign_failure(&signs);
		if (has_answered(&in->observations[i]))
			signs.by_name = VS_SIGN_YES;
	}
	if (vs_seen_value(seen, VS_FACT_DNS_RESOLVERS).len > 0 &&
		vs_seen_is(seen, VS_FACT_DNS_PATH, "tunnel"))
		signs.by_address = VS_SIGN_YES;
	return signs;
}

static void say_handshake(struct vs_sentence *to, const struct vs_seen *seen)
{
	struct vs_view text = vs_seen_value(seen, VS_FACT_TUNNEL_HANDSHAKE);
	int64_t age_ms;
	char age[32];

	if (text.len == 0 || vs_duration_parse(&age_ms, text, 1) < 0)
		return;
	vs_duration_format(age, sizeof(age), age_ms);
	vs_say(to, ", and WireGuard's last handshake was %s ago", age);
}

static bool device_is_down(struct vs_answer *answer, const struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	struct vs_view device = vs_seen_value(seen, VS_FACT_TUNNEL_INTERFACE);

	if (vs_seen_is(seen, VS_FACT_NET_DEVICES, "0")) {
		vs_answer_decide(answer, VS_RULE_TUNNEL_NO_DEVICE, VS_VERDICT_DOWN, VS_CONFIDENCE_HIGH);
		vs_say(&answer->evidence,
			"no source told the exit, and no network device but loopback is up");
		return true;
	}
	if (!vs_seen_is(seen, VS_FACT_TUNNEL_UP, "false"))
		return false;
	/* A public source got out somehow: perhaps the tunnel ends elsewhere than on this host. */
	vs_answer_decide(answer, VS_RULE_TUNNEL_DEVICE_DOWN, VS_VERDICT_DOWN,
		vs_is_public(&scene->in->source) ? VS_CONFIDENCE_MEDIUM : VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "no source told the exit, and the tunnel's device %.*s%sis not up",
		vs_say_length(device, VS_SAID_MAX), device.ptr, device.len > 0 ? " " : "");
	return true;
}

/* Reached is this server alone, and not through the tunnel. */
static bool nothing_passes(
	struct vs_answer *answer, const struct vs_scene *scene, enum vs_cause cause, bool stalled)
{
	char text[VS_ADDR_TEXT];

	if (cause != VS_CAUSE_TUNNEL_DOWN || scene->out->side != VS_SIDE_PRIVATE)
		return false;
	vs_addr_format(&scene->in->source, text);
	vs_answer_decide(answer, VS_RULE_TUNNEL_DEAD, VS_VERDICT_DOWN,
		stalled ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	vs_say(&answer->evidence,
		"nothing on the internet answered, and the keepalive came from %s, a private address beside "
		"the tunnel",
		text);
	say_handshake(&answer->evidence, &scene->seen);
	vs_answer_say_reasons(answer, scene->in);
	return true;
}

void vs_judge_absence(struct vs_scene *scene, struct vs_answer *answer)
{
	const struct vs_cause_signs signs = signs_of(scene);
	enum vs_cause cause = vs_cause_diagnose(&signs);
	char age[32];

	scene->out->cause = (uint8_t)cause;
	if (device_is_down(answer, scene) || nothing_passes(answer, scene, cause, signs.stalled))
		return;
	if (scene->seen.stale_age_ms > 0) {
		vs_answer_unknown(answer, VS_RULE_TUNNEL_STALE);
		vs_duration_format(age, sizeof(age), scene->seen.stale_age_ms);
		vs_say(&answer->evidence, "the exit was last measured %s ago, too long to count", age);
	} else {
		vs_answer_unknown(answer, VS_RULE_TUNNEL_NOT_TOLD);
		vs_say(&answer->evidence, "no source told the exit");
	}
	vs_answer_say_reasons(answer, scene->in);
}
