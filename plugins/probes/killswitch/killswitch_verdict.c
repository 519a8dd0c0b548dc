#include "killswitch_verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum killswitch_outcome killswitch_of_socket(const struct vpns_socket_reply *reply)
{
	if (reply->connected || reply->data_len > 0)
		return KILLSWITCH_OPEN;
	switch (reply->error) {
	case VPNS_SOCKET_OK:
	case VPNS_SOCKET_E_CLOSED:
		return KILLSWITCH_OPEN;
	case VPNS_SOCKET_E_REFUSED: /* looks the same when a rule of this machine or of a router rejects it */
	case VPNS_SOCKET_E_TIMEOUT:
	case VPNS_SOCKET_E_BLOCKED:
	case VPNS_SOCKET_E_UNREACHABLE:
		return KILLSWITCH_SILENT;
	default:
		return KILLSWITCH_NOT_TRIED;
	}
}

enum killswitch_outcome killswitch_of_canary(const struct vpns_canary_reply *reply)
{
	switch (reply->error) {
	case VPNS_CANARY_ARRIVED:
	case VPNS_CANARY_E_REFUSED:
		return KILLSWITCH_OPEN;
	case VPNS_CANARY_E_BLOCKED:
		return KILLSWITCH_SILENT;
	default:
		return KILLSWITCH_NOT_TRIED;
	}
}

void killswitch_trial_add(
	struct killswitch_trial *trial, enum killswitch_outcome outcome, const char *who, const char *why)
{
	if (outcome == KILLSWITCH_OPEN) {
		if (trial->open++ == 0)
			snprintf(trial->who, sizeof(trial->who), "%s", who);
	} else if (outcome == KILLSWITCH_SILENT) {
		trial->silent++;
	} else if (trial->not_tried++ == 0) {
		snprintf(trial->why, sizeof(trial->why), "%s", why);
	}
}

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, size - len, format, args);
	va_end(args);
}

static void append_word(char *text, size_t size, const char *word)
{
	append(text, size, "%s%s", text[0] == '\0' ? "" : " ", word);
}

static void say(struct killswitch_verdict *verdict, const char *name, const char *what, const char *more)
{
	append(verdict->reason, sizeof(verdict->reason), "%s%s%s%s", verdict->reason[0] == '\0' ? "" : "; ",
		name, what, more);
}

/* What is open counts most; a device that could not be tried is a gap, not a hole. */
void killswitch_judge(struct killswitch_verdict *verdict, const struct killswitch_trial *trials,
	uint32_t count, uint32_t left_out)
{
	uint32_t i, tested = 0, open = 0, untried = 0;

	memset(verdict, 0, sizeof(*verdict));
	for (i = 0; i < count; i++) {
		const struct killswitch_trial *trial = &trials[i];

		if (trial->open == 0 && trial->silent == 0) {
			untried++;
			say(verdict, trial->name, " could not be tried: ", trial->why);
			continue;
		}
		tested++;
		append_word(verdict->tested, sizeof(verdict->tested), trial->name);
		if (trial->open == 0)
			continue;
		open++;
		append_word(verdict->open, sizeof(verdict->open), trial->name);
		say(verdict, trial->name, " lets traffic past the tunnel: answered by ", trial->who);
	}
	if (left_out > 0)
		append(verdict->reason, sizeof(verdict->reason), "%s%u more devices were not tried",
			verdict->reason[0] == '\0' ? "" : "; ", (unsigned)left_out);
	if (count == 0)
		say(verdict, "", "there is no device beside the tunnel to try", "");
	if (open > 0)
		verdict->status = VPNS_PROBE_FAIL;
	else if (tested == 0)
		verdict->status = VPNS_PROBE_UNKNOWN;
	else
		verdict->status = untried > 0 || left_out > 0 ? VPNS_PROBE_WARN : VPNS_PROBE_PASS;
}
