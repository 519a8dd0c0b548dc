/*
 * A report: what one keepalive says. Parsed from any of the three bodies (the flat one,
 * the nested one, our own), or filled by the client and written as our own.
 */
#ifndef VS_MODEL_REPORT_H
#define VS_MODEL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "model/fact.h"
#include "model/json_tree.h"

struct vs_buf;

#define VS_CLIENT_ID_MAX 100
#define VS_REPORT_OBSERVATIONS_MAX 32
#define VS_REPORT_TAGS_MAX 16
#define VS_REPORT_NONCES_MAX 16
#define VS_REPORT_INTERVAL_MIN_MS 1000
#define VS_REPORT_INTERVAL_MAX_MS 86400000
#define VS_REPORT_LEGACY_SOURCE "report" /* who observed the facts of the flat and the nested body */

#define VS_OBSERVED_ROWS(X) X(PASS, "pass") X(WARN, "warn") X(FAIL, "fail") X(UNKNOWN, "unknown")
enum vs_observed {
#define VS_OBSERVED_ENUM(name, text) VS_OBSERVED_##name,
	VS_OBSERVED_ROWS(VS_OBSERVED_ENUM)
#undef VS_OBSERVED_ENUM
};

/* What one source said. Its facts are those of the report whose observation is its index. */
struct vs_observation {
	const char *source;
	const char *reason; /* NULL: none given */
	int64_t observed_at; /* wall; 0: when the report was made */
	enum vs_observed status;
};

struct vs_report_fact {
	const char *name;
	struct vs_view value; /* canonical */
	enum vs_fact_type type;
	enum vs_fact known;
	uint32_t observation;
};

/* Texts are borrowed: from the text the report owns, or from whoever filled it. */
struct vs_report {
	const char *client_id;
	const char *version; /* NULL: not said */
	int64_t sent_at; /* the client's wall clock when it sent this; 0: not said */
	int64_t observed_at; /* of a late report: when it was made; else 0 */
	int64_t started_at; /* the client's start; 0: not said */
	int64_t interval_ms; /* 0: not said */
	uint64_t seq; /* counts up within one start; 0: not said */
	bool own; /* our own body */
	bool late; /* was spooled: fills gaps, proves nothing about now */
	uint32_t tag_count;
	uint32_t nonce_count;
	uint32_t observation_count;
	uint32_t fact_count;
	const char *tags[VS_REPORT_TAGS_MAX];
	const char *nonces[VS_REPORT_NONCES_MAX];
	struct vs_observation observations[VS_REPORT_OBSERVATIONS_MAX];
	struct vs_report_fact facts[VS_FACTS_MAX];
	char scratch[VS_FACTS_MAX][VS_FACT_SCRATCH]; /* canonical forms that differ from what was sent */
	char *text; /* owned; NULL when not parsed */
	char member[VS_JSON_PATH]; /* after an error of vs_report_parse: whom it is about; "" when none */
};

void vs_report_init(struct vs_report *report); /* empty; does not touch the arrays */
void vs_report_fini(struct vs_report *report); /* twice is fine */

/*
 * Parses body into report (which need not be initialised). On error report is empty but for
 * its member, and err names that: "observations[2].facts.exit.ip: \"x\" is not an address".
 */
int vs_report_parse(struct vs_report *report, struct vs_view body, struct vs_err *err);

bool vs_client_id_valid(struct vs_view id); /* [A-Za-z0-9._-]{1,100} */

/* Filling one. Both refuse (false) when the report is full or the value is not of the type. */
bool vs_report_observe(struct vs_report *report, const char *source, enum vs_observed status,
	const char *reason, int64_t observed_at);
/* Of the last observation. name, value: borrowed until the report was written. */
bool vs_report_add_fact(
	struct vs_report *report, const char *name, enum vs_fact_type type, const char *value);
/* The first fact of that kind, NULL when there is none. */
const struct vs_report_fact *vs_report_find(const struct vs_report *report, enum vs_fact known);

/*
 * Appends our own body, one line of JSON: the nested form, so that other servers read it
 * too, and everything else. To send a spooled one: parse, set late, observed_at, sent_at, write.
 */
void vs_report_write(const struct vs_report *report, struct vs_buf *out);

const char *vs_observed_name(enum vs_observed status);

#endif
