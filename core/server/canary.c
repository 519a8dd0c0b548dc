#include "server/canary.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "model/report.h"
#include "model/rules.h"
#include "plug/env.h"
#include "server/canary_word.h"
#include "server/clock.h"
#include "server/extra.h"

#define OWNER "server/canary"
#define KEY "secret"
#define SLACK_MS 60000 /* a test that ended so soon after a canary was the one that sent it */

#define SIGNED_TEXT (VS_CLIENT_ID_MAX + 2 + VS_UINT_TEXT) /* what a token is made of */

/* A client of whom some are remembered. */
struct sender {
	size_t count;
	UT_hash_handle hh;
	char id[];
};

/* One that came: it must not come again. */
struct seen {
	unsigned char mac[VS_HMAC_BYTES];
	int64_t time_s;
	struct sender *sender;
	struct seen *prev; /* in order of arrival */
	struct seen *next;
	UT_hash_handle hh;
};

/* A client whose kill switch let one out. */
struct arrival {
	char address[VS_ADDR_TEXT];
	char device[VS_CANARY_DEVICE_MAX + 1];
	uint64_t at_ms;
	struct arrival *prev; /* the oldest first */
	struct arrival *next;
	UT_hash_handle hh;
	char id[];
};

struct vs_canaries {
	struct vs_clock clock;
	const struct vs_rules *rules;
	struct vs_hash_seed seed;
	struct vs_hmac_key *secret;
	struct seen *seen;
	struct seen *order;
	struct sender *senders;
	int64_t not_before_s; /* what is as old as this may have been seen and forgotten, by this process or
				 the last */
	struct arrival *arrivals;
	struct arrival *oldest;
};

/* --- the secret ------------------------------------------------------------------------ */

static void find_secret(struct vs_canaries *canaries, const struct vs_state_backend *state)
{
	const char *kept = state->get(state->arg, OWNER, KEY);
	unsigned char bytes[VS_HMAC_BYTES];
	char secret[VS_HMAC_TEXT];

	if (kept != NULL && vs_hmac_parse(bytes, vs_view_of(kept))) {
		memcpy(secret, kept, sizeof(secret));
	} else {
		vs_random(bytes, sizeof(bytes));
		vs_hex(secret, bytes, sizeof(bytes));
		(void)state->put(state->arg, OWNER, KEY, secret);
	}
	vs_log_secret(secret);
	canaries->secret = vs_hmac_key_create(vs_view_of(secret));
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(bytes, sizeof(bytes));
}

struct vs_canaries *vs_canaries_create(
	const struct vs_clock *clock, const struct vs_rules *rules, const struct vs_state_backend *state)
{
	struct vs_canaries *canaries = vs_zalloc(sizeof(*canaries));

	canaries->clock = *clock;
	canaries->rules = rules;
	vs_hash_seed_init(&canaries->seed);
	canaries->not_before_s = canaries->clock.wall_ms() / 1000 - 1;
	find_secret(canaries, state);
	return canaries;
}

/* Of the week that this time is in: whoever may not report any more cannot sign for ever. */
static void make_token(
	const struct vs_canaries *canaries, const char *client_id, int64_t at_s, char token[VS_HMAC_TEXT])
{
	uint64_t week = at_s < 0 ? 0 : (uint64_t)at_s / VS_CANARY_TOKEN_S;
	size_t len = strnlen(client_id, VS_CLIENT_ID_MAX);
	char text[SIGNED_TEXT];

	memcpy(text, client_id, len);
	text[len++] = '\n'; /* is in no id */
	len += vs_uint_format(text + len, week);
	vs_hmac_text_by(token, canaries->secret, (struct vs_view){text, len});
}

void vs_canaries_token(const struct vs_canaries *canaries, const char *client_id, char token[VS_HMAC_TEXT])
{
	make_token(canaries, client_id, canaries->clock.wall_ms() / 1000, token);
}

/* --- whether it is one ----------------------------------------------------------------- */

static unsigned hash(const struct vs_canaries *canaries, const void *bytes, size_t len)
{
	return (unsigned)vs_hash(&canaries->seed, bytes, len);
}

static struct sender *sender_of(struct vs_canaries *canaries, const char *id)
{
	size_t len = strlen(id);
	unsigned value = hash(canaries, id, len);
	struct sender *sender;

	HASH_FIND_BYHASHVALUE(hh, canaries->senders, id, len, value, sender);
	if (sender != NULL)
		return sender;
	sender = vs_zalloc(sizeof(*sender) + len + 1);
	memcpy(sender->id, id, len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, canaries->senders, sender->id, len, value, sender);
	return sender;
}

