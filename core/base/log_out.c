#include "base/log_out.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log_line.h"
#include "base/rotated.h"

static void format(struct vs_buf *text, const struct vs_log_line *line, const struct vs_log_look *look)
{
	if (look->journal)
		vs_buf_add_text(text, vs_log_line_priority(line->level));
	if (look->format == VS_LOG_JSON)
		vs_log_line_json(text, line);
	else if (look->journal)
		vs_log_line_untimed(text, line);
	else
		vs_log_line_human(text, line, look->colour);
}

/* What a file gets is neither for a terminal nor for the journal. */
static bool is_plain(const struct vs_log_look *look)
{
	return !look->colour && !look->journal;
}

void vs_log_said_init(
	struct vs_log_said *said, const struct vs_log_line *line, const struct vs_log_look *look)
{
	said->look = *look;
	said->wall_ms = line->wall_ms;
	vs_buf_init(&said->shown);
	vs_buf_init(&said->plain);
	format(&said->shown, line, look);
	if (!is_plain(look))
		format(&said->plain, line, &(struct vs_log_look){.format = look->format});
}

void vs_log_said_fini(struct vs_log_said *said)
{
	vs_buf_fini(&said->shown);
	vs_buf_fini(&said->plain);
}

/* A log that cannot be written is nobody's error: there is no place to report it. */
static void write_text(int fd, const struct vs_buf *text)
{
	const char *at = text->ptr;
	size_t left = text->len;

	while (left > 0) {
		ssize_t put = write(fd, at, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return;
		at += put;
		left -= (size_t)put;
	}
}

/* Where lines still arrive. */
static void tell_failure(const struct vs_log_said *near, const struct vs_err *failure)
{
	struct vs_log_line line = {near->wall_ms, VS_LOG_ERROR, vs_view_of("log"), vs_view_of(failure->text)};
	struct vs_buf text;

	vs_buf_init(&text);
	format(&text, &line, &near->look);
	write_text(near->look.fd, &text);
	vs_buf_fini(&text);
}

void vs_log_out_write(struct vs_log_out *out, const struct vs_log_said *said)
{
	struct vs_err failure = {0};

	write_text(said->look.fd, &said->shown);
	if (out->file == NULL)
		return;
	(void)vs_rotated_add(
		out->file, vs_buf_view(is_plain(&said->look) ? &said->shown : &said->plain), &failure);
	if (failure.code != 0 && !out->fails)
		tell_failure(said, &failure);
	out->fails = failure.code != 0;
}

void vs_log_out_say(struct vs_log_out *out, const struct vs_log_look *look, const struct vs_log_line *line)
{
	struct vs_log_said said;

	vs_log_said_init(&said, line, look);
	vs_log_out_write(out, &said);
	vs_log_said_fini(&said);
}

void vs_log_out_take(struct vs_log_out *out, struct vs_rotated *file)
{
	vs_rotated_close(out->file);
	out->file = file;
	out->fails = false;
}

int vs_log_out_reopen(struct vs_log_out *out, struct vs_err *err)
{
	return out->file != NULL ? vs_rotated_reopen(out->file, err) : 0;
}
