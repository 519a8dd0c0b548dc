/* One lasting problem of one client, or of the server. */
#ifndef VS_MODEL_INCIDENT_H
#define VS_MODEL_INCIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "model/kind.h"
#include "model/verdict.h"

struct json_t;
struct vs_buf;
struct vs_step;

struct vs_incident {
	char id[VS_ULID_TEXT];
	uint8_t kind; /* enum vs_kind */
	uint8_t severity; /* enum vs_severity */
	uint8_t confidence; /* enum vs_confidence */
	uint8_t cause; /* enum vs_cause */
	bool open;
	bool acknowledged;
	uint32_t flaps; /* how often it came back soon after it was resolved */
	int64_t opened_at; /* all times: wall */
	int64_t first_bad_at; /* first evidence */
	int64_t last_bad_at; /* last evidence */
	int64_t good_since; /* first good evidence after the last bad one; 0: none */
	int64_t resolved_at; /* 0 while open */
	int64_t exposed_bytes; /* that left beside the tunnel from the last good to the first good evidence,
				  at most; -1: nobody counted */
	char *client; /* owned; "" when about the server */
	char *evidence; /* owned; one sentence */
};

/* A new open one, with the kind's severity and a fresh ULID. */
void vs_incident_init(struct vs_incident *incident, enum vs_kind kind, const char *client, int64_t now);
void vs_incident_fini(struct vs_incident *incident); /* twice is fine */
void vs_incident_set_evidence(struct vs_incident *incident, const char *evidence);

/* From the first bad to the first good evidence, to the last bad one while there is no good. */
int64_t vs_incident_exposure_ms(const struct vs_incident *incident);

/* So many bytes more; negative: not known, and nothing changes. */
void vs_incident_expose(struct vs_incident *incident, int64_t bytes);

/* The wall clock was set. */
void vs_incident_step(struct vs_incident *incident, const struct vs_step *step);

/* JSON both ways, for stores and the API: one object, times in RFC 3339. */
void vs_incident_encode(const struct vs_incident *incident, struct vs_buf *out);
int vs_incident_decode(struct vs_incident *incident, struct vs_view text, struct vs_err *err);
int vs_incident_from_json(struct vs_incident *incident, const struct json_t *json, struct vs_err *err);

#endif
