#include "client/spool.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "client/aside.h"
#include "model/report.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)

struct vs_spool {
	char *path; /* NULL: memory only */
	struct vs_spooled *ring; /* bodies are owned */
	size_t room; /* of the ring */
	size_t limit;
	size_t first;
	size_t count;
	uint64_t pushed; /* the number of the newest */
	bool changed;
	bool warned; /* about a file that cannot be written */
};

static bool is_report(struct vs_view line)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	bool good = vs_report_parse(report, line, NULL) == 0;

	vs_report_fini(report);
	vs_free(report);
	return good;
}

static void load(struct vs_spool *spool)
{
	struct vs_buf text;
	struct vs_view rest;
	struct vs_view line;
	struct vs_err err;
	size_t bad = 0;
	int rc;

	vs_buf_init(&text);
	rc = vs_file_read(&text, spool->path, FILE_MAX, &err);
	if (rc == VS_ERR_TOO_BIG)
		vs_set_aside(spool->path, err.text);
	else if (rc < 0 && rc != VS_ERR_NOT_FOUND)
		vs_log(VS_LOG_WARN, "client", "reports kept by an earlier run cannot be read: %s", err.text);
	rest = vs_buf_view(&text);
	while (vs_view_split(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		if (is_report(line))
			vs_spool_push(spool, line, 0);
		else
			bad++;
	}
	spool->changed = bad > 0;
	if (bad > 0) {
		vs_err_set(&err, VS_ERR_INVALID, "%zu of its lines are not reports", bad);
		vs_set_aside(spool->path, err.text);
	}
	vs_buf_fini(&text);
}

struct vs_spool *vs_spool_create(const char *path, size_t limit)
{
	struct vs_spool *spool = vs_zalloc(sizeof(*spool));

	spool->path = vs_strdup_or_null(path);
	spool->limit = limit;
	spool->room = limit + 1;
	spool->ring = vs_calloc(spool->room, sizeof(*spool->ring));
	if (path != NULL)
		load(spool);
	return spool;
}

void vs_spool_destroy(struct vs_spool *spool)
{
	if (spool == NULL)
		return;
	while (spool->count > 0)
		vs_spool_drop_oldest(spool);
	vs_free(spool->ring);
	vs_free(spool->path);
	vs_free(spool);
}

void vs_spool_limit(struct vs_spool *spool, size_t limit)
{
	size_t room = (limit > spool->count ? limit : spool->count) + 1;
	struct vs_spooled *ring = vs_calloc(room, sizeof(*ring));
	size_t i;

	for (i = 0; i < spool->count; i++)
		ring[i] = spool->ring[(spool->first + i) % spool->room];
	vs_free(spool->ring);
	spool->ring = ring;
	spool->room = room;
	spool->first = 0;
	spool->limit = limit;
}

size_t vs_spool_count(const struct vs_spool *spool)
{
	return spool->count;
}

void vs_spool_push(struct vs_spool *spool, struct vs_view body, uint64_t made_ms)
{
	if (spool->limit == 0)
		return;
	while (spool->count >= spool->limit)
		vs_spool_drop_oldest(spool);
	spool->ring[(spool->first + spool->count) % spool->room] = (struct vs_spooled){
		.body = vs_strndup(body.ptr, body.len), .number = ++spool->pushed, .made_ms = made_ms};
	spool->count++;
	spool->changed = true;
}

const struct vs_spooled *vs_spool_oldest(const struct vs_spool *spool)
{
	return spool->count == 0 ? NULL : &spool->ring[spool->first];
}

void vs_spool_drop_oldest(struct vs_spool *spool)
{
	if (spool->count == 0)
		return;
	vs_free(spool->ring[spool->first].body);
	spool->first = (spool->first + 1) % spool->room;
	spool->count--;
	spool->changed = true;
}

void vs_spool_drop(struct vs_spool *spool, uint64_t number)
{
	if (spool->count > 0 && spool->ring[spool->first].number == number)
		vs_spool_drop_oldest(spool);
}

static int write_file(const struct vs_spool *spool, struct vs_err *err)
{
	struct vs_buf text;
	size_t i;
	int rc;

	if (spool->count == 0) {
		if (unlink(spool->path) != 0 && errno != ENOENT)
			return vs_err_set(
				err, VS_ERR_SYSTEM, "cannot remove %s: %s", spool->path, strerror(errno));
		return 0;
	}
	vs_buf_init(&text);
	for (i = 0; i < spool->count; i++) {
		vs_buf_add_text(&text, spool->ring[(spool->first + i) % spool->room].body);
		vs_buf_add_char(&text, '\n');
	}
	rc = vs_file_write(spool->path, text.ptr, text.len, 0600, err);
	vs_buf_fini(&text);
	return rc;
}

void vs_spool_save(struct vs_spool *spool)
{
	struct vs_err err;

	if (spool->path == NULL || !spool->changed)
		return;
	if (write_file(spool, &err) == 0) {
		spool->changed = false;
		spool->warned = false;
		return;
	}
	if (!spool->warned)
		vs_log(VS_LOG_WARN, "client",
			"unsent reports live in memory only, a restart would lose them: %s", err.text);
	spool->warned = true;
}
