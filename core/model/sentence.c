#include "model/sentence.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

void vs_say(struct vs_sentence *to, const char *format, ...)
{
	size_t room = to->size - to->len;
	va_list args;
	int wanted;

	va_start(args, format);
	wanted = vsnprintf(to->text + to->len, room, format, args);
	va_end(args);
	if (wanted < 0)
		return;
	if ((size_t)wanted < room) {
		to->len += (size_t)wanted;
		return;
	}
	/* vsnprintf cut by bytes: drop the continuation bytes of a torn character, and its head. */
	to->len = to->size - 1;
	while (to->len > 0 && ((unsigned char)to->text[to->len - 1] & 0xc0) == 0x80)
		to->len--;
	if (to->len > 0 && (unsigned char)to->text[to->len - 1] >= 0xc0)
		to->len--;
	to->text[to->len] = '\0';
}

int vs_say_length(struct vs_view text, size_t max)
{
	if (text.len > max)
		text.len = vs_utf8_prefix((struct vs_view){text.ptr, max});
	return (int)text.len;
}

void vs_time_words(char *text, size_t size, int64_t wall_ms)
{
	char rfc[VS_TIME_TEXT];

	vs_time_format(rfc, wall_ms);
	snprintf(text, size, "%.10s %.8s UTC", rfc, rfc + 11);
}

void vs_bytes_words(char *text, size_t size, double bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;

	while (bytes >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, "%.*f %s", unit > 0 && bytes < 10 ? 1 : 0, bytes, units[unit]);
}
