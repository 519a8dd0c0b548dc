#include "server/unread.h"

#include <inttypes.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "server/ledger.h"

#define AREA "ledger"
#define TOLD_MAX 20 /* lines in the log for each table */
#define KEY_SHOWN_MAX 160 /* bytes */
#define COPIES_MAX 10000 /* should all of a large store be unreadable */
#define BYTES_MAX (8 * 1024 * 1024)
#define CHUNK 256 /* copies in one commit */

struct vs_unread {
	struct vs_ledger *ledger;
	struct vs_unit *units[COPIES_MAX / CHUNK + 1]; /* copies, to be committed one after the other */
	size_t copies;
	size_t bytes;
	uint64_t count;
	uint64_t not_copied;
};

struct vs_unread *vs_unread_create(struct vs_ledger *ledger)
{
	struct vs_unread *unread = vs_zalloc(sizeof(*unread));

	unread->ledger = ledger;
	return unread;
}

void vs_unread_destroy(struct vs_unread *unread)
{
	size_t i;

	if (unread == NULL)
		return;
	for (i = 0; i < sizeof(unread->units) / sizeof(unread->units[0]); i++)
		vs_unit_destroy(unread->units[i]);
	vs_free(unread);
}

/* The parts of a key are divided by a NUL. */
static void show_key(struct vs_buf *shown, struct vs_view key)
{
	size_t i;

	for (i = 0; i < key.len && i < KEY_SHOWN_MAX; i++)
		vs_buf_add_char(shown, key.ptr[i] == '\0' ? '/' : key.ptr[i]);
	if (i < key.len)
		vs_buf_add_text(shown, "...");
}

/*
 * table, NUL, key, NUL, a hash of the bytes: the same record is kept once however often the server
 * starts, and never hides another one.
 */
static void make_key(struct vs_buf *name, enum vs_table table, struct vs_view key, struct vs_view value)
{
	unsigned hash = 0;

	HASH_JEN(value.ptr, value.len, hash);
	vs_buf_printf(name, "%d", (int)table);
	vs_buf_add_char(name, '\0');
	vs_buf_add(name, key.ptr, key.len);
	vs_buf_add_char(name, '\0');
	vs_buf_printf(name, "%08x", hash);
}

static bool copy(struct vs_unread *unread, enum vs_table table, struct vs_view key, struct vs_view value)
{
	struct vs_unit **unit = &unread->units[unread->copies / CHUNK];
	struct vs_buf name;

	if (unread->copies == COPIES_MAX || unread->bytes + value.len > BYTES_MAX) {
		unread->not_copied++;
		return false;
	}
	if (*unit == NULL)
		*unit = vs_unit_create();
	vs_buf_init(&name);
	make_key(&name, table, key, value);
	vs_unit_put_key(*unit, VS_TABLE_ASIDE, vs_buf_view(&name), value);
	vs_buf_fini(&name);
	unread->copies++;
	unread->bytes += value.len;
	return true;
}

void vs_unread_note(struct vs_unread *unread, enum vs_table table, const char *what, struct vs_view key,
	struct vs_view value, const char *why)
{
	bool copied = table == VS_TABLE_CLIENTS && copy(unread, table, key, value);
	struct vs_buf shown;

	if (unread->count++ >= TOLD_MAX)
		return;
	vs_buf_init(&shown);
	show_key(&shown, key);
	vs_log(VS_LOG_ERROR, AREA, "of the stored %s the record %s cannot be read and is left as it is%s: %s",
		what, vs_buf_text(&shown), copied ? " (a copy is kept in table 7)" : "", why);
	vs_buf_fini(&shown);
}

void vs_unread_flush(struct vs_unread *unread)
{
	size_t i;

	if (unread->count > TOLD_MAX)
		vs_log(VS_LOG_ERROR, AREA, "%" PRIu64 " more records cannot be read",
			unread->count - TOLD_MAX);
	if (unread->not_copied > 0)
		vs_log(VS_LOG_ERROR, AREA,
			"of %" PRIu64
			" records that cannot be read no copy is kept, and they are written over when "
			"those clients report: stop the server and make a copy of the store if they matter",
			unread->not_copied);
	for (i = 0; i < sizeof(unread->units) / sizeof(unread->units[0]) && unread->units[i] != NULL; i++) {
		vs_ledger_commit(unread->ledger, unread->units[i], NULL, NULL);
		unread->units[i] = NULL;
	}
	unread->copies = 0;
	unread->bytes = 0;
	unread->count = 0;
	unread->not_copied = 0;
}

uint64_t vs_unread_count(const struct vs_unread *unread)
{
	return unread->count;
}
