/* Store sqlite: one SQLite file, written ahead to a log, durable when it says done. */
#include "vpn_sentinel/plugin.h"

#include "aside.h"
#include "copy.h"
#include "database.h"
#include "lock.h"
#include "records.h"
#include "whose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SYNC_FULL, SYNC_NORMAL };

struct config {
	const char *path;
	uint32_t synchronous;
	int64_t cache;
};

static const struct vpns_option options[] = {
	{"path", VPNS_PATH(struct config, path), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"the database file; two more stand beside it while the server runs"},
	{"synchronous", VPNS_CHOICE(struct config, synchronous), 0, "full", 0, 0, 0, "full|normal",
		"full: what is stored survives a power failure; normal: a crash of the server only, but "
		"faster"},
	{"cache", VPNS_SIZE(struct config, cache), 0, "8MiB", 65536, INT64_C(1) << 40, 0, NULL,
		"memory for pages of the file"},
};

struct store {
	const struct vpns_host *host;
	struct database base;
	struct lock lock;
	struct copy copy; /* a backup under way */
	const char
		*copy_ended; /* why one that was under way is not any more; NULL: it was told, or none was */
	int suspect; /* 1: the connection failed last time in a way that may stick to it */
	int damaged; /* 1: hands off */
	int was_there; /* 1: there was a database at this path before */
	int ours; /* 0: nothing but its own words says that the file is ours */
};

static void tell(const struct store *self, uint32_t level, const char *text)
{
	self->host->log(self->host, level, text);
}

/*
 * A copy that has not failed yet, but reads from a log that is to be let go; or with a connection that would
 * keep a damaged file open. The next call of backup() says why.
 */
static void give_up_copy(struct store *self, const char *why)
{
	if (self->copy.backup == NULL)
		return;
	copy_drop(&self->copy);
	self->copy_ended = why;
}

/* What the verbs have in common: 0, or -1 with fault. */
typedef int job(struct database *base, const void *request, struct fault *fault);

static int ready(struct store *self, struct fault *fault)
{
	if (self->damaged) {
		fault_say(fault, VPNS_STORE_CORRUPT,
			"%s is damaged and no longer written to: it is set aside when it is opened again",
			self->base.path);
		return -1;
	}
	if (self->base.db != NULL)
		return 0;
	return database_open(&self->base, DATABASE_CHECK_NONE, fault);
}

/* Two servers that take turns would each believe what they read an hour ago. */
static int check_lock(struct store *self, struct fault *fault)
{
	int rc = lock_hold(&self->lock, self->base.path, fault);

	if (rc > 0)
		tell(self, VPNS_LOG_WARN,
			"the file of the lock was removed while in use, and is made again: never delete it "
			"while a server runs");
	return rc < 0 ? -1 : 0;
}

static void mind_log(struct store *self)
{
	if (!database_has_log(&self->base))
		give_up_copy(self, "the log beside the database (-wal) was removed while it was copied");
}

/*
 * The first failure that may stick to the connection is answered on it: a batch that failed late is in
 * the log already, and only this connection knows that it does not count; its next commit overwrites it.
 */
static int attempt(struct store *self, job *run, const void *request, struct fault *fault)
{
	int rc;

	if (run == records_write && file_is_same(&self->base.file, self->base.path) &&
		check_lock(self, fault) != 0)
		return -1;
	errno = 0;
	if (ready(self, fault) != 0)
		return -1;
	if (run == records_write)
		mind_log(self);
	rc = run(&self->base, request, fault);
	if (rc != 0 && fault->stuck && self->suspect && database_has_log(&self->base)) {
		database_close(&self->base);
		errno = 0;
		if (ready(self, fault) != 0)
			return -1;
		rc = run(&self->base, request, fault);
	}
	self->suspect = rc != 0 && fault->stuck;
	return rc;
}

