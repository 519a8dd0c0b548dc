#include "database.h"

#include "log.h"
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	BUSY_MS = 1000, /* for moments such as those of a backup by the sqlite3 tool */
	CHECKPOINT_PAGES = 512, /* 2 MiB of log, then it is brought into the file */
	LOG_KEPT = 8 << 20, /* a log that grew larger is cut back to this */
	CHECK_WHOLE_MAX = 64 << 20,
	CHECK_QUICK_MAX = 512 << 20,
};

static const char *const statement_texts[DATABASE_STATEMENT_COUNT] = {
#define DATABASE_STATEMENT_TEXT(name, sql) sql,
	DATABASE_STATEMENTS(DATABASE_STATEMENT_TEXT)
#undef DATABASE_STATEMENT_TEXT
};

static int fail(struct database *base, int code, struct fault *fault)
{
	fault_of(fault, code, base->db, base->path);
	return -1;
}

static const char *log_name(const struct database *base, char name[FILE_PATH_MAX + 8])
{
	snprintf(name, FILE_PATH_MAX + 8, "%s-wal", base->path);
	return name;
}

static int moved(const char *name, struct fault *fault)
{
	fault_say(fault, VPNS_STORE_RETRY,
		"%s was moved, removed or replaced while in use: put it back, or restart the server to go on "
		"with what is there now",
		name);
	return -1;
}

/* Until all is well, closing must not bring the log into a file that is damaged or not ours. */
static int connect(struct database *base, struct fault *fault)
{
	int code = sqlite3_open_v2(base->path, &base->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return fail(base, code, fault);
	sqlite3_extended_result_codes(base->db, 1);
	sqlite3_db_config(base->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_busy_timeout(base->db, BUSY_MS);
	return 0;
}

/* Because of its mode, which shows at once; or of its head, which SQLite has to have read. */
static int check_writable(struct database *base, struct fault *fault)
{
	if (sqlite3_db_readonly(base->db, "main") == 0)
		return 0;
	fault_of(fault, SQLITE_READONLY, NULL, base->path);
	return -1;
}

/* The first line that PRAGMA name says. 0 and a copy of it, or -1 with fault. */
static int ask(struct database *base, const char *name, char said[160], struct fault *fault)
{
	sqlite3_stmt *statement = NULL;
	const unsigned char *text = NULL;
	char sql[64];
	int code;

	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	code = sqlite3_prepare_v2(base->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		text = sqlite3_column_text(statement, 0);
	snprintf(said, 160, "%s", text != NULL ? (const char *)text : "");
	if (code != SQLITE_ROW)
		fail(base, code, fault);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 0 : -1;
}

/* The check counts a page it could not read as damaged, and says so in words: errno knows better. */
static int check_soundness(struct database *base, enum database_check check, struct fault *fault)
{
	int64_t size = file_size(base->path);
	const char *pragma = "integrity_check(1)";
	char said[160];

	if (check == DATABASE_CHECK_NONE || (check == DATABASE_CHECK_BOUNDED && size > CHECK_QUICK_MAX))
		return 0;
	if (check == DATABASE_CHECK_BOUNDED && size > CHECK_WHOLE_MAX)
		pragma = "quick_check(1)";
	errno = 0;
	if (ask(base, pragma, said, fault) != 0)
		return -1;
	if (strcmp(said, "ok") == 0)
		return 0;
	if (errno != 0)
		return fail(base, SQLITE_IOERR_READ, fault);
	fault_say(fault, VPNS_STORE_CORRUPT, "%s: PRAGMA %s says \"%s\"", base->path, pragma, said);
	return -1;
}

static int begin_log(struct database *base, struct fault *fault)
{
	char said[160];

	if (ask(base, "journal_mode = WAL", said, fault) != 0)
		return -1;
	if (strcmp(said, "wal") == 0)
		return 0;
	fault_say(fault, VPNS_STORE_FAILED,
		"%s cannot have a log beside it (its journal stays \"%s\"): choose a place on a local disk",
		base->path, said);
	return -1;
}

static int configure(struct database *base, struct fault *fault)
{
	char sql[256];
	int code;

	snprintf(sql, sizeof(sql),
		"PRAGMA synchronous = %s; PRAGMA cache_size = -%lld; PRAGMA wal_autocheckpoint = %d;"
		"PRAGMA journal_size_limit = %d; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = 1",
		base->sync_normal ? "NORMAL" : "FULL", (long long)(base->cache / 1024), CHECKPOINT_PAGES,
		LOG_KEPT);
	code = sqlite3_exec(base->db, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return fail(base, code, fault);
	return begin_log(base, fault);
}

static int prepare(struct database *base, struct fault *fault)
{
	int code;
	int i;

	for (i = 0; i < DATABASE_STATEMENT_COUNT; i++) {
		code = sqlite3_prepare_v3(base->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&base->statements[i], NULL);
		if (code != SQLITE_OK)
			return fail(base, code, fault);
	}
	return 0;
}

static int open_all(struct database *base, enum database_check check, struct fault *fault)
{
	int version = 0;

	if (connect(base, fault) != 0 || check_writable(base, fault) != 0 ||
		schema_look(base->db, base->path, &version, fault) != 0 || check_writable(base, fault) != 0 ||
		check_soundness(base, check, fault) != 0 || configure(base, fault) != 0 ||
		schema_upgrade(base->db, base->path, version, fault) != 0)
		return -1;
	return prepare(base, fault);
}

int database_open(struct database *base, enum database_check check, struct fault *fault)
{
	char log[FILE_PATH_MAX + 8];

	if (!file_is_same(&base->file, base->path))
		return moved(base->path, fault);
	errno = 0;
	if (open_all(base, check, fault) != 0) {
		database_close_untouched(base);
		return -1;
	}
	if (base->file.inode == 0)
		file_identify(&base->file, base->path);
	file_identify(&base->log, log_name(base, log));
	sqlite3_db_config(base->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return 0;
}

/*
 * The log is written out under its name while this connection has it still, and only then let go. To bring it
 * into the file instead could stop half-way, since somebody reads an older state: a file that is worth
 * nothing without a log that nobody can reach.
 */
static int renew_log(struct database *base, const char *log, struct fault *fault)
{
	if (log_put_back(base->db, log, fault) != 0)
		return -1;
	database_close_untouched(base);
	if (database_open(base, DATABASE_CHECK_NONE, fault) != 0)
		return -1;
	base->log_was_gone = 1;
	return 0;
}

int database_has_log(const struct database *base)
{
	char log[FILE_PATH_MAX + 8];

	return file_is_same(&base->log, log_name(base, log));
}

int database_in_place(struct database *base, struct fault *fault)
{
	char log[FILE_PATH_MAX + 8];

	if (!file_is_same(&base->file, base->path))
		return moved(base->path, fault);
	if (file_is_same(&base->log, log_name(base, log)))
		return 0;
	if (file_size(log) > 0)
		return moved(log, fault);
	return renew_log(base, log, fault);
}

void database_close(struct database *base)
{
	int i;

	for (i = 0; i < DATABASE_STATEMENT_COUNT; i++) {
		sqlite3_finalize(base->statements[i]);
		base->statements[i] = NULL;
	}
	sqlite3_close(base->db);
	base->db = NULL;
	base->log.inode = 0;
}

void database_close_untouched(struct database *base)
{
	char log[FILE_PATH_MAX + 8];

	/* An empty log has nothing to bring in: then SQLite takes it away again, as it made it. */
	if (base->db != NULL)
		sqlite3_db_config(
			base->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, file_size(log_name(base, log)) > 0, NULL);
	database_close(base);
}
