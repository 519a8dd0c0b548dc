#include "email_header.h"

#include "post_text.h"

#include <string.h>
#include <time.h>

/* Of an encoded word: "=?UTF-8?B?" and "?=" stand around 60 characters of base64, which are 45 bytes. */
enum { LINE_MAX_COLUMNS = 78, WORD_BYTES = 45, FIRST_WORD_BYTES = 30 };

/* ASCII's and Unicode's (U+0080 to U+009F). */
static int is_control(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

/* Up to limit bytes of whole characters, as they may be shown. Returns what was read, *made what was written.
 */
static size_t take_clean(char *out, size_t limit, const char *text, size_t len, size_t *made)
{
	size_t read = 0;
	size_t step;

	*made = 0;
	while (read < len) {
		step = post_char_len(text + read, len - read);
		if (*made + (step > 0 ? step : 1) > limit)
			break;
		if (step == 0) {
			out[(*made)++] = '?';
			read++;
		} else if (is_control(text + read)) {
			out[(*made)++] = ' ';
			read += step;
		} else {
			memcpy(out + *made, text + read, step);
			*made += step;
			read += step;
		}
	}
	return read;
}

static void put_base64(FILE *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = (const unsigned char *)bytes;

	for (; len > 0; at += 3, len -= len < 3 ? len : 3) {
		uint32_t group =
			(uint32_t)at[0] << 16 | (len > 1 ? (uint32_t)at[1] << 8 : 0) | (len > 2 ? at[2] : 0);

		fputc(digits[group >> 18], out);
		fputc(digits[group >> 12 & 63], out);
		fputc(len > 1 ? digits[group >> 6 & 63] : '=', out);
		fputc(len > 2 ? digits[group & 63] : '=', out);
	}
}

static void put_words(FILE *out, const char *text, size_t len)
{
	size_t limit = FIRST_WORD_BYTES; /* the header's name stands on the same line */
	char piece[WORD_BYTES];
	size_t made;
	size_t read;

	for (; len > 0; text += read, len -= read, limit = WORD_BYTES) {
		read = take_clean(piece, limit, text, len, &made);
		fputs(limit == WORD_BYTES ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?", out);
		put_base64(out, piece, made);
		fputs("?=", out);
	}
}

/* Visible ASCII and single blanks inside, which nobody takes for an encoded word. */
static int is_plain(const char *text)
{
	size_t len = strlen(text);
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
			return 0;
	return len == 0 || (text[0] != ' ' && text[len - 1] != ' ' && strstr(text, "=?") == NULL);
}

void email_header_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s: ", name);
	if (is_plain(text) && strlen(name) + 2 + strlen(text) <= LINE_MAX_COLUMNS)
		fputs(text, out);
	else
		put_words(out, text, strlen(text));
	fputs("\r\n", out);
}

void email_header_address(FILE *out, const char *name, const struct email_address *address)
{
	fprintf(out, "%s: ", name);
	if (address->name[0] == '\0') {
		fprintf(out, "%s%s\r\n", strlen(address->spec) < 60 ? "" : "\r\n ", address->spec);
		return;
	}
	if (is_plain(address->name) && strlen(address->name) < 60 && strpbrk(address->name, "\"\\") == NULL)
		fprintf(out, "\"%s\"", address->name);
	else
		put_words(out, address->name, strlen(address->name));
	fprintf(out, "\r\n <%s>\r\n", address->spec);
}

void email_header_list(FILE *out, const char *name, const struct email_address *addresses, uint32_t count)
{
	size_t column = strlen(name) + 1;
	uint32_t i;

	fprintf(out, "%s:", name);
	for (i = 0; i < count; i++) {
		size_t len = strlen(addresses[i].spec);

		if (i > 0 && column + len + 3 > LINE_MAX_COLUMNS) {
			fputs("\r\n", out);
			column = 0;
		}
		fprintf(out, " %s%s", addresses[i].spec, i + 1 < count ? "," : "");
		column += len + 2;
	}
	fputs("\r\n", out);
}

void email_header_date(FILE *out, int64_t wall_ms)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < 0 || tm.tm_year > 8099)
		return; /* a date that no reader takes: the first server adds its own */
	fprintf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
		months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
