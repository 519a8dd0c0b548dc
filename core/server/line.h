/*
 * The server's own line to the world: is it silence out there, or are we cut off? While the
 * line is down nobody is judged. [loop]
 */
#ifndef VS_SERVER_LINE_H
#define VS_SERVER_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct vs_line;
struct vs_monitor_parts;
struct vs_troubles;

/*
 * back(arg, gone_ms) comes when the line is up again; gone_ms went by since the last sign that it
 * was up, which is before anybody noticed that it was down. Everything is borrowed.
 */
struct vs_line *vs_line_create(const struct vs_monitor_parts *parts, struct vs_troubles *troubles,
	void (*back)(void *arg, uint64_t gone_ms), void *arg);
void vs_line_destroy(struct vs_line *line); /* NULL is fine */

/* A keepalive came from somebody who sends one every interval_ms. */
void vs_line_heard(struct vs_line *line, int64_t interval_ms);
void vs_line_shift(
	struct vs_line *line, uint64_t ms); /* so long the process stood still: that was no silence */
void vs_line_asked(struct vs_line *line); /* a round of witnesses has ended */
void vs_line_doubt(struct vs_line *line); /* somebody is late: ask the witnesses, unless others are heard */
/* Before anybody is called lost: is it us? Takes the line down when it is. */
bool vs_line_is_cut(struct vs_line *line);
bool vs_line_is_down(const struct vs_line *line);
void vs_line_watch(struct vs_line *line); /* from time to time */

#endif
