#include "reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void reply_init(struct reply *reply)
{
	reply->state = REPLY_STATUS;
	reply->status = 0;
	reply->chunked = false;
	reply->close = false;
	reply->left = 0;
	reply->body_len = 0;
	reply->line_len = 0;
}

static void read_status(struct reply *reply)
{
	if (strncmp(reply->line, "HTTP/1.1 ", 9) != 0 || !isdigit((unsigned char)reply->line[9])) {
		reply->state = REPLY_BAD;
		return;
	}
	reply->status = (int)strtol(reply->line + 9, NULL, 10);
	reply->state = REPLY_HEADER;
}

static void end_head(struct reply *reply)
{
	if (reply->chunked)
		reply->state = REPLY_CHUNK_SIZE;
	else if (reply->left > 0)
		reply->state = REPLY_BODY;
	else
		reply->state = REPLY_DONE;
}

static void read_header(struct reply *reply)
{
	static const char length[] = "Content-Length:";
	static const char coding[] = "Transfer-Encoding:";
	static const char connection[] = "Connection:";

	if (reply->line[0] == '\0')
		end_head(reply);
	else if (strncasecmp(reply->line, length, sizeof(length) - 1) == 0)
		reply->left = strtoull(reply->line + sizeof(length) - 1, NULL, 10);
	else if (strncasecmp(reply->line, coding, sizeof(coding) - 1) == 0)
		reply->chunked = strstr(reply->line, "chunked") != NULL;
	else if (strncasecmp(reply->line, connection, sizeof(connection) - 1) == 0)
		reply->close = strstr(reply->line, "close") != NULL;
}

static void read_chunk_size(struct reply *reply)
{
	char *end;

	reply->left = strtoull(reply->line, &end, 16);
	if (end == reply->line)
		reply->state = REPLY_BAD;
	else
		reply->state = reply->left > 0 ? REPLY_CHUNK : REPLY_TRAILER;
}

static void take_line(struct reply *reply)
{
	switch (reply->state) {
	case REPLY_STATUS:
		read_status(reply);
		break;
	case REPLY_HEADER:
		read_header(reply);
		break;
	case REPLY_CHUNK_SIZE:
		read_chunk_size(reply);
		break;
	case REPLY_CHUNK: /* the empty line behind its bytes */
		reply->state = reply->line[0] == '\0' ? REPLY_CHUNK_SIZE : REPLY_BAD;
		break;
	case REPLY_TRAILER:
		if (reply->line[0] == '\0')
			reply->state = REPLY_DONE;
		break;
	case REPLY_BODY:
	case REPLY_DONE:
	case REPLY_BAD:
		break;
	}
}

static size_t feed_line(struct reply *reply, const char *bytes, size_t len)
{
	const char *newline = memchr(bytes, '\n', len);
	size_t taken = newline != NULL ? (size_t)(newline - bytes) + 1 : len;

	if (reply->line_len + taken >= REPLY_LINE_MAX) {
		reply->state = REPLY_BAD;
		return taken;
	}
	memcpy(reply->line + reply->line_len, bytes, taken);
	reply->line_len += taken;
	if (newline == NULL)
		return taken;
	reply->line_len -= reply->line_len >= 2 && reply->line[reply->line_len - 2] == '\r' ? 2 : 1;
	reply->line[reply->line_len] = '\0';
	reply->line_len = 0;
	take_line(reply);
	return taken;
}

static size_t feed_body(struct reply *reply, size_t len)
{
	size_t taken = len < reply->left ? len : (size_t)reply->left;

	reply->left -= taken;
	reply->body_len += taken;
	if (reply->left == 0 && reply->state == REPLY_BODY)
		reply->state = REPLY_DONE;
	return taken;
}

size_t reply_feed(struct reply *reply, const char *bytes, size_t len)
{
	size_t taken = 0;

	while (taken < len && reply->state != REPLY_DONE && reply->state != REPLY_BAD) {
		if (reply->left > 0 && (reply->state == REPLY_BODY || reply->state == REPLY_CHUNK))
			taken += feed_body(reply, len - taken);
		else
			taken += feed_line(reply, bytes + taken, len - taken);
	}
	return taken;
}
