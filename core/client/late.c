#include "client/late.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/report.h"

/* No time means "not said" and stays so; a clock that went back to 1970 has no room for more than that. */
static int64_t moved(int64_t at, int64_t by)
{
	if (at == 0)
		return 0;
	return at + by < 1 ? 1 : at + by;
}

/* started_at stays: it is not only a time, it tells one run of the client from another. */
static void move(struct vs_report *report, int64_t by)
{
	report->observed_at = moved(report->observed_at, by);
	for (uint32_t i = 0; i < report->observation_count; i++)
		report->observations[i].observed_at = moved(report->observations[i].observed_at, by);
}

void vs_late_write(struct vs_buf *out, struct vs_view spooled, int64_t now, int64_t age_ms)
{
	struct vs_report *report = vs_alloc(sizeof(*report));

	if (vs_report_parse(report, spooled, NULL) == 0) {
		report->late = true;
		report->observed_at = report->sent_at;
		report->sent_at = now;
		if (age_ms >= 0)
			move(report, now - age_ms - report->observed_at);
		vs_report_write(report, out);
	}
	vs_report_fini(report);
	vs_free(report);
}