static void release_sender(struct vs_canaries *canaries, struct sender *sender)
{
	if (sender->count > 0)
		return;
	HASH_DELETE(hh, canaries->senders, sender);
	vs_free(sender);
}

static void forget_seen(struct vs_canaries *canaries, struct seen *seen)
{
	seen->sender->count--;
	release_sender(canaries, seen->sender);
	DL_DELETE(canaries->order, seen);
	HASH_DELETE(hh, canaries->seen, seen);
	vs_free(seen);
}

/* What is out of the window cannot come again. */
static void forget_old(struct vs_canaries *canaries, int64_t now_s)
{
	while (canaries->order != NULL && canaries->order->time_s < now_s - VS_CANARY_WINDOW_S)
		forget_seen(canaries, canaries->order);
}

/* What is forgotten before that must not come either. */
static void make_room(struct vs_canaries *canaries)
{
	if (HASH_COUNT(canaries->seen) < VS_CANARY_SEEN_MAX)
		return;
	if (canaries->not_before_s < canaries->order->time_s)
		canaries->not_before_s = canaries->order->time_s;
	forget_seen(canaries, canaries->order);
}

static bool was_seen(const struct vs_canaries *canaries, const struct vs_canary_signature *signature)
{
	unsigned value = hash(canaries, signature->mac, VS_HMAC_BYTES);
	struct seen *seen;

	HASH_FIND_BYHASHVALUE(hh, canaries->seen, signature->mac, VS_HMAC_BYTES, value, seen);
	return seen != NULL || signature->time_s <= canaries->not_before_s;
}

/* False: it was seen before, or nobody knows any more, or its client sends so many that others would suffer.
 */
static bool note_seen(struct vs_canaries *canaries, const char *client_id,
	const struct vs_canary_signature *signature, int64_t now_s)
{
	struct sender *sender;
	struct seen *seen;

	if (was_seen(canaries, signature))
		return false;
	forget_old(canaries, now_s);
	if (sender_of(canaries, client_id)->count >= VS_CANARY_SEEN_OF_ONE)
		return false;
	make_room(canaries);
	sender = sender_of(canaries, client_id); /* it may have been the one that made room */
	sender->count++;
	seen = vs_zalloc(sizeof(*seen));
	memcpy(seen->mac, signature->mac, VS_HMAC_BYTES);
	seen->time_s = signature->time_s;
	seen->sender = sender;
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, canaries->seen, seen->mac, VS_HMAC_BYTES, hash(canaries, seen->mac, VS_HMAC_BYTES), seen);
	DL_APPEND(canaries->order, seen);
	return true;
}

static bool is_signed_by(const char *token, const struct vs_canary_signature *signature, struct vs_view body)
{
	unsigned char mac[VS_HMAC_BYTES];
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_add(&text, signature->time.ptr, signature->time.len);
	vs_buf_add_char(&text, '.');
	vs_buf_add(&text, body.ptr, body.len);
	vs_hmac_sha256(mac, vs_view_of(token), vs_buf_view(&text));
	vs_buf_fini(&text);
	return vs_hmac_equal(mac, signature->mac);
}

/* By the token of this week or the last, or that of a server whose clock is a little ahead of ours. */
static bool is_signed(const struct vs_canaries *canaries, const char *client_id,
	const struct vs_canary_signature *signature, struct vs_view body, int64_t now_s)
{
	const int64_t times[] = {now_s, now_s - VS_CANARY_TOKEN_S, now_s + VS_CANARY_WINDOW_S};
	char token[VS_HMAC_TEXT];
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		make_token(canaries, client_id, times[i], token);
		if (is_signed_by(token, signature, body))
			return true;
	}
	return false;
}

bool vs_canaries_check(struct vs_canaries *canaries, struct vs_view signature, struct vs_view body,
	struct vs_canary_word *word)
{
	int64_t now_s = canaries->clock.wall_ms() / 1000;
	struct vs_canary_signature parsed;

	if (canaries->not_before_s > now_s + VS_CANARY_WINDOW_S) /* the clock was set back since then */
		canaries->not_before_s = now_s - 1;
	return vs_canary_signature_parse(&parsed, signature) && parsed.time_s >= now_s - VS_CANARY_WINDOW_S &&
	       parsed.time_s <= now_s + VS_CANARY_WINDOW_S && vs_canary_word_parse(word, body) &&
	       is_signed(canaries, word->client_id, &parsed, body, now_s) &&
	       note_seen(canaries, word->client_id, &parsed, now_s);
}

/* --- what it proves -------------------------------------------------------------------- */

static struct arrival *find(const struct vs_canaries *canaries, const char *id)
{
	size_t len = strlen(id);
	struct arrival *arrival;

