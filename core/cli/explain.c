#include "cli/explain.h"

#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/paint.h"
#include "cli/shown.h"
#include "cli/wrap.h"
#include "model/cause.h"
#include "model/json.h"
#include "model/sentence.h"

#define INDENT 2
#define DEEP 6

/* --- small words ----------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
	return vs_json_get_text(object, name);
}

/* "3m ago" */
static void add_age(struct vs_buf *line, int64_t age_ms)
{
	char age[32];

	vs_duration_format(age, sizeof(age), age_ms > 0 ? age_ms / 1000 * 1000 : 0);
	vs_buf_printf(line, "%s ago", age);
}

/* Prints the line and empties it. */
static void end_line(FILE *out, struct vs_buf *line, size_t first, size_t rest)
{
	vs_wrap(out, vs_buf_text(line), first, rest);
	vs_buf_clear(line);
}

static const char *sure_words(const char *confidence)
{
	static const struct {
		const char *name, *words;
	} rows[] = {{"high", "certain"}, {"medium", "likely"}, {"low", "a guess"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, confidence) == 0)
			return rows[i].words;
	return "";
}

static void title(FILE *out, const char *text, const json_t *list)
{
	fprintf(out, "\n%s\n", text);
	if (json_array_size(list) == 0)
		fprintf(out, "%*snone\n", INDENT, "");
}

/* --- the parts ------------------------------------------------------------------------- */

static void explain_head(const json_t *why, FILE *out, struct vs_buf *line)
{
	const char *source = text_of(why, "source_address");

	vs_buf_printf(line, "%s: %s (%s", text_of(why, "client_id"), text_of(why, "verdict"),
		text_of(why, "status"));
	if (json_object_get(why, "age_ms") != NULL) {
		vs_buf_add_text(line, ", heard ");
		add_age(line, vs_json_get_int(why, "age_ms"));
	}
	vs_buf_add_char(line, ')');
	end_line(out, line, 0, INDENT);
	if (*source != '\0') {
		vs_buf_printf(line, "The last keepalive came from %s", source);
		if (*text_of(why, "side_path") != '\0')
			vs_buf_printf(line, ", %s", text_of(why, "side"));
		vs_buf_add_char(line, '.');
		end_line(out, line, 0, INDENT);
	}
	if (*text_of(why, "cause") != '\0') {
		vs_buf_printf(line, "Cause: %s.", text_of(why, "cause_words"));
		end_line(out, line, 0, INDENT);
	}
}

static void explain_question(const json_t *question, FILE *out, struct vs_buf *line)
{
	const char *verdict = text_of(question, "verdict"), *rule = text_of(question, "rule");
	const char *sure = sure_words(text_of(question, "confidence"));
	const char *paint = vs_paint_wanted(out) ? vs_paint_verdict(verdict) : NULL;
	char *shown = vs_shown(verdict), *name = vs_shown(text_of(question, "question"));

	fprintf(out, "%*s%-10s  %s%s%s%s%s\n", INDENT, "", name, paint == NULL ? "" : paint, shown,
		paint == NULL ? "" : VS_PAINT_END, *sure == '\0' ? "" : ", ", sure);
	vs_free(name);
	vs_free(shown);
	if (*text_of(question, "evidence") != '\0') {
		vs_buf_add_text(line, text_of(question, "evidence"));
		end_line(out, line, DEEP, DEEP);
	}
	if (*rule != '\0') {
		vs_buf_printf(line, "rule %s: %s", rule, text_of(question, "rule_words"));
		end_line(out, line, DEEP, DEEP);
	}
}

/* "; asked of ipinfo, ip_api: 2 of 2 agree" */
static void add_quorum(struct vs_buf *line, const json_t *place)
{
	vs_buf_printf(line, "; %s: %d of %d agree", text_of(place, "sources"),
		(int)vs_json_get_int(place, "agreed"), (int)vs_json_get_int(place, "asked"));
	if (*text_of(place, "disagreement") != '\0')
		vs_buf_printf(line, " (%s)", text_of(place, "disagreement"));
	if (vs_json_get_bool(place, "stale"))
		vs_buf_add_text(line, "; old, and nobody could tell it anew");
}

/* rule: by which an address was judged; "": by none. */
static void explain_place(const json_t *place, const char *rule, FILE *out, struct vs_buf *line)
{
	const char *country = text_of(place, "country_name"), *city = text_of(place, "city");
	const char *asn = text_of(place, "asn"), *org = text_of(place, "org");

	if (!json_is_object(place)) {
		vs_buf_add_text(line, strcmp(rule, "dns_same_prefix") == 0
					      ? "it is next to the exit, and belongs where that does"
					      : "where it belongs is not known (yet)");
		end_line(out, line, DEEP, DEEP);
		return;
	}
	vs_buf_printf(line, "%s%s%s", *country == '\0' ? "country not known" : country,
		*city == '\0' ? "" : ", ", city);
	vs_buf_printf(
		line, "; %s%s%s", *asn == '\0' ? "network not known" : asn, *org == '\0' ? "" : " ", org);
	if (strcmp(text_of(place, "hosting"), "yes") == 0)
		vs_buf_add_text(line, " (a data centre's)");
	add_quorum(line, place);
	end_line(out, line, DEEP, DEEP);
}

