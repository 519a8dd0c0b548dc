#include "net/http_date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#define LAST_MS INT64_C(253402300799000) /* of the year 9999: what four digits can say */
#define RETRY_AFTER_MAX_S (UINT64_C(30) * 24 * 3600)

void vs_http_date_format(char text[VS_HTTP_DATE_TEXT], int64_t wall_ms)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	(void)snprintf(text, VS_HTTP_DATE_TEXT, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[tm.tm_wday],
		(unsigned)tm.tm_mday % 100, months[tm.tm_mon], (unsigned)(tm.tm_year + 1900) % 10000,
		(unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

int vs_http_date_parse(int64_t *wall_ms, struct vs_view text)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
	char copy[48];
	size_t i;

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len) != NULL)
		return VS_ERR_INVALID;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {0};
		const char *end = strptime(copy, forms[i], &tm);

		if (end == NULL || *end != '\0')
			continue;
		*wall_ms = (int64_t)timegm(&tm) * 1000;
		return *wall_ms <= LAST_MS ? 0 : VS_ERR_INVALID;
	}
	return VS_ERR_INVALID;
}

static int seconds_parse(uint64_t *seconds, struct vs_view text)
{
	size_t i;

	if (text.len == 0)
		return VS_ERR_INVALID;
	*seconds = 0;
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return VS_ERR_INVALID;
		if (*seconds <= RETRY_AFTER_MAX_S)
			*seconds = *seconds * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	return 0;
}

int vs_retry_after_parse(uint64_t *ms, struct vs_view text, int64_t server_date_ms, int64_t now_ms)
{
	int64_t base = server_date_ms != 0 ? server_date_ms : now_ms;
	uint64_t seconds;
	int64_t date;

	text = vs_view_trim(text);
	if (seconds_parse(&seconds, text) == 0) {
		*ms = (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
		return 0;
	}
	if (vs_http_date_parse(&date, text) < 0)
		return VS_ERR_INVALID;
	*ms = date > base ? (uint64_t)(date - base) : 1;
	if (*ms > RETRY_AFTER_MAX_S * 1000)
		*ms = RETRY_AFTER_MAX_S * 1000;
	return 0;
}
