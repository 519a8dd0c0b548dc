/*
 * What is wrong with a configuration, collected so that one run reports everything:
 *
 *	server.yaml:12:5: error: unknown key 'intervall' in 'monitor'; did you mean 'interval'?
 */
#ifndef VS_CONFIG_PROBLEM_H
#define VS_CONFIG_PROBLEM_H

#include <stddef.h>

struct vs_buf;

/* Where something stands. line and column count from 1; 0 is "the file as a whole". */
struct vs_mark {
	const char *file; /* as the user named it; NULL: not in a file. Borrowed. */
	unsigned line;
	unsigned column;
};

enum vs_problem_severity { VS_PROBLEM_ERROR, VS_PROBLEM_WARNING };

struct vs_problem {
	enum vs_problem_severity severity;
	struct vs_mark mark; /* its file is owned by the list */
	char *text; /* a sentence without a full stop; registered secrets are masked */
};

#define VS_PROBLEMS_MAX 200 /* more than that are counted, not kept */

/* Sorted by file, line and column. Zeroed is a valid, empty list. */
struct vs_problems {
	struct vs_problem *items;
	size_t count; /* of items */
	size_t errors; /* all errors ever added, kept or not: 0 means the configuration can be used */
	size_t warnings; /* likewise */
};

void vs_problems_init(struct vs_problems *problems);
void vs_problems_fini(struct vs_problems *problems); /* twice is fine */
void vs_problems_error(struct vs_problems *problems, struct vs_mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void vs_problems_warn(struct vs_problems *problems, struct vs_mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends "file:line:col: error: text", without a newline. */
void vs_problem_format(const struct vs_problem *problem, struct vs_buf *out);
/* Appends every problem on a line of its own, and how many more there were. */
void vs_problems_format(const struct vs_problems *problems, struct vs_buf *out);
/* Each is a line of the log, as the error or the warning that it is. */
void vs_problems_log(const struct vs_problems *problems, const char *area);

#endif
