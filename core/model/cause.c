#include "model/cause.h"

#include "base/err.h"
#include "base/text.h"

struct cause_row {
	const char *name;
	const char *words;
};

static const struct cause_row rows[VS_CAUSES] = {
#define CAUSE_ROW(id, number, text, words) [number] = {text, words},
	VS_CAUSE_ROWS(CAUSE_ROW)
#undef CAUSE_ROW
};

const char *vs_cause_name(enum vs_cause cause)
{
	return (unsigned)cause < VS_CAUSES ? rows[cause].name : "";
}

const char *vs_cause_words(enum vs_cause cause)
{
	return (unsigned)cause < VS_CAUSES ? rows[cause].words : "";
}

int vs_cause_parse(uint8_t *cause, struct vs_view name)
{
	for (uint8_t i = 0; i < VS_CAUSES; i++)
		if (vs_view_equal_text(name, rows[i].name)) {
			*cause = i;
			return 0;
		}
	return VS_ERR_INVALID;
}

static uint8_t sign_of_bool(struct vs_view value)
{
	bool yes;

	if (vs_bool_parse(&yes, value) < 0)
		return VS_SIGN_UNKNOWN;
	return yes ? VS_SIGN_YES : VS_SIGN_NO;
}

static uint8_t sign_of_count(struct vs_view value)
{
	int64_t count;

	if (vs_int_parse(&count, value) < 0)
		return VS_SIGN_UNKNOWN;
	return count > 0 ? VS_SIGN_YES : VS_SIGN_NO;
}

static bool is_old(struct vs_view value)
{
	int64_t age_ms;

	return vs_duration_parse(&age_ms, value, 1) == 0 && age_ms >= VS_CAUSE_HANDSHAKE_MS;
}

void vs_cause_sign_fact(struct vs_cause_signs *signs, enum vs_fact known, struct vs_view value)
{
	switch (known) {
	case VS_FACT_NET_DEVICES:
		signs->devices = sign_of_count(value);
		break;
	case VS_FACT_TUNNEL_UP:
		if (signs->tunnel != VS_SIGN_NO)
			signs->tunnel = sign_of_bool(value);
		break;
	case VS_FACT_TUNNEL_HANDSHAKE:
		if (is_old(value))
			signs->stalled = true;
		break;
	case VS_FACT_DNS_ANSWERING:
		signs->resolver = sign_of_bool(value);
		break;
	case VS_FACT_EXIT_IP:
	case VS_FACT_EXIT6_IP:
		signs->by_name = VS_SIGN_YES;
		break;
	case VS_FACT_TRACE_IP:
	case VS_FACT_UDP_IP:
	case VS_FACT_UDP6_IP:
		signs->by_address = VS_SIGN_YES;
		break;
	default:
		break;
	}
}

void vs_cause_sign_failure(struct vs_cause_signs *signs)
{
	if (signs->failed < UINT32_MAX)
		signs->failed++;
}

/* Whether anything beyond this server was reached. Nobody asked: not known. */
static enum vs_sign outside(const struct vs_cause_signs *signs)
{
	if (signs->by_name == VS_SIGN_YES || signs->by_address == VS_SIGN_YES)
		return VS_SIGN_YES;
	if (signs->by_name == VS_SIGN_NO || signs->by_address == VS_SIGN_NO || signs->failed > 0)
		return VS_SIGN_NO;
	return VS_SIGN_UNKNOWN;
}

/* Gone, or there and nothing gets through. What comes through the exit proves the tunnel. */
static bool tunnel_is_down(const struct vs_cause_signs *signs)
{
	bool passes = outside(signs) == VS_SIGN_YES || (signs->server == VS_SIGN_YES && !signs->side_path);

	if (signs->tunnel == VS_SIGN_NO)
		return true;
	if (passes || outside(signs) != VS_SIGN_NO)
		return false;
	return signs->stalled || (signs->tunnel == VS_SIGN_YES && signs->resolver != VS_SIGN_YES);
}

/* Names lead nowhere, while addresses do. */
static bool resolver_is_dead(const struct vs_cause_signs *signs)
{
	bool reached = signs->by_address == VS_SIGN_YES || signs->server == VS_SIGN_YES;

	return signs->resolver == VS_SIGN_NO && signs->by_name != VS_SIGN_YES && reached;
}

enum vs_cause vs_cause_diagnose(const struct vs_cause_signs *signs)
{
	if (signs->server_offline)
		return VS_CAUSE_SERVER_OFFLINE;
	if (signs->devices == VS_SIGN_NO)
		return VS_CAUSE_NAMESPACE_DEAD;
	if (tunnel_is_down(signs))
		return VS_CAUSE_TUNNEL_DOWN;
	if (resolver_is_dead(signs))
		return VS_CAUSE_RESOLVER_DEAD;
	if (signs->server == VS_SIGN_NO && outside(signs) == VS_SIGN_YES)
		return VS_CAUSE_SERVER_UNREACHABLE;
	if (signs->server == VS_SIGN_YES && !signs->side_path && outside(signs) == VS_SIGN_NO)
		return VS_CAUSE_PROVIDER_OUTAGE;
	if (signs->exit_silent)
		return VS_CAUSE_EXIT_SILENT;
	if (signs->silent)
		return VS_CAUSE_CLIENT_SILENT;
	return signs->server == VS_SIGN_NO || outside(signs) == VS_SIGN_NO ? VS_CAUSE_UNKNOWN : VS_CAUSE_NONE;
}
