/*
 * Errors: a function that can fail returns 0 or one of the negatives below and
 * leaves a sentence for a human in err. The caller decides whether to log it.
 */
#ifndef VS_BASE_ERR_H
#define VS_BASE_ERR_H

#define VS_ERR_ROWS(X)                                                                                       \
	X(INVALID, -1, "the input is not valid")                                                             \
	X(SYSTEM, -2, "the operating system refused")                                                        \
	X(NOT_FOUND, -3, "there is no such thing")                                                           \
	X(TOO_BIG, -4, "the input is larger than the limit")                                                 \
	X(REFUSED, -5, "not allowed")                                                                        \
	X(BUSY, -6, "the resource is in use or its queue is full")                                           \
	X(TIMEOUT, -7, "it took too long")                                                                   \
	X(NETWORK, -8, "the peer could not be reached")                                                      \
	X(INTERNAL, -9, "a promise inside the program was broken")

enum vs_rc {
	VS_OK = 0,
#define VS_ERR_ENUM(name, code, text) VS_ERR_##name = code,
	VS_ERR_ROWS(VS_ERR_ENUM)
#undef VS_ERR_ENUM
};

struct vs_err {
	int code;
	char text[768]; /* always NUL-terminated, cut at a UTF-8 boundary */
};

/* Fills err (NULL is fine) and returns code, so that `return vs_err_set(...)` reads well. */
int vs_err_set(struct vs_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "<prefix>: " before the sentence that err holds already. */
void vs_err_prefix(struct vs_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *vs_rc_text(int code);

#endif
