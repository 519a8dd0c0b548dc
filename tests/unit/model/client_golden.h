/*
 * A client with one of everything, and its record as version 1 writes it. These bytes are in
 * databases: they must be read for ever. When what is written changes, keep them beside the new ones.
 */
#ifndef VS_TESTS_CLIENT_GOLDEN_H
#define VS_TESTS_CLIENT_GOLDEN_H

#include "model_test.h"

#include "base/alloc.h"
#include "model/cause.h"
#include "model/client.h"

static inline void golden_facts(struct vs_client *client, struct vs_names *names)
{
	struct vs_fact_value values[VS_FACT_WARP + 1];

	for (int i = 0; i < VS_FACT_WARP; i++) {
		enum vs_fact known = (enum vs_fact)(i + 1);

		values[i] = (struct vs_fact_value){
			.name = vs_fact_name(known),
			.source = i < 9 ? "ipinfo@main" : "cloudflare_trace",
			.value = vs_view_of(vs_fact_type(known) == VS_TYPE_ADDR ? "198.51.100.7" : "RO"),
			.observed_at = i < 9 ? NOON - 1500 : NOON,
			.type = vs_fact_type(known),
			.known = known,
		};
	}
	values[VS_FACT_WARP] = (struct vs_fact_value){
		.name = "x.y",
		.source = "",
		.value = vs_view_of("Toruń"),
		.observed_at = NOON - HOUR,
		.type = VS_TYPE_TEXT,
	};
	vs_facts_set(&client->facts, names, values, COUNT(values));
}

static inline void golden_verdicts(struct vs_client *client)
{
	static const uint8_t verdict[VS_QUESTIONS] = {VS_VERDICT_LEAK, VS_VERDICT_SECURE,
		VS_VERDICT_NOT_CHECKED, VS_VERDICT_VIOLATION, VS_VERDICT_EXPOSED};
	static const uint8_t confidence[VS_QUESTIONS] = {
		VS_CONFIDENCE_HIGH, VS_CONFIDENCE_MEDIUM, VS_CONFIDENCE_NONE, VS_CONFIDENCE_LOW};
	static const char *const evidence[VS_QUESTIONS] = {"it is home", "equal", "", "elsewhere", "open"};

	vs_verdicts_set(&client->verdicts, verdict, confidence, evidence);
}

static inline void golden_incident(struct vs_client *client)
{
	struct vs_incident *incident;

	client->incidents = vs_calloc(1, sizeof(*client->incidents));
	client->incident_count = 1;
	incident = &client->incidents[0];
	vs_incident_init(incident, VS_KIND_BYPASS, client->id, NOON);
	strcpy(incident->id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
	incident->confidence = VS_CONFIDENCE_HIGH;
	incident->acknowledged = true;
	incident->flaps = 2;
	vs_incident_set_evidence(incident, "it is home");
}

static inline void golden_client(struct vs_client *client, struct vs_names *names)
{
	static const char failures[] = "trace\0it rained\0other\0\0";

	vs_client_init(client, "office-vpn");
	client->first_seen = NOON - 24 * HOUR;
	client->last_seen = NOON;
	client->started_at = NOON - HOUR;
	client->seq = 300;
	client->interval_ms = 60000;
	client->version = vs_names_hold(names, vs_view_of("0.1.0"));
	client->told_version = vs_names_hold(names, vs_view_of("0.0.9"));
	client->tags = vs_names_hold(names, vs_view_of("home,site:a"));
	client->source = addr("198.51.100.7");
	client->told_exit = addr("2001:db8::7");
	client->liveness = VS_LIVENESS_LATE;
	client->side = VS_SIDE_OTHER;
	client->told = 1;
	golden_facts(client, names);
	golden_verdicts(client);
	golden_incident(client);
	client->streaks[0] = (struct vs_streak){.bad = 2, .first_bad_at = NOON - 5 * MINUTE};
	client->streaks[1].good = 255;
	client->failures = vs_alloc(sizeof(failures));
	memcpy(client->failures, failures, sizeof(failures));
}

/* 40 bytes a line. */
static const char *const golden_lines[] = {
	"016f66666963652d76706e0080f8b784c168ffefb25280be8081c168ac02e0d403010103302e312e",
	"3000302e302e3900686f6d652c736974653a610004c63364070620010db800000000000000000000",
	"00071105016970696e666f406d61696e00b7173139382e35312e3130302e37003802524f00310352",
	"4f003104524f003705524f003106524f003107524f003108524f003409524f00050a636c6f756466",
	"6c6172655f747261636500b8173139382e35312e3130302e3700380b524f00310c524f00350d3139",
	"382e35312e3130302e3700310e524f00310f524f003110524f000100782e790000ffb9b703546f72",
	"75c584000536697420697320686f6d650021657175616c00000015656c7365776865726500046f70",
	"656e00060002bfcf24ff010000000000000000007472616365006974207261696e6564006f746865",
	"72000000017b226964223a22303141525a334e44454b54535634525246465136394735464156222c",
	"226b696e64223a22627970617373222c227365766572697479223a22637269746963616c222c2263",
	"6c69656e74223a226f66666963652d76706e222c227374617465223a226f70656e222c2261636b6e",
	"6f776c6564676564223a747275652c22636f6e666964656e6365223a2268696768222c226f70656e",
	"65645f6174223a22323032362d31312d32335431323a30303a30302e3030305a222c226669727374",
	"5f6261645f6174223a22323032362d31312d32335431323a30303a30302e3030305a222c226c6173",
	"745f6261645f6174223a22323032362d31312d32335431323a30303a30302e3030305a222c22676f",
	"6f645f73696e6365223a6e756c6c2c227265736f6c7665645f6174223a6e756c6c2c226578706f73",
	"7572655f6d73223a302c22666c617073223a322c2265766964656e6365223a22697420697320686f",
	"6d65227d00",
};

static inline void golden_record(struct vs_buf *record)
{
	for (size_t i = 0; i < COUNT(golden_lines); i++)
		for (const char *at = golden_lines[i]; *at != '\0'; at += 2) {
			unsigned byte;

			assert_int_equal(sscanf(at, "%2x", &byte), 1);
			vs_buf_add_char(record, (char)byte);
		}
}

/* What was added to version 1: the rules that decided, the cause, the streaks after the sixth. */
static inline void golden_client_with_rules(struct vs_client *client, struct vs_names *names)
{
	golden_client(client, names);
	client->rule[VS_QUESTION_TUNNEL] = 10;
	client->rule[VS_QUESTION_KILLSWITCH] = 121;
	client->cause = VS_CAUSE_TUNNEL_DOWN;
	client->streaks[6] = (struct vs_streak){.bad = 1, .first_bad_at = NOON};
}

static inline void golden_record_with_rules(struct vs_buf *record)
{
	static const char rules[] = "\5\12\0\0\0\171\1\1\0\1\0";

	golden_record(record);
	vs_buf_add(record, rules, sizeof(rules) - 1);
}

/* And then: what of the last outage was told late. */
static inline void golden_client_told_late(struct vs_client *client, struct vs_names *names)
{
	golden_client_with_rules(client, names);
	client->late_told = 1U << 2;
	client->late_until = 1795608000;
}

static inline void golden_record_told_late(struct vs_buf *record)
{
	static const char late[] = "\4\300\233\233\330\6";

	golden_record_with_rules(record);
	vs_buf_add(record, late, sizeof(late) - 1);
}

#endif
