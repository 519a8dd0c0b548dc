/* What somebody asks to be silenced: strangers' JSON. And what is stored of it. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/json.h"
#include "model/mute.h"

#define NOW INT64_C(1795435200000)

void fuzz_begin(void)
{
	vs_json_setup();
}

/* Whatever was taken is stored and read back as it was. */
static void check_taken(struct vs_mute *mute)
{
	struct vs_local_time local = {6, 1439};
	struct vs_mute again;
	struct vs_buf first = {0};
	struct vs_buf second = {0};

	memcpy(mute->id, "01JDB9K3Z7Q4T2W8X5Y6V0R1S2", sizeof(mute->id));
	(void)vs_mute_is_about(mute, "office", 1, 2, "a,b");
	(void)vs_mute_is_on(mute, NOW, &local);
	vs_mute_encode(mute, &first);
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(&first)));
	VS_REQUIRE(vs_mute_decode(&again, vs_buf_view(&first), NULL) == 0);
	vs_mute_encode(&again, &second);
	VS_REQUIRE(vs_view_equal(vs_buf_view(&first), vs_buf_view(&second)));
	vs_buf_fini(&first);
	vs_buf_fini(&second);
	vs_mute_fini(&again);
}

void fuzz_one(struct vs_view input)
{
	struct vs_err err = {0};
	json_t *json = vs_json_parse(input, &err);
	struct vs_mute mute;

	if (json != NULL && vs_mute_read(&mute, json, "ana", NOW, &err) == 0) {
		check_taken(&mute);
		vs_mute_fini(&mute);
	} else {
		fuzz_require_sentence(err.text, sizeof(err.text));
	}
	json_decref(json);
	if (vs_mute_decode(&mute, input, &err) == 0)
		vs_mute_fini(&mute);
}
