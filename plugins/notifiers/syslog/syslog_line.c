#include "syslog_line.h"

#include "post_alert.h"
#include "post_event.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 128, VALUE_MAX = 128 };

static const char bom[] = "\xef\xbb\xbf";

/* What fits. The head of a record has less than 1,024 bytes. */
struct out {
	char *at;
	size_t len;
	size_t max;
};

static void put(struct out *out, const char *text, size_t len)
{
	if (len > out->max - out->len)
		len = out->max - out->len;
	memcpy(out->at + out->len, text, len);
	out->len += len;
}

static void put_string(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

/* Visible ASCII, anything else as an underscore; "-" when there is nothing. */
static void put_word(struct out *out, const char *text, size_t max)
{
	size_t i;

	if (text[0] == '\0')
		put_string(out, "-");
	for (i = 0; i < max && text[i] != '\0'; i++)
		put(out, text[i] > ' ' && text[i] < 0x7f ? text + i : "_", 1);
}

static size_t escape_value(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	if (len == 1 && (*text == '"' || *text == '\\' || *text == ']')) {
		piece[0] = '\\';
		piece[1] = *text;
		return 2;
	}
	if ((unsigned char)*text < 0x20 || *text == 0x7f ||
		(len == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0)) {
		piece[0] = ' ';
		return 1;
	}
	return 0;
}

static size_t escape_text(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	return len == 1 && (*text == '"' || *text == '\\' || *text == ']') ? 0
									   : escape_value(piece, text, len);
}

/* ' name="value"'. */
static int put_value(struct out *out, const char *name, const char *value)
{
	char *clean = post_text(value, strlen(value), escape_value, POST_BYTES, VALUE_MAX);

	if (clean == NULL)
		return -1;
	put_string(out, " ");
	put_string(out, name);
	put_string(out, "=\"");
	put_string(out, clean);
	put_string(out, "\"");
	free(clean);
	return 0;
}

/* 32473 is the enterprise that is nobody's, for examples and for those who have no number of their own. */
static int put_data(struct out *out, const struct vpns_alert *alert)
{
	char count[16];
	int rc;

	put_string(out, " [vpnSentinel@32473");
	rc = put_value(out, "event", post_event_name(alert));
	rc |= put_value(out, "severity", post_event_severity(alert));
	rc |= put_value(out, "client", alert->client_id);
	rc |= put_value(out, "incident", alert->incident_id);
	rc |= put_value(out, "delivery", alert->delivery_id);
	if (post_count(alert) > 1) {
		snprintf(count, sizeof(count), "%u", (unsigned)post_count(alert));
		rc |= put_value(out, "count", count);
	}
	put_string(out, "] ");
	return rc;
}

static uint32_t priority_of(const struct syslog_line *line, const struct vpns_alert *alert)
{
	static const uint32_t levels[] = {5, 5, 4, 2}; /* notice, notice, warning, critical */
	uint32_t level = alert->severity <= VPNS_SEVERITY_CRITICAL ? levels[alert->severity] : 5;

	return line->facility * 8 + (alert->transition == VPNS_TRANSITION_RESOLVED ? 5 : level);
}

static int put_head(struct out *out, const struct syslog_line *line, const struct vpns_alert *alert)
{
	char text[96];
	char at[48];

	post_event_time(at, sizeof(at), alert->at_ms);
	if (!line->rfc5424) {
		snprintf(text, sizeof(text), "<%u>", (unsigned)priority_of(line, alert));
		put_string(out, text);
		put_word(out, line->app, SYSLOG_NAME);
		snprintf(text, sizeof(text), "[%d]: ", (int)line->pid);
		put_string(out, text);
		return 0;
	}
	snprintf(text, sizeof(text), "<%u>1 %s ", (unsigned)priority_of(line, alert), at);
	put_string(out, text);
	put_word(out, line->machine, WORD_MAX);
	put_string(out, " ");
	put_word(out, line->app, SYSLOG_NAME);
	snprintf(text, sizeof(text), " %d ", (int)line->pid);
	put_string(out, text);
	put_word(out, alert->kind, 32);
	return put_data(out, alert);
}

static int is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return 0;
	return 1;
}

size_t syslog_line_build(char *out, const struct syslog_line *line, const struct vpns_alert *alert)
{
	struct out head = {out, 0, line->max < SYSLOG_LINE_MAX ? line->max : SYSLOG_LINE_MAX};
	int rc = put_head(&head, line, alert);
	char *text;

	if (line->rfc5424 && !is_ascii(line->text))
		put_string(&head, bom);
	if (head.max - head.len < sizeof(bom))
		return 0; /* the caller's max leaves no room for a text */
	/* The cut text may end in an ellipsis, which max counts too. */
	text = rc == 0 ? post_text(
				 line->text, strlen(line->text), escape_text, POST_BYTES, head.max - head.len)
		       : NULL;
	if (text == NULL)
		return 0;
	put_string(&head, text);
	free(text);
	out[head.len] = '\0';
	return head.len;
}
