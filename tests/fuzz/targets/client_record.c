/* What a store gives back as a client: written by us, but on a disk that may lie. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/client.h"
#include "model/json.h"
#include "model/names.h"
#include "model/report.h"

void fuzz_begin(void)
{
	vs_json_setup();
}

static void check_client(struct vs_client *client, const struct vs_names *names)
{
	struct vs_facts_cursor at = {0};
	struct vs_fact_value value;
	struct vs_failure failure = {0};

	VS_REQUIRE(vs_client_id_valid(vs_view_of(client->id)));
	VS_REQUIRE(client->liveness <= VS_LIVENESS_LOST);
	VS_REQUIRE(vs_client_open_incidents(client) <= client->incident_count);
	VS_REQUIRE(vs_facts_count(&client->facts) <= VS_FACTS_KEPT_MAX);
	while (vs_facts_next(&client->facts, names, &at, &value))
		VS_REQUIRE(vs_fact_name_valid(vs_view_of(value.name)) && vs_utf8_valid(value.value));
	while (vs_client_next_failure(client, &failure))
		VS_REQUIRE(vs_utf8_valid(vs_view_of(failure.source)) &&
			   vs_utf8_valid(vs_view_of(failure.reason)));
	(void)vs_client_size(client);
}

void fuzz_one(struct vs_view input)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client;
	struct vs_client again;
	struct vs_err err = {0};
	struct vs_buf first;
	struct vs_buf second;

	vs_buf_init(&first);
	vs_buf_init(&second);
	memset(&client, 0xee, sizeof(client));
	if (vs_client_decode(&client, names, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		VS_REQUIRE(client.id == NULL && vs_names_count(names) == 0);
	} else {
		check_client(&client, names);
		vs_client_encode(&client, names, &first);
		VS_REQUIRE(vs_client_decode(&again, names, vs_buf_view(&first), &err) == 0);
		vs_client_encode(&again, names, &second);
		VS_REQUIRE(vs_view_equal(vs_buf_view(&first), vs_buf_view(&second)));
		vs_client_fini(&again, names);
	}
	vs_client_fini(&client, names);
	vs_names_destroy(names);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
}