	HASH_FIND_BYHASHVALUE(hh, canaries->arrivals, id, len, hash(canaries, id, len), arrival);
	return arrival;
}

static void forget(struct vs_canaries *canaries, struct arrival *arrival)
{
	DL_DELETE(canaries->oldest, arrival);
	HASH_DELETE(hh, canaries->arrivals, arrival);
	vs_free(arrival);
}

static struct arrival *add(struct vs_canaries *canaries, const char *id)
{
	size_t len = strlen(id);
	struct arrival *arrival = vs_zalloc(sizeof(*arrival) + len + 1);

	if (HASH_COUNT(canaries->arrivals) >= VS_CANARY_CLIENTS_MAX)
		forget(canaries, canaries->oldest);
	memcpy(arrival->id, id, len);
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, canaries->arrivals, arrival->id, len, hash(canaries, id, len), arrival);
	return arrival;
}

void vs_canaries_arrived(struct vs_canaries *canaries, const struct vs_canary_word *word,
	const struct vs_addr *from, struct vs_fact_value facts[VS_CANARY_FACTS])
{
	struct arrival *arrival = find(canaries, word->client_id);
	int64_t now = canaries->clock.wall_ms();

	if (arrival == NULL)
		arrival = add(canaries, word->client_id);
	else
		DL_DELETE(canaries->oldest, arrival);
	DL_APPEND(canaries->oldest, arrival);
	arrival->at_ms = canaries->clock.mono_ms();
	vs_addr_format(from, arrival->address);
	memcpy(arrival->device, word->device, sizeof(arrival->device));
	facts[0] = (struct vs_fact_value){vs_fact_name(VS_FACT_CANARY_IP), VS_CANARY_SOURCE,
		vs_view_of(arrival->address), now, VS_TYPE_ADDR, VS_FACT_CANARY_IP};
	facts[1] = (struct vs_fact_value){vs_fact_name(VS_FACT_CANARY_DEVICE), VS_CANARY_SOURCE,
		vs_view_of(arrival->device), now, VS_TYPE_TEXT, VS_FACT_CANARY_DEVICE};
}

/* How long ago the report's own test of the kill switch got nothing out; -1: it says nothing of the kind. */
static int64_t closed_for(const struct vs_report *report)
{
	const struct vs_report_fact *tested = vs_report_find(report, VS_FACT_KILLSWITCH_TESTED);
	int64_t at;

	if (tested == NULL || vs_report_find(report, VS_FACT_KILLSWITCH_OPEN) != NULL)
		return -1;
	at = report->observations[tested->observation].observed_at;
	if (at == 0 || report->sent_at == 0 || report->sent_at < at)
		return 0;
	return report->sent_at - at;
}

static bool is_over(
	const struct vs_canaries *canaries, const struct arrival *arrival, const struct vs_report *report)
{
	int64_t interval = vs_rules_interval(canaries->rules, report->interval_ms);
	int64_t age = (int64_t)(canaries->clock.mono_ms() - arrival->at_ms);
	int64_t slack = interval < SLACK_MS ? interval : SLACK_MS;
	int64_t closed = closed_for(report);

	if (vs_report_find(report, VS_FACT_KILLSWITCH_OPEN) != NULL) /* it says where that test's way led */
		return age > VS_RULES_KILLSWITCH_MS && age > VS_CANARY_INTERVALS * interval;
	return age > VS_CANARY_INTERVALS * interval || (closed >= 0 && closed < age - slack);
}

static void on_report(void *arg, struct vs_extra *extra, const struct vs_report *report)
{
	struct vs_canaries *canaries = arg;
	struct arrival *arrival;

	if (canaries->arrivals == NULL)
		return;
	arrival = find(canaries, report->client_id);
	if (arrival == NULL)
		return;
	if (is_over(canaries, arrival, report)) {
		forget(canaries, arrival);
		return;
	}
	vs_extra_add(extra, VS_CANARY_SOURCE, VS_FACT_CANARY_IP, arrival->address);
	vs_extra_add(extra, VS_CANARY_SOURCE, VS_FACT_CANARY_DEVICE, arrival->device);
}

struct vs_extra_source vs_canaries_source(struct vs_canaries *canaries)
{
	return (struct vs_extra_source){on_report, canaries};
}

size_t vs_canaries_count(const struct vs_canaries *canaries)
{
	return HASH_COUNT(canaries->arrivals);
}

void vs_canaries_destroy(struct vs_canaries *canaries)
{
	if (canaries == NULL)
		return;
	while (canaries->order != NULL)
		forget_seen(canaries, canaries->order);
	while (canaries->oldest != NULL)
		forget(canaries, canaries->oldest);
	vs_hmac_key_destroy(canaries->secret);
	vs_free(canaries);
}
