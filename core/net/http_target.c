#include "net/http_target.h"

#include <string.h>

#include "base/id.h"
#include "net/url.h"

/* Returns the decoded length, 0 when an escape is bad: a path has at least its slash. */
static size_t decode(char *text, size_t len)
{
	size_t to = 0;
	size_t at;

	for (at = 0; at < len; at++, to++) {
		int byte;

		if (text[at] != '%') {
			text[to] = text[at];
			continue;
		}
		if (len - at < 3)
			return 0;
		byte = vs_hex_byte(text + at + 1);
		if (byte <= 0)
			return 0;
		text[to] = (char)byte;
		at += 2;
	}
	return to;
}

static bool is_visible(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f || text[i] == '#')
			return false;
	return true;
}

/* Where the path begins in an absolute-form target. An absent path is written into the scheme's place. */
static bool skip_authority(char *text, size_t len, size_t *path, size_t *end)
{
	struct vs_view view = {text, len};
	struct vs_url url;

	if (vs_url_parse(&url, view, NULL) < 0 || url.has_user)
		return false;
	*path = (size_t)(url.target.ptr - text);
	if (*path < len && text[*path] == '/')
		return true;
	*end = *path; /* of the path; a query begins here, if there is one */
	*path = 0;
	text[0] = '/';
	return true;
}

bool vs_http_target_parse(struct vs_http_target *target, char *text, size_t len, bool star_allowed)
{
	size_t path = 0;
	size_t mark = 0; /* set: the path is one slash, and what follows it stands at mark */
	size_t end;
	char *question;

	memset(target, 0, sizeof(*target));
	if (len == 0 || !is_visible(text, len))
		return false;
	if (text[0] != '/' && !(star_allowed && len == 1 && text[0] == '*') &&
		!skip_authority(text, len, &path, &mark))
		return false;
	end = len;
	question = memchr(text + (mark != 0 ? mark : path), '?', len - (mark != 0 ? mark : path));
	if (question != NULL) {
		end = (size_t)(question - text);
		target->query = end + 1;
		target->query_len = len - target->query;
	} else {
		target->query = len;
	}
	target->path = path;
	target->path_len = mark != 0 ? 1 : decode(text + path, end - path);
	text[len] = '\0';
	text[path + target->path_len] = '\0';
	return target->path_len > 0;
}
