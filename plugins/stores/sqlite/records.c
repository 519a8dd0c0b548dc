#include "records.h"

enum { TABLES = 64 };

static int fail(struct database *base, int code, struct fault *fault)
{
	fault_of(fault, code, base->db, base->path);
	return -1;
}

/*
 * The bytes are the host's and stay there, so SQLite need not copy them. A length above its limit is
 * refused here, since SQLite takes the largest ones for negative; and NULL would be bound as NULL.
 */
static int bind_bytes(sqlite3_stmt *statement, int index, struct vpns_bytes bytes)
{
	if (bytes.len > (uint64_t)sqlite3_limit(sqlite3_db_handle(statement), SQLITE_LIMIT_LENGTH, -1))
		return SQLITE_TOOBIG;
	return sqlite3_bind_blob64(
		statement, index, bytes.len > 0 ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

static int run(struct database *base, enum database_statement which)
{
	sqlite3_step(base->statements[which]);
	return sqlite3_reset(base->statements[which]);
}

static int write_one(struct database *base, const struct vpns_store_write *write)
{
	enum database_statement which = write->verb == VPNS_WRITE_PUT ? DATABASE_PUT : DATABASE_DELETE;
	sqlite3_stmt *statement = base->statements[which];
	int code = sqlite3_bind_int(statement, 1, (int)write->table);

	if (code == SQLITE_OK)
		code = bind_bytes(statement, 2, write->key);
	if (code == SQLITE_OK && which == DATABASE_PUT)
		code = bind_bytes(statement, 3, write->value);
	return code == SQLITE_OK ? run(base, which) : code;
}

static int check_batch(const struct vpns_store_batch *batch, struct fault *fault)
{
	uint32_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->writes[i].table >= TABLES) {
			fault_say(fault, VPNS_STORE_FAILED, "a write names a table above %d", TABLES - 1);
			return -1;
		}
		if (batch->writes[i].verb != VPNS_WRITE_PUT && batch->writes[i].verb != VPNS_WRITE_DELETE) {
			fault_say(fault, VPNS_STORE_FAILED, "a write has a verb this store does not know");
			return -1;
		}
	}
	return 0;
}

/* A connection that could not even go back is no use any more. */
static void roll_back(struct database *base)
{
	if (!sqlite3_get_autocommit(base->db))
		run(base, DATABASE_ROLLBACK);
	if (!sqlite3_get_autocommit(base->db))
		database_close(base);
}

int records_write(struct database *base, const void *request, struct fault *fault)
{
	const struct vpns_store_batch *batch = request;
	uint32_t i;
	int code;

	if (check_batch(batch, fault) != 0 || database_in_place(base, fault) != 0)
		return -1;
	code = run(base, DATABASE_BEGIN);
	for (i = 0; i < batch->count && code == SQLITE_OK; i++)
		code = write_one(base, &batch->writes[i]);
	if (code == SQLITE_OK)
		code = run(base, DATABASE_COMMIT);
	if (code == SQLITE_OK)
		return 0;
	fail(base, code, fault);
	roll_back(base);
	return -1;
}

static sqlite3_stmt *begin_scan(struct database *base, const struct vpns_store_scan *scan, int *code)
{
	static const enum database_statement which[2][2] = {
		{DATABASE_SCAN, DATABASE_SCAN_TO}, {DATABASE_SCAN_BACK, DATABASE_SCAN_BACK_TO}};
	sqlite3_stmt *statement = base->statements[which[scan->reverse != 0][scan->to.len > 0]];
	sqlite3_int64 limit = scan->limit > 0 && scan->limit < INT64_MAX ? (sqlite3_int64)scan->limit : -1;

	*code = sqlite3_bind_int(statement, 1, (int)scan->table);
	if (*code == SQLITE_OK)
		*code = bind_bytes(statement, 2, scan->from);
	if (*code == SQLITE_OK)
		*code = sqlite3_bind_int64(statement, 3, limit);
	if (*code == SQLITE_OK && scan->to.len > 0)
		*code = bind_bytes(statement, 4, scan->to);
	return statement;
}

static struct vpns_bytes column(sqlite3_stmt *statement, int index)
{
	struct vpns_bytes bytes;

	bytes.ptr = sqlite3_column_blob(statement, index);
	bytes.len = (uint64_t)sqlite3_column_bytes(statement, index);
	if (bytes.ptr == NULL)
		bytes.ptr = "";
	return bytes;
}

int records_scan(struct database *base, const void *request, struct fault *fault)
{
	const struct vpns_store_scan *scan = request;
	sqlite3_stmt *statement;
	int given = 0;
	int code;

	if (scan->table >= TABLES) {
		fault_say(fault, VPNS_STORE_FAILED, "the scan names a table above %d", TABLES - 1);
		return -1;
	}
	statement = begin_scan(base, scan, &code);
	while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
		given = 1;
		if (scan->each(scan->arg, column(statement, 0), column(statement, 1)) != 0)
			break;
	}
	if (code == SQLITE_OK)
		code = sqlite3_reset(statement);
	if (code == SQLITE_OK)
		return 0;
	fail(base, code, fault);
	if (given)
		fault->stuck = 0; /* from the beginning again would give them twice */
	return -1;
}
