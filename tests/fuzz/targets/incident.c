/* Stored incidents, transitions, deliveries, their outcomes, and what the server notes of itself: JSON that
 * we wrote, on a disk that may lie. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/incident.h"
#include "model/json.h"
#include "model/transition.h"
#include "server/delivery.h"
#include "server/half.h"
#include "server/outcome.h"
#include "server/steady.h"

#define ID "01JDB9K3Z7Q4T2W8X5Y6V0R1S2"

void fuzz_begin(void)
{
	vs_json_setup();
}

static void require_same(struct vs_buf *first, struct vs_buf *second)
{
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(first)));
	VS_REQUIRE(vs_view_equal(vs_buf_view(first), vs_buf_view(second)));
	vs_buf_fini(first);
	vs_buf_fini(second);
}

static void check_incident(struct vs_view input)
{
	struct vs_incident incident;
	struct vs_incident again;
	struct vs_err err = {0};
	struct vs_buf first = {0};
	struct vs_buf second = {0};

	memset(&incident, 0xee, sizeof(incident));
	if (vs_incident_decode(&incident, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		VS_REQUIRE(incident.client == NULL);
		return;
	}
	VS_REQUIRE(vs_incident_exposure_ms(&incident) >= 0);
	vs_incident_encode(&incident, &first);
	VS_REQUIRE(vs_incident_decode(&again, vs_buf_view(&first), NULL) == 0);
	vs_incident_encode(&again, &second);
	require_same(&first, &second);
	vs_incident_fini(&again);
	vs_incident_fini(&incident);
	vs_incident_fini(&incident);
}

static void check_transition(struct vs_view input)
{
	struct vs_transition transition;
	struct vs_transition again;
	struct vs_err err = {0};
	struct vs_buf first = {0};
	struct vs_buf second = {0};

	memset(&transition, 0xee, sizeof(transition));
	if (vs_transition_decode(&transition, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		vs_transition_fini(&transition);
		return;
	}
	VS_REQUIRE(transition.detail_count <= VS_TRANSITION_DETAILS_MAX);
	vs_transition_encode(&transition, &first);
	VS_REQUIRE(vs_transition_decode(&again, vs_buf_view(&first), NULL) == 0);
	vs_transition_encode(&again, &second);
	require_same(&first, &second);
	vs_transition_fini(&again);
	vs_transition_fini(&transition);
}

static void check_delivery(struct vs_view input)
{
	struct vs_err err = {0};
	struct vs_delivery *delivery = vs_delivery_decode(ID, input, &err);
	struct vs_delivery *again;
	struct vs_buf first = {0};
	struct vs_buf second = {0};

	if (delivery == NULL) {
		VS_REQUIRE(err.text[0] != '\0' && strnlen(err.text, sizeof(err.text)) < sizeof(err.text));
		return;
	}
	(void)vs_delivery_patience_left(delivery, INT64_C(1795435200000));
	vs_delivery_encode(delivery, &first);
	again = vs_delivery_decode(ID, vs_buf_view(&first), NULL);
	VS_REQUIRE(again != NULL);
	vs_delivery_encode(again, &second);
	require_same(&first, &second);
	vs_delivery_destroy(again);
	vs_delivery_destroy(delivery);
}

static void check_outcome(struct vs_view input)
{
	static const char key[] = "office\0" ID "\0oncall";
	struct vs_outcome outcome;
	struct vs_err err = {0};
	struct vs_buf shown = {0};

	if (vs_outcome_read(&outcome, (struct vs_view){key, sizeof(key) - 1}, input, &err) < 0) {
		VS_REQUIRE(err.text[0] != '\0' && strnlen(err.text, sizeof(err.text)) < sizeof(err.text));
		return;
	}
	VS_REQUIRE(outcome.state < VS_OUTCOMES && strcmp(outcome.transition, ID) == 0);
	vs_outcome_show(&outcome, &shown);
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(&shown)));
	vs_buf_fini(&shown);
	vs_outcome_fini(&outcome);
}

static void check_notes(struct vs_view input)
{
	struct vs_steady steady = {0};
	struct vs_steady again = {0};
	struct vs_buf first = {0};
	struct vs_buf second = {0};
	struct vs_view said;
	int64_t at;

	vs_steady_decode(&steady, input);
	vs_steady_encode(&steady, &first);
	vs_steady_decode(&again, vs_buf_view(&first));
	vs_steady_encode(&again, &second);
	require_same(&first, &second);
	vs_half_decode(input, &at, &said);
	VS_REQUIRE(said.len == 0 || (said.ptr >= input.ptr && said.ptr + said.len <= input.ptr + input.len));
}

void fuzz_one(struct vs_view input)
{
	check_outcome(input);
	check_notes(input);
	check_incident(input);
	check_transition(input);
	check_delivery(input);
}