static int32_t finish(const struct store *self, vpns_op op, uint32_t status, const struct fault *fault)
{
	struct vpns_store_result result = {0};

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_STORE;
	result.status = status;
	if (status != VPNS_STORE_DONE && status != VPNS_STORE_MORE)
		result.reason = fault->text;
	self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

static int32_t answer(struct store *self, vpns_op op, job *run, const void *request)
{
	struct fault fault = {0};
	uint32_t status = attempt(self, run, request, &fault) == 0 ? VPNS_STORE_DONE : fault.status;

	if (status == VPNS_STORE_CORRUPT && !self->damaged) {
		self->damaged = 1;
		lock_mark_damaged(&self->lock);
		give_up_copy(self, "the database turned out to be damaged while it was copied");
		database_close_untouched(&self->base);
	}
	return finish(self, op, status, &fault);
}

static void tell_of_log(struct store *self)
{
	if (self->base.log_was_gone)
		tell(self, VPNS_LOG_WARN,
			"the log beside the database (-wal) was removed while in use. Nothing is lost: it "
			"was "
			"still open, and is written there again. Never delete it");
	self->base.log_was_gone = 0;
}

static int32_t commit(void *state, vpns_op op, const struct vpns_store_batch *batch)
{
	struct store *self = state;
	int32_t rc = answer(self, op, records_write, batch);

	tell_of_log(self);
	return rc;
}

static int32_t scan(void *state, vpns_op op, const struct vpns_store_scan *scan)
{
	return answer(state, op, records_scan, scan);
}

/* 1: there is more to do; 0: done; -1 with fault, and nothing is left of the copy. */
static int copy_some(struct store *self, const char *path, struct fault *fault)
{
	const char *ended;

	errno = 0;
	if (ready(self, fault) != 0)
		return -1;
	mind_log(self);
	ended = self->copy_ended;
	self->copy_ended = NULL;
	if (database_in_place(&self->base, fault) != 0)
		return -1;
	if (ended == NULL)
		return copy_go_on(&self->copy, &self->base, path, fault);
	fault_say(fault, VPNS_STORE_RETRY, "%s: begin the backup again", ended);
	return -1;
}

/* What failed here is not gone on with: the next call, for whatever path, is of another backup. */
static int32_t backup(void *state, vpns_op op, const char *path)
{
	struct store *self = state;
	struct fault fault = {0};
	int rc = copy_some(self, path, &fault);

	if (rc < 0) {
		copy_drop(&self->copy);
		self->copy_ended = NULL;
	}
	tell_of_log(self);
	return finish(self, op, rc > 0 ? VPNS_STORE_MORE : rc == 0 ? VPNS_STORE_DONE : fault.status, &fault);
}

/* The damage is known by fault; closed. Begins an empty database, and note says so; or fails with another
 * fault. */
static int begin_anew(struct store *self, struct vpns_error *note, struct fault *fault)
{
	char line[ASIDE_NAME_MAX + FILE_PATH_MAX + sizeof(fault->text) + 400];
	char name[ASIDE_NAME_MAX];
	struct fault damage = *fault;

	if (aside_put(self->base.path, self->host->wall_ms(self->host), name, fault) != 0)
		return -1;
	snprintf(line, sizeof(line),
		"the database is damaged (%.*s). It was set aside as %s, and an empty one begun: what only "
		"the old one held is not known any more. To get that back, stop the server and put a backup "
		"at %s, or try sqlite3's .recover on the file set aside",
		(int)damage.cause, damage.text, name, self->base.path);
	tell(self, VPNS_LOG_ERROR, line);
	if (file_prepare(self->base.path, fault) != 0 ||
		database_open(&self->base, DATABASE_CHECK_NONE, fault) != 0)
		return -1;
	snprintf(note->text, sizeof(note->text),
		"the database was damaged, and set aside as %s; an empty one was begun", name);
	return 0;
}

/* A new one is expected once. */
static void tell_of_beginning(const struct store *self)
{
	char line[FILE_PATH_MAX + 256];

	if (file_size(self->base.path) == 0)
		snprintf(line, sizeof(line),
			"the database file is there, but empty: beginning a new one in it");
	else if (self->was_there)
		snprintf(line, sizeof(line),
			"there was a database at %s, but it is gone: a new one is begun, which knows "
			"nothing. "
			"If it was moved away, stop the server and bring it back, or restore a backup",
			self->base.path);
	else
		snprintf(line, sizeof(line), "a new database is begun at %s", self->base.path);
	tell(self, file_size(self->base.path) < 0 && !self->was_there ? VPNS_LOG_INFO : VPNS_LOG_WARN, line);
}

/* Before anything is touched, or made beside it. */
static int look_first(struct store *self, struct fault *fault)
{
	enum whose whose = whose_file(self->base.path);

	self->ours = whose == WHOSE_OURS || whose == WHOSE_NOBODYS;
	self->was_there = whose_was_ours(self->base.path);
	if (whose != WHOSE_OTHERS)
		return 0;
	fault_say(fault, VPNS_STORE_FAILED,
		"%s is no database, or one of another program, and is left alone: choose another path, or "
		"move "
		"the file away",
		self->base.path);
	return -1;
}

/* The lock says that nobody restores it now. */
static int check_restored(const struct store *self, struct fault *fault)
{
	char folder[FILE_PATH_MAX + 16];
	struct stat info;

	snprintf(folder, sizeof(folder), "%s.restoring", self->base.path);
	if (file_size(self->base.path) > 0 || stat(folder, &info) != 0)
		return 0;
	fault_say(fault, VPNS_STORE_FAILED,
		"a restore of %s was interrupted, and there is no database: run `vpn-sentinel restore` once "
		"more. What was there before is beside it, under a name with before-restore",
		self->base.path);
	return -1;
}

static int open_first(struct store *self, struct vpns_error *note, struct fault *fault)
{
	struct fault damage;
	enum database_check check = self->lock.damaged ? DATABASE_CHECK_WHOLE : DATABASE_CHECK_BOUNDED;

	if (aside_is_log_alone(self->base.path)) {
		fault_say(fault, VPNS_STORE_CORRUPT, "%s is empty or gone, but its log is there",
			self->base.path);
		return begin_anew(self, note, fault);
	}
	if (file_size(self->base.path) <= 0)
		tell_of_beginning(self);
	if (file_prepare(self->base.path, fault) != 0)
		return -1;
	if (database_open(&self->base, check, fault) == 0) {
		if (self->lock.damaged)
			tell(self, VPNS_LOG_WARN,
				"the database seemed damaged when it was last used, but a whole check finds "
				"it "
				"sound: look at the memory and the disk of this machine");
		return 0;
	}
	if (fault->status != VPNS_STORE_CORRUPT)
		return -1;
	if (self->ours)
		return begin_anew(self, note, fault);
	damage = *fault;
	fault_say(fault, VPNS_STORE_FAILED,
		"%.*s; nothing shows that it ever was a database of this program, so it is left alone: "
		"choose "
		"another path, or move the file away",
		(int)damage.cause, damage.text);
	return -1;
}

static int start(
	struct store *self, const struct config *config, struct vpns_error *note, struct fault *fault)
{
	self->base.sync_normal = config->synchronous == SYNC_NORMAL;
	self->base.cache = config->cache;
	if (file_resolve(self->base.path, config->path, fault) != 0 || look_first(self, fault) != 0 ||
		lock_take(&self->lock, self->base.path, fault) != 0)
		return -1;
	if (check_restored(self, fault) != 0 || open_first(self, note, fault) != 0) {
		lock_give(&self->lock);
		return -1;
	}
	lock_mark_sound(&self->lock);
	return 0;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct store *self = calloc(1, sizeof(*self));
	struct fault fault;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->lock.fd = -1;
	if (start(self, config, error, &fault) != 0) {
		snprintf(error->text, sizeof(error->text), "%s", fault.text);
		free(self);
		return NULL;
	}
	return self;
}

static void destroy(void *state)
{
	struct store *self = state;
	struct fault fault = {0};

	copy_drop(&self->copy);
	/* A log without a name would be lost with this connection while another process reads. */
	if (self->base.db != NULL && !database_has_log(&self->base) &&
		database_in_place(&self->base, &fault) != 0)
		tell(self, VPNS_LOG_ERROR, fault.text);
	tell_of_log(self);
	database_close(&self->base);
	lock_give(&self->lock);
	free(self);
}

static const struct vpns_store_ops ops = {sizeof(ops), 0, create, commit, scan, backup, destroy};

VPNS_STORE_PLUGIN("sqlite", "1.0.0", "keeps everything in one SQLite file", VPNS_PLUGIN_EXCLUSIVE,
	VPNS_GRANT_FS_STATE, VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