static void explain_address(const json_t *address, FILE *out, struct vs_buf *line)
{
	const json_t *teller;
	size_t i;

	vs_buf_add_text(line, text_of(address, "address"));
	if (*text_of(address, "verdict") != '\0')
		vs_buf_printf(line, ": %s", text_of(address, "verdict"));
	json_array_foreach(json_object_get(address, "told_by"), i, teller) vs_buf_printf(line, "%s%s (%s)",
		i == 0 ? ", told by " : ", ", text_of(teller, "source"), text_of(teller, "fact"));
	end_line(out, line, INDENT, DEEP);
	if (*text_of(address, "home") != '\0') {
		vs_buf_printf(line, "it %s", text_of(address, "home"));
		end_line(out, line, DEEP, DEEP);
	}
	if (*text_of(address, "rule") != '\0') {
		vs_buf_printf(line, "rule %s: %s", text_of(address, "rule"), text_of(address, "rule_words"));
		end_line(out, line, DEEP, DEEP);
	}
	explain_place(json_object_get(address, "place"), text_of(address, "rule"), out, line);
}

static void explain_source(const json_t *source, FILE *out, struct vs_buf *line)
{
	json_t *facts = json_object_get(source, "facts");
	const char *before = ": ";

	vs_buf_printf(line, "%s, ", text_of(source, "source"));
	if (strcmp(text_of(source, "status"), "failed") == 0)
		vs_buf_add_text(line, "failed");
	else
		add_age(line, vs_json_get_int(source, "age_ms"));
	if (*text_of(source, "reason") != '\0')
		vs_buf_printf(line, " (%s)", text_of(source, "reason"));
	for (void *at = json_object_iter(facts); at != NULL; at = json_object_iter_next(facts, at)) {
		vs_buf_printf(line, "%s%s %s", before, json_object_iter_key(at),
			json_string_value(json_object_iter_value(at)));
		before = ", ";
	}
	end_line(out, line, INDENT, DEEP);
}

/* Why an AS number does not count as home, in words. */
static const char *asn_words(const json_t *home, const json_t *exit)
{
	if (vs_json_get_bool(exit, "asn_used"))
		return "which counts as home";
	if (strcmp(text_of(exit, "hosting"), "yes") == 0)
		return "a data centre's network, which does not count as home";
	if (strcmp(text_of(home, "asn"), "auto") != 0)
		return "which does not count as home by the configuration";
	return "which does not count as home";
}

static void explain_home(const json_t *home, FILE *out, struct vs_buf *line)
{
	const json_t *learned = json_object_get(home, "learned"), *listed = json_object_get(home, "listed");
	const json_t *item;
	size_t i;

	fputs("\nHOME, the network outside the tunnel\n", out);
	json_array_foreach(learned, i, item)
	{
		vs_buf_printf(line, "%s (%s): this server's own exit, seen by %s ", text_of(item, "address"),
			text_of(item, "network"), text_of(item, "source"));
		add_age(line, vs_json_get_int(item, "age_ms"));
		if (*text_of(item, "asn") != '\0')
			vs_buf_printf(line, "; %s, %s", text_of(item, "asn"), asn_words(home, item));
		end_line(out, line, INDENT, DEEP);
	}
	json_array_foreach(listed, i, item)
		vs_buf_printf(line, "%s%s", i == 0 ? "listed: " : ", ", json_string_value(item));
	if (line->len > 0)
		end_line(out, line, INDENT, DEEP);
	if (json_array_size(learned) > 0 || json_array_size(listed) > 0)
		return;
	vs_buf_add_text(line, vs_json_get_bool(home, "learn")
				      ? "nothing yet: none of this server's probes has told its own exit"
				      : "nothing: it is neither learned nor listed (monitor.home)");
	end_line(out, line, INDENT, DEEP);
}

static void explain_incident(const json_t *incident, FILE *out, struct vs_buf *line)
{
	const char *since = text_of(incident, "first_bad_at");
	uint8_t cause = VS_CAUSE_NONE;
	char bytes[32];

	vs_buf_printf(line, "%s, %s, since %.10s %.8s UTC", text_of(incident, "kind"),
		text_of(incident, "severity"), since, strlen(since) > 19 ? since + 11 : "");
	vs_cause_parse(&cause, vs_view_of(text_of(incident, "cause")));
	if (cause != VS_CAUSE_NONE)
		vs_buf_printf(line, "; cause: %s", vs_cause_words((enum vs_cause)cause));
	if (json_object_get(incident, "exposed_bytes") != NULL) {
		vs_bytes_words(bytes, sizeof(bytes), (double)vs_json_get_int(incident, "exposed_bytes"));
		vs_buf_printf(line, "; at most %s left beside the tunnel so far", bytes);
	}
	end_line(out, line, INDENT, DEEP);
	vs_buf_add_text(line, text_of(incident, "evidence"));
	end_line(out, line, DEEP, DEEP);
}

static void each(const json_t *list, FILE *out, struct vs_buf *line,
	void (*explain)(const json_t *item, FILE *out, struct vs_buf *line))
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) explain(item, out, line);
}

void vs_explain(const json_t *why, FILE *out)
{
	static const struct {
		const char *member, *title;
		void (*explain)(const json_t *item, FILE *out, struct vs_buf *line);
	} parts[] = {
		{"questions", "VERDICTS", explain_question},
		{"exits", "EXITS that were told", explain_address},
		{"resolvers", "RESOLVERS that were seen", explain_address},
		{"sources", "SOURCES, and what each told", explain_source},
		{"incidents", "OPEN INCIDENTS", explain_incident},
	};
	struct vs_buf line;

	vs_buf_init(&line);
	explain_head(why, out, &line);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		title(out, parts[i].title, json_object_get(why, parts[i].member));
		each(json_object_get(why, parts[i].member), out, &line, parts[i].explain);
	}
	explain_home(json_object_get(why, "home"), out, &line);
	vs_buf_fini(&line);
}
