/* Date and Retry-After of foreign servers. */
#include "fuzz.h"

#include "base/text.h"
#include "net/http_date.h"

#define NOW INT64_C(1795435200000)
#define MONTH_MS (UINT64_C(30) * 24 * 3600 * 1000)

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	char text[VS_HTTP_DATE_TEXT];
	int64_t again;
	int64_t date;
	uint64_t wait;

	if (vs_http_date_parse(&date, input) == 0) {
		vs_http_date_format(text, date);
		fuzz_require_sentence(text, sizeof(text));
		VS_REQUIRE(vs_http_date_parse(&again, vs_view_of(text)) == 0 && again == date);
		VS_REQUIRE(vs_retry_after_parse(&wait, input, date, NOW) == 0 && wait == 1);
	}
	if (vs_retry_after_parse(&wait, input, 0, NOW) == 0)
		VS_REQUIRE(wait <= MONTH_MS);
	if (vs_retry_after_parse(&wait, input, 1, NOW) == 0)
		VS_REQUIRE(wait <= MONTH_MS);
}
