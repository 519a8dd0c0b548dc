/*
 * The log: one line an event on standard error, and in a file if wanted, human or JSON. [any thread]
 * Texts registered as secret are replaced by "***" wherever they appear in a line.
 */
#ifndef VS_BASE_LOG_H
#define VS_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define VS_LOG_ROWS(X) X(ERROR, "error") X(WARN, "warn") X(INFO, "info") X(DEBUG, "debug")

struct vs_err;

enum vs_log_level {
#define VS_LOG_ENUM(name, text) VS_LOG_##name,
	VS_LOG_ROWS(VS_LOG_ENUM)
#undef VS_LOG_ENUM
};

enum vs_log_format { VS_LOG_HUMAN, VS_LOG_JSON };

/* fd is borrowed. Colours appear only in the human format on a terminal. */
void vs_log_setup(enum vs_log_level level, enum vs_log_format format, int fd);
/*
 * Every line goes to that file too, until another one or NULL is given; base/rotated.h says how it
 * is renamed. On failure everything stays as it was. A file that fails later is told of on the other way
 * out, once in a row.
 */
int vs_log_file(const char *path, uint64_t max_size, unsigned keep, struct vs_err *err);
int vs_log_reopen(struct vs_err *err); /* for whoever renamed the file; 0 when there is none */

bool vs_log_enabled(enum vs_log_level level);

/* area names who speaks: "server", "plug", "ipinfo@main". Control characters are escaped. */
void vs_log(enum vs_log_level level, const char *area, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Texts shorter than 4 bytes are not registered: masking them would mask everything. */
void vs_log_secret(const char *text);
/* Masks registered secrets in text, in place. For errors that leave by another way than the log. */
void vs_log_mask(char *text);
void vs_log_forget_secrets(void);

#endif
