/* A growing byte buffer. Its content is always followed by a NUL that len does not count. */
#ifndef VS_BASE_BUF_H
#define VS_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/view.h"

struct vs_buf {
	char *ptr; /* NULL until something was added */
	size_t len;
	size_t cap;
};

void vs_buf_init(struct vs_buf *buf);
void vs_buf_fini(struct vs_buf *buf); /* twice is fine */
void vs_buf_clear(struct vs_buf *buf); /* keeps the memory */
void vs_buf_add(struct vs_buf *buf, const void *bytes, size_t len);
void vs_buf_add_text(struct vs_buf *buf, const char *text);
void vs_buf_add_char(struct vs_buf *buf, char c);
void vs_buf_printf(struct vs_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void vs_buf_vprintf(struct vs_buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
void vs_buf_reserve(struct vs_buf *buf, size_t extra); /* room for extra more bytes */
void vs_buf_drop_front(struct vs_buf *buf, size_t len);
struct vs_view vs_buf_view(const struct vs_buf *buf);
const char *vs_buf_text(const struct vs_buf *buf); /* "" when empty; borrowed */
char *vs_buf_take(struct vs_buf *buf); /* caller frees; buf is empty afterwards; never NULL */

#endif
