#include "model/report.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/require.h"
#include "model/json_path.h"
#include "model/json_tree.h"
#include "model/member.h"
#include "model/report_legacy.h"

#define OWN_BODY 2
#define WORD_MAX 64
#define VERSION_MAX 100
#define PATH_SIZE 64

static bool is_of_a_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("._:@/=-", c) != NULL);
}

/* Letters, digits and a few marks: what tags, nonces and sources are made of. */
static bool is_word(const char *text)
{
	size_t len = 0;

	while (is_of_a_word(text[len]))
		len++;
	return len > 0 && len <= WORD_MAX && text[len] == '\0';
}

static int take_word(
	const struct vs_members *in, const char *place, const struct vs_json_node *value, const char **word)
{
	if (value->type != VS_JSON_TEXT)
		return vs_member_error(in, place, "expected text, found %s", vs_member_type(value));
	if (!is_word(value->text))
		return vs_member_error(in, place, "expected 1 to %d letters, digits or ._:@/=-", WORD_MAX);
	*word = value->text;
	return 0;
}

static int take_words(
	const struct vs_members *in, const char *name, size_t max, const char **words, uint32_t *count)
{
	const struct vs_json_node *array = NULL;
	int rc = vs_member_array(in, name, max, &array);

	if (rc < 0 || array == NULL)
		return rc;
	VS_JSON_EACH (value, array) {
		char place[PATH_SIZE];

		snprintf(place, sizeof(place), "%s[%u]", name, (unsigned)*count);
		rc = take_word(in, place, value, &words[*count]);
		if (rc < 0)
			return rc;
		++*count;
	}
	return 0;
}

static int take_client_id(struct vs_report *report, const struct vs_members *body)
{
	int rc = vs_member_text(body, "client_id", &report->client_id);

	if (rc < 0)
		return rc;
	if (report->client_id == NULL)
		return vs_member_error(body, "client_id", "missing");
	if (!vs_client_id_valid(vs_view_of(report->client_id)))
		return vs_member_error(body, "client_id", "expected 1 to %d of the characters A-Za-z0-9._-",
			VS_CLIENT_ID_MAX);
	return 0;
}

static int take_version(struct vs_report *report, const struct vs_members *body)
{
	int rc = vs_member_text(body, "client_version", &report->version);

	if (rc < 0 || report->version == NULL)
		return rc;
	if (strlen(report->version) > VERSION_MAX)
		return vs_member_error(body, "client_version", "longer than %d bytes", VERSION_MAX);
	if (vs_fact_is_unknown(vs_view_of(report->version)))
		report->version = NULL;
	return 0;
}

static enum vs_fact_type type_of(enum vs_fact known, const struct vs_json_node *value)
{
	if (known != VS_FACT_OTHER)
		return vs_fact_type(known);
	if (value->type == VS_JSON_INT)
		return VS_TYPE_INT;
	if (value->type == VS_JSON_REAL)
		return VS_TYPE_REAL;
	return value->type == VS_JSON_BOOL ? VS_TYPE_BOOL : VS_TYPE_TEXT;
}

static int bad_name(const struct vs_members *in, const struct vs_json_node *value)
{
	struct vs_buf name;
	int rc;

	vs_buf_init(&name);
	vs_json_path_add(&name, (struct vs_view){value->key, value->key_len});
	rc = vs_member_error(in, vs_buf_text(&name), "a fact's name is 1 to %d of the characters a-z0-9_.",
		VS_FACT_NAME_MAX);
	vs_buf_fini(&name);
	return rc;
}

/* Texts and numbers as they were written. */
static struct vs_view scalar_text(const struct vs_json_node *value)
{
	if (value->type == VS_JSON_BOOL)
		return vs_view_of(value->number.yes ? "true" : "false");
	return (struct vs_view){value->text, value->len};
}

static int take_fact(struct vs_report *report, const struct vs_members *in, const struct vs_json_node *value)
{
	struct vs_view name = {value->key, value->key_len}, text;
	struct vs_report_fact *fact;
	int rc;

	if (!vs_fact_name_valid(name))
		return bad_name(in, value);
	if (value->type == VS_JSON_NULL)
		return 0;
	if (report->fact_count == VS_FACTS_MAX)
		return vs_member_error(in, name.ptr, "more than %d facts", VS_FACTS_MAX);
	if (value->type == VS_JSON_ARRAY || value->type == VS_JSON_OBJECT)
		return vs_member_error(in, name.ptr, "expected text, a number, true or false, found %s",
			vs_member_type(value));
	text = scalar_text(value);
	if (vs_fact_is_unknown(text))
		return 0;
	fact = &report->facts[report->fact_count];
	*fact = (struct vs_report_fact){.name = name.ptr, .known = vs_fact_find(name)};
	fact->type = type_of(fact->known, value);
	fact->observation = report->observation_count - 1;
	rc = vs_fact_check(fact->type, text, &fact->value, report->scratch[report->fact_count]);
	if (rc == VS_ERR_TOO_BIG)
		return vs_member_error(in, name.ptr, "longer than %d bytes", VS_FACT_VALUE_MAX);
	if (rc < 0)
		return vs_member_error(in, name.ptr, "\"%.*s\" is not %s",
			(int)(text.len > 60 ? 60 : text.len), text.ptr, vs_fact_type_text(fact->type));
	report->fact_count++;
	return 0;
}

