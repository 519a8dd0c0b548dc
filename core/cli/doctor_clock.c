/* Our clock against those of the services that answered. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "net/http_client.h"
#include "net/http_date.h"

#define FINE_MS 5000
#define BAD_MS 60000 /* certificates and spooled reports begin to suffer */

/* A Date has whole seconds, and was written somewhere between question and answer. */
bool vs_doctor_offset(int64_t *offset_ms, const struct vs_http_reply *reply)
{
	const char *date = vs_http_reply_header(reply, "Date");
	int64_t theirs;

	if (date == NULL || vs_http_date_parse(&theirs, vs_view_of(date)) < 0)
		return false;
	*offset_ms = theirs + 500 - (vs_wall_ms() - (int64_t)(reply->elapsed_ms / 2));
	return true;
}

void vs_doctor_add_date(struct vs_doctor *doctor, const struct vs_http_reply *reply)
{
	if (doctor->offset_count < VS_DOCTOR_OFFSETS &&
		vs_doctor_offset(&doctor->offsets[doctor->offset_count], reply))
		doctor->offset_count++;
}

void vs_doctor_clock_finding(
	struct vs_doctor *doctor, const char *what, int64_t offset_ms, bool sure, const char *whose)
{
	int64_t away = offset_ms < 0 ? -offset_ms : offset_ms;
	char text[32];

	vs_duration_format(text, sizeof(text), away);
	if (away < FINE_MS)
		vs_findings_add(&doctor->findings, VS_FINDING_OK, what, NULL, "agrees with %s", whose);
	else
		vs_findings_add(&doctor->findings, away < BAD_MS || !sure ? VS_FINDING_WARN : VS_FINDING_FAIL,
			what, "set the clock, and let a time service keep it", "%s %s %s", text,
			offset_ms > 0 ? "behind" : "ahead of", whose);
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

void vs_doctor_clock(struct vs_doctor *doctor)
{
	char whose[64];

	if (doctor->offset_count == 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_UNKNOWN, "clock", NULL,
			"no service that was asked tells the time");
		return;
	}
	qsort(doctor->offsets, doctor->offset_count, sizeof(doctor->offsets[0]), compare);
	if (doctor->offset_count == 1)
		snprintf(whose, sizeof(whose), "the one service that tells the time");
	else
		snprintf(whose, sizeof(whose), "the clocks in %zu answers of services", doctor->offset_count);
	vs_doctor_clock_finding(
		doctor, "clock", doctor->offsets[doctor->offset_count / 2], doctor->offset_count > 1, whose);
}
