#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static const struct {
	int code;
	const char *text;
} rows[] = {
#define ROW(name, code, text) {code, text},
	VS_ERR_ROWS(ROW)
#undef ROW
};

static void store(struct vs_err *err, const struct vs_buf *sentence)
{
	size_t len = vs_utf8_cut(vs_buf_view(sentence), sizeof(err->text) - 1);

	memcpy(err->text, vs_buf_text(sentence), len);
	err->text[len] = '\0';
}

int vs_err_set(struct vs_err *err, int code, const char *format, ...)
{
	struct vs_buf sentence;
	va_list args;

	if (!err)
		return code;
	/* By way of a buffer: the arguments may point into err itself. */
	vs_buf_init(&sentence);
	va_start(args, format);
	vs_buf_vprintf(&sentence, format, args);
	va_end(args);
	err->code = code;
	store(err, &sentence);
	vs_buf_fini(&sentence);
	return code;
}

void vs_err_prefix(struct vs_err *err, const char *format, ...)
{
	struct vs_buf sentence;
	va_list args;

	if (!err)
		return;
	vs_buf_init(&sentence);
	va_start(args, format);
	vs_buf_vprintf(&sentence, format, args);
	va_end(args);
	vs_buf_printf(&sentence, ": %s", err->text);
	store(err, &sentence);
	vs_buf_fini(&sentence);
}

const char *vs_rc_text(int code)
{
	if (code >= 0)
		return "success";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code)
			return rows[i].text;
	}
	return "an unknown error";
}
