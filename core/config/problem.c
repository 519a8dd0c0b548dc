#include "config/problem.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"

void vs_problems_init(struct vs_problems *problems)
{
	memset(problems, 0, sizeof(*problems));
}

static void free_problem(struct vs_problem *problem)
{
	char *file;

	memcpy(&file, &problem->mark.file, sizeof(file)); /* ours, though a mark says const */
	vs_free(file);
	vs_free(problem->text);
}

void vs_problems_fini(struct vs_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		free_problem(&problems->items[i]);
	vs_free(problems->items);
	vs_problems_init(problems);
}

static int mark_compare(const struct vs_mark *a, const struct vs_mark *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return 0;
}

/* What foreign text brings along must not steer a terminal. */
static void blank_controls(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = ' ';
	}
}

static char *sentence(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

static char *sentence(const char *format, va_list args)
{
	struct vs_buf buf;
	char *text;

	vs_buf_init(&buf);
	vs_buf_vprintf(&buf, format, args);
	text = vs_buf_take(&buf);
	blank_controls(text);
	vs_log_mask(text);
	return text;
}

static void add(struct vs_problems *problems, enum vs_problem_severity severity, struct vs_mark mark,
	const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void add(struct vs_problems *problems, enum vs_problem_severity severity, struct vs_mark mark,
	const char *format, va_list args)
{
	struct vs_problem problem = {severity, mark, NULL};
	size_t at = problems->count;

	if (severity == VS_PROBLEM_ERROR)
		problems->errors++;
	else
		problems->warnings++;
	if (problems->count == VS_PROBLEMS_MAX)
		return;
	if (!problems->items)
		problems->items = vs_calloc(VS_PROBLEMS_MAX, sizeof(*problems->items));
	problem.mark.file = vs_strdup_or_null(mark.file);
	problem.text = sentence(format, args);
	while (at > 0 && mark_compare(&problems->items[at - 1].mark, &problem.mark) > 0) {
		problems->items[at] = problems->items[at - 1];
		at--;
	}
	problems->items[at] = problem;
	problems->count++;
}

void vs_problems_error(struct vs_problems *problems, struct vs_mark mark, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(problems, VS_PROBLEM_ERROR, mark, format, args);
	va_end(args);
}

void vs_problems_warn(struct vs_problems *problems, struct vs_mark mark, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(problems, VS_PROBLEM_WARNING, mark, format, args);
	va_end(args);
}

void vs_problem_format(const struct vs_problem *problem, struct vs_buf *out)
{
	size_t from;

	if (problem->mark.file)
		vs_buf_printf(out, "%s:", problem->mark.file);
	if (problem->mark.file && problem->mark.line > 0)
		vs_buf_printf(out, "%u:%u:", problem->mark.line, problem->mark.column);
	if (problem->mark.file)
		vs_buf_add_char(out, ' ');
	vs_buf_add_text(out, problem->severity == VS_PROBLEM_ERROR ? "error: " : "warning: ");
	from = out->len;
	vs_buf_add_text(out, problem->text);
	/* Once more: what was found out to be secret later in the file counts here too. */
	vs_log_mask(out->ptr + from);
	out->len = from + strlen(out->ptr + from);
}

void vs_problems_format(const struct vs_problems *problems, struct vs_buf *out)
{
	size_t more = problems->errors + problems->warnings - problems->count;
	size_t i;

	for (i = 0; i < problems->count; i++) {
		vs_problem_format(&problems->items[i], out);
		vs_buf_add_char(out, '\n');
	}
	if (more > 0)
		vs_buf_printf(out, "... and %zu more problems; mend these first\n", more);
}

void vs_problems_log(const struct vs_problems *problems, const char *area)
{
	struct vs_buf line;
	size_t i;

	vs_buf_init(&line);
	for (i = 0; i < problems->count; i++) {
		vs_buf_clear(&line);
		vs_problem_format(&problems->items[i], &line);
		vs_log(problems->items[i].severity == VS_PROBLEM_ERROR ? VS_LOG_ERROR : VS_LOG_WARN, area,
			"%s", vs_buf_text(&line));
	}
	vs_buf_fini(&line);
}
