/*
 * Where one HTTP/1.1 answer ends: just enough of the grammar to measure servers that answer
 * properly. Anything it does not understand is an error, never a guess.
 */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_LINE_MAX 1024

enum reply_state {
	REPLY_STATUS,
	REPLY_HEADER,
	REPLY_BODY, /* `left` bytes of Content-Length */
	REPLY_CHUNK_SIZE,
	REPLY_CHUNK, /* `left` bytes and the line end behind them */
	REPLY_TRAILER,
	REPLY_DONE,
	REPLY_BAD,
};

struct reply {
	enum reply_state state;
	int status;
	bool chunked;
	bool close; /* the server will close the connection */
	uint64_t left;
	uint64_t body_len; /* without the framing of chunks */
	size_t line_len;
	char line[REPLY_LINE_MAX]; /* the one that is being read */
};

void reply_init(struct reply *reply);

/* Reads on, up to the end of this answer; returns how many bytes it took. Then look at state. */
size_t reply_feed(struct reply *reply, const char *bytes, size_t len);

#endif
