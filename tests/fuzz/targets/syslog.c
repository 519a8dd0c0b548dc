/* Any text in an alert, on its way into a system log: a record is one line, and its data end where they
 * should. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "notifiers/syslog/syslog_line.h"

void fuzz_begin(void)
{
}

/* Behind the data, having met as many values as we wrote. */
static const char *skip_data(const char *at)
{
	unsigned quotes = 0;

	VS_REQUIRE(*at == '[');
	for (; *at != '\0'; at++) {
		if (*at == '\\' && quotes % 2 == 1)
			at++;
		else if (*at == '"')
			quotes++;
		else if (*at == ']' && quotes % 2 == 0)
			break;
	}
	VS_REQUIRE(*at == ']' && quotes == 10);
	return at + 1;
}

static void check(const struct syslog_line *line, const struct vpns_alert *alert)
{
	static char out[SYSLOG_LINE_MAX + 1];
	size_t len = syslog_line_build(out, line, alert);
	const char *at = out;
	unsigned i;

	VS_REQUIRE(len > 0 && len <= line->max && strlen(out) == len);
	VS_REQUIRE(vs_utf8_valid(vs_view_of(out)));
	for (; *at != '\0'; at++)
		VS_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
	VS_REQUIRE(strncmp(out, line->rfc5424 ? "<26>1 " : "<26>", line->rfc5424 ? 6 : 4) == 0);
	if (!line->rfc5424)
		return;
	for (at = out, i = 0; i < 6; i++) {
		at = strchr(at, ' ');
		VS_REQUIRE(at != NULL);
		at++;
	}
	VS_REQUIRE(*skip_data(at) == ' ');
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);
	struct syslog_line line = {.facility = 3, .pid = 1, .machine = text, .app = text, .text = text};
	struct vpns_alert alert = {.size = sizeof(alert), .severity = 3, .transition = 2, .at_ms = 1};

	alert.kind = alert.client_id = alert.incident_id = alert.delivery_id = alert.title = alert.body =
		text;
	for (line.rfc5424 = 0; line.rfc5424 <= 1; line.rfc5424++) {
		line.max = 1024 + fuzz_choice(input, 1, 2048);
		check(&line, &alert);
		line.max = SYSLOG_LINE_MAX;
		check(&line, &alert);
	}
	vs_free(text);
}
