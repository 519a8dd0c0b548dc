#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"

#define FIRST_CAP 64

void vs_buf_init(struct vs_buf *buf)
{
	*buf = (struct vs_buf){NULL, 0, 0};
}

void vs_buf_fini(struct vs_buf *buf)
{
	vs_free(buf->ptr);
	vs_buf_init(buf);
}

void vs_buf_clear(struct vs_buf *buf)
{
	buf->len = 0;
	if (buf->ptr)
		buf->ptr[0] = '\0';
}

void vs_buf_reserve(struct vs_buf *buf, size_t extra)
{
	size_t needed;
	size_t cap = buf->cap ? buf->cap : FIRST_CAP;

	VS_REQUIRE(extra < SIZE_MAX / 4 && buf->len < SIZE_MAX / 4);
	needed = buf->len + extra + 1;
	if (needed <= buf->cap)
		return;
	while (cap < needed)
		cap *= 2;
	buf->ptr = vs_realloc(buf->ptr, cap);
	buf->cap = cap;
	buf->ptr[buf->len] = '\0';
}

void vs_buf_add(struct vs_buf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	vs_buf_reserve(buf, len);
	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}

void vs_buf_add_text(struct vs_buf *buf, const char *text)
{
	vs_buf_add(buf, text, strlen(text));
}

void vs_buf_add_char(struct vs_buf *buf, char c)
{
	vs_buf_reserve(buf, 1);
	buf->ptr[buf->len++] = c;
	buf->ptr[buf->len] = '\0';
}

void vs_buf_printf(struct vs_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vs_buf_vprintf(buf, format, args);
	va_end(args);
}

void vs_buf_vprintf(struct vs_buf *buf, const char *format, va_list args)
{
	va_list again;
	size_t room = buf->cap - buf->len;
	int len;

	va_copy(again, args);
	len = vsnprintf(room ? buf->ptr + buf->len : NULL, room, format, args);
	VS_REQUIRE(len >= 0);
	if ((size_t)len >= room) {
		vs_buf_reserve(buf, (size_t)len);
		vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
	}
	va_end(again);
	buf->len += (size_t)len;
}

void vs_buf_drop_front(struct vs_buf *buf, size_t len)
{
	VS_REQUIRE(len <= buf->len);
	if (len == 0)
		return;
	buf->len -= len;
	memmove(buf->ptr, buf->ptr + len, buf->len + 1);
}

struct vs_view vs_buf_view(const struct vs_buf *buf)
{
	return (struct vs_view){buf->ptr, buf->len};
}

const char *vs_buf_text(const struct vs_buf *buf)
{
	return buf->ptr ? buf->ptr : "";
}

char *vs_buf_take(struct vs_buf *buf)
{
	char *text = buf->ptr ? buf->ptr : vs_strdup("");

	vs_buf_init(buf);
	return text;
}
