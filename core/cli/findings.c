#include "cli/findings.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/options.h"
#include "cli/paint.h"
#include "cli/shown.h"
#include "model/json.h"

#define WHAT_COLUMNS 22

static const char *const states[] = {
#define STATE_ROW(name, text) [VS_FINDING_##name] = text,
	VS_FINDING_ROWS(STATE_ROW)
#undef STATE_ROW
};

/* The colours of verdicts that mean as much. */
static const char *colour_of(enum vs_finding state)
{
	static const char *const verdicts[] = {
		[VS_FINDING_OK] = "secure",
		[VS_FINDING_WARN] = "exposed",
		[VS_FINDING_FAIL] = "leak",
		[VS_FINDING_UNKNOWN] = "unknown",
	};

	return vs_paint_verdict(verdicts[state]);
}

void vs_findings_init(struct vs_findings *findings, FILE *out, bool json)
{
	memset(findings, 0, sizeof(*findings));
	findings->out = out;
	findings->json = json;
	findings->colour = !json && vs_paint_wanted(out);
}

void vs_findings_fini(struct vs_findings *findings)
{
	vs_buf_fini(&findings->items);
}

static void add_json(struct vs_findings *findings, enum vs_finding state, const char *what,
	const char *remedy, const char *detail)
{
	struct vs_buf *out = &findings->items;

	vs_buf_add_text(out, out->len > 0 ? ",{" : "{");
	vs_json_member(out, "state", states[state]);
	vs_json_member(out, "what", what);
	vs_json_member(out, "detail", detail);
	if (remedy != NULL)
		vs_json_member(out, "remedy", remedy);
	vs_buf_add_char(out, '}');
}

static void print(struct vs_findings *findings, enum vs_finding state, const char *what, const char *remedy,
	const char *detail)
{
	const char *colour = findings->colour ? colour_of(state) : NULL;
	size_t columns = vs_shown_columns(what);

	fprintf(findings->out, "%s%-7s%s  %s%*s  %s", colour != NULL ? colour : "", states[state],
		colour != NULL ? VS_PAINT_END : "", what,
		columns < WHAT_COLUMNS ? (int)(WHAT_COLUMNS - columns) : 0, "", detail);
	if (remedy != NULL)
		fprintf(findings->out, "  -> %s", remedy);
	fputc('\n', findings->out);
	fflush(findings->out); /* the next one may take a while */
}

void vs_findings_add(struct vs_findings *findings, enum vs_finding state, const char *what,
	const char *remedy, const char *format, ...)
{
	struct vs_buf detail;
	va_list args;
	char *shown_what;
	char *shown;
	char *raw;

	vs_buf_init(&detail);
	va_start(args, format);
	vs_buf_vprintf(&detail, format, args);
	va_end(args);
	raw = vs_buf_take(&detail);
	vs_log_mask(raw);
	shown = vs_shown(raw);
	shown_what = vs_shown(what);
	findings->counts[state]++;
	(findings->json ? add_json : print)(findings, state, shown_what, remedy, shown);
	vs_free(shown_what);
	vs_free(shown);
	vs_free(raw);
}

static void end_json(const struct vs_findings *findings, const char *role, const char *file)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_buf_add_char(&out, '{');
	vs_json_member(&out, "role", role);
	vs_json_member(&out, "configuration", file);
	vs_json_key(&out, "ok");
	vs_buf_add_text(&out, findings->counts[VS_FINDING_FAIL] == 0 ? "true" : "false");
	vs_json_key(&out, "findings");
	vs_buf_printf(&out, "[%s]}\n", vs_buf_text(&findings->items));
	fputs(vs_buf_text(&out), findings->out);
	vs_buf_fini(&out);
}

static void end_text(const struct vs_findings *findings)
{
	size_t i;

	for (i = 0; i < VS_FINDINGS; i++)
		fprintf(findings->out, "%s%zu %s", i == 0 ? "" : ", ", findings->counts[i], states[i]);
	fputc('\n', findings->out);
}

int vs_findings_end(struct vs_findings *findings, const char *role, const char *file)
{
	if (findings->json)
		end_json(findings, role, file);
	else
		end_text(findings);
	return findings->counts[VS_FINDING_FAIL] == 0 ? 0 : VS_EXIT_FAILED;
}
