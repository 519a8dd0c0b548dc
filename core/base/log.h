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

/* fd is borrowed, from vs_log_begin() until vs_log_end() the former one too. Colours appear only in the human
 * format on a terminal. */
void vs_log_setup(enum vs_log_level level, enum vs_log_format format, int fd);
/*
 * stream is what systemd put into JOURNAL_STREAM, NULL: nothing. Where fd is the journal that it names, now
 * or after vs_log_setup(), lines begin with their priority, and human ones have no time.
 */
void vs_log_journal(const char *stream);
/* "<3>" in the journal, else "". For a line on standard error that is not the log's. */
const char *vs_log_priority(enum vs_log_level level);
/*
 * Every line goes to that file too, until another one or NULL is given; base/rotated.h says how it
 * is renamed. On failure everything stays as it was. A file that fails later is told of on the other way
 * out, once in a row.
 */
int vs_log_file(const char *path, uint64_t max_size, unsigned keep, struct vs_err *err);
/* For whoever renamed the file. 0 when there is none, and when a thread does it: that logs what fails. */
int vs_log_reopen(struct vs_err *err);

/*
 * From begin on a thread writes: whoever speaks waits neither for a disk nor for a reader. Lines keep their
 * order; what does not fit into 1 MiB is dropped, and how many lines that were is said where they are
 * missing. Without begin, in a forked child, and after end, whoever speaks writes.
 */
#define VS_LOG_END_MS 1000 /* at the end of a process */
void vs_log_begin(void); /* [of the thread that ends it] */
/* Writes what waits. False when limit_ms was not enough: the process may end, or it may be tried again. */
bool vs_log_end(uint64_t limit_ms);
/* Before the process ends in the middle: waits up to a second until all is written. With any lock held. */
void vs_log_rescue(void);

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