static int take_facts(struct vs_report *report, const struct vs_members *observation)
{
	struct vs_members in = vs_members_inside(observation, "facts", -1, NULL);
	int rc = vs_member_object(observation, "facts", &in.object);

	if (rc < 0 || in.object == NULL)
		return rc;
	VS_JSON_EACH (value, in.object) {
		rc = take_fact(report, &in, value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int take_status(const struct vs_members *in, enum vs_observed *status)
{
	const char *text = NULL;
	int rc = vs_member_text(in, "status", &text);

	if (rc < 0)
		return rc;
	for (int i = 0; text != NULL && i <= VS_OBSERVED_UNKNOWN; i++)
		if (strcmp(text, vs_observed_name((enum vs_observed)i)) == 0) {
			*status = (enum vs_observed)i;
			return 0;
		}
	return vs_member_error(in, "status", "expected pass, warn, fail or unknown");
}

static int check_source(const struct vs_report *report, const struct vs_members *in, const char *source)
{
	if (source == NULL)
		return vs_member_error(in, "source", "missing");
	if (!is_word(source))
		return vs_member_error(in, "source", "expected 1 to %d letters, digits or ._:@/=-", WORD_MAX);
	for (uint32_t i = 0; i < report->observation_count; i++)
		if (strcmp(report->observations[i].source, source) == 0)
			return vs_member_error(in, "source", "%s stands here twice", source);
	return 0;
}

static int take_observation(struct vs_report *report, const struct vs_members *in)
{
	enum vs_observed status = VS_OBSERVED_UNKNOWN;
	const char *source = NULL, *reason = NULL;
	int64_t observed_at = 0;
	int rc;

	rc = vs_member_text(in, "source", &source);
	if (rc == 0)
		rc = check_source(report, in, source);
	if (rc == 0)
		rc = take_status(in, &status);
	if (rc == 0)
		rc = vs_member_text(in, "reason", &reason);
	if (rc == 0 && reason != NULL && strlen(reason) > VS_FACT_VALUE_MAX)
		rc = vs_member_error(in, "reason", "longer than %d bytes", VS_FACT_VALUE_MAX);
	if (rc == 0)
		rc = vs_member_time(in, "observed_at", &observed_at);
	if (rc < 0)
		return rc;
	VS_REQUIRE(vs_report_observe(report, source, status, reason, observed_at));
	return take_facts(report, in);
}

static int take_observations(
	struct vs_report *report, const struct vs_members *body, const struct vs_json_node *array)
{
	int i = 0;

	VS_JSON_EACH (value, array) {
		struct vs_members in = vs_members_inside(body, "observations", i, value);
		char place[PATH_SIZE];
		int rc;

		if (value->type != VS_JSON_OBJECT) {
			snprintf(place, sizeof(place), "observations[%d]", i);
			return vs_member_error(
				body, place, "expected an object, found %s", vs_member_type(value));
		}
		rc = take_observation(report, &in);
		if (rc < 0)
			return rc;
		i++;
	}
	return 0;
}

static int take_seq(struct vs_report *report, const struct vs_members *body)
{
	int64_t seq = 0;
	int rc = vs_member_int(body, "seq", 0, INT64_MAX, &seq);

	report->seq = (uint64_t)seq;
	return rc;
}

/* The members that only our own body has; *observations stays NULL when there are none. */
static int take_own(
	struct vs_report *report, const struct vs_members *body, const struct vs_json_node **observations)
{
	int rc;

	rc = vs_member_time(body, "timestamp", &report->sent_at);
	if (rc == 0)
		rc = vs_member_time(body, "observed_at", &report->observed_at);
	if (rc == 0)
		rc = vs_member_time(body, "started_at", &report->started_at);
	if (rc == 0)
		rc = vs_member_seconds(body, "interval_seconds", VS_REPORT_INTERVAL_MIN_MS,
			VS_REPORT_INTERVAL_MAX_MS, &report->interval_ms);
	if (rc == 0)
		rc = take_seq(report, body);
	if (rc == 0)
		rc = vs_member_bool(body, "late", &report->late);
	if (rc == 0)
		rc = take_words(body, "tags", VS_REPORT_TAGS_MAX, report->tags, &report->tag_count);
	if (rc == 0)
		rc = take_words(body, "nonces", VS_REPORT_NONCES_MAX, report->nonces, &report->nonce_count);
	if (rc == 0)
		rc = vs_member_array(body, "observations", VS_REPORT_OBSERVATIONS_MAX, observations);
	if (rc == 0 && report->late && report->observed_at == 0)
		rc = vs_member_error(body, "observed_at", "missing from a late report");
	return rc;
}

static int take_body(struct vs_report *report, const struct vs_members *body)
{
	const struct vs_json_node *observations = NULL;
	int64_t form = 0;
	int rc;

	if (body->object->type != VS_JSON_OBJECT)
		return vs_err_set(body->err, VS_ERR_INVALID, "the body: expected an object, found %s",
			vs_member_type(body->object));
	rc = take_client_id(report, body);
	if (rc == 0)
		rc = take_version(report, body);
	if (rc == 0)
		rc = vs_member_int(body, "v", OWN_BODY, OWN_BODY, &form);
	report->own = form == OWN_BODY;
	if (rc == 0 && report->own)
		rc = take_own(report, body, &observations);
	if (rc < 0)
		return rc;
	return observations != NULL ? take_observations(report, body, observations)
				    : vs_report_take_legacy(report, body);
}

int vs_report_parse(struct vs_report *report, struct vs_view text, struct vs_err *err)
{
	struct vs_json_tree tree;
	char member[VS_JSON_PATH] = "";
	int rc;

	vs_report_init(report);
	rc = vs_json_tree_parse(&tree, text, err);
	if (rc < 0) {
		strcpy(report->member, tree.path);
		return rc;
	}
	rc = take_body(report,
		&(struct vs_members){.object = tree.nodes, .index = -1, .err = err, .member = member});
	report->text = vs_json_tree_take_text(&tree);
	if (rc < 0) {
		vs_report_fini(report);
		strcpy(report->member, member);
	}
	return rc;
}
