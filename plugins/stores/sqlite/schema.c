#include "schema.h"

#include <stdio.h>

/* steps[n] makes version n + 1 of version n. Written once, never changed: files in the field have them. */
static const char *const steps[SCHEMA_VERSION] = {
	"CREATE TABLE records("
	"  tab INTEGER NOT NULL,"
	"  key BLOB NOT NULL,"
	"  value BLOB NOT NULL,"
	"  PRIMARY KEY(tab, key)"
	") WITHOUT ROWID",
};

static int read_number(sqlite3 *db, const char *sql, int *number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		*number = sqlite3_column_int(statement, 0);
	if (code == SQLITE_OK)
		code = sqlite3_finalize(statement);
	return code;
}

int schema_look(sqlite3 *db, const char *path, int *version, struct fault *fault)
{
	int application = 0;
	int objects = 0;
	int code = read_number(db, "PRAGMA application_id", &application);

	if (code == SQLITE_OK)
		code = read_number(db, "PRAGMA user_version", version);
	if (code == SQLITE_OK)
		code = read_number(db, "SELECT count(*) FROM sqlite_schema", &objects);
	if (code != SQLITE_OK) {
		fault_of(fault, code, db, path);
		return -1;
	}
	if (application == 0 && *version == 0 && objects == 0)
		return 0;
	if (application != SCHEMA_APPLICATION_ID || *version < 1) {
		fault_say(fault, VPNS_STORE_FAILED,
			"%s is a database of another program, and is left alone: choose another path", path);
		return -1;
	}
	if (*version > SCHEMA_VERSION) {
		fault_say(fault, VPNS_STORE_FAILED,
			"%s was written by a newer VPN Sentinel (schema %d, this program knows up to %d), "
			"and is "
			"left alone: install that version again, or choose another path",
			path, *version, SCHEMA_VERSION);
		return -1;
	}
	return 0;
}

static int take_step(sqlite3 *db, int version)
{
	char numbers[96];
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	snprintf(numbers, sizeof(numbers), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		SCHEMA_APPLICATION_ID, version + 1);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, steps[version], NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, numbers, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	return code;
}

int schema_upgrade(sqlite3 *db, const char *path, int version, struct fault *fault)
{
	int code = SQLITE_OK;

	for (; version < SCHEMA_VERSION && code == SQLITE_OK; version++)
		code = take_step(db, version);
	if (code == SQLITE_OK)
		return 0;
	fault_of(fault, code, db, path);
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}
