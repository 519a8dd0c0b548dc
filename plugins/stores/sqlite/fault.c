#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct meaning {
	int code; /* the primary one */
	uint32_t status;
	int stuck;
	const char *what; /* "WHAT: FILE (cause)" */
	const char *remedy;
};

static const struct meaning meanings[] = {
	{SQLITE_FULL, VPNS_STORE_RETRY, 0, "the disk is full", "free some space"},
	{SQLITE_BUSY, VPNS_STORE_RETRY, 0, "another process has the file locked",
		"end it (fuser tells which one it is), or wait for it"},
	{SQLITE_LOCKED, VPNS_STORE_RETRY, 0, "the file is locked", "end who holds it, or wait"},
	{SQLITE_PROTOCOL, VPNS_STORE_RETRY, 0, "another process has the file locked",
		"end it (fuser tells which one it is), or wait for it"},
	{SQLITE_READONLY, VPNS_STORE_RETRY, 1, "the file cannot be written to",
		"the user that the server runs as needs to write to it and to its folder"},
	{SQLITE_PERM, VPNS_STORE_RETRY, 1, "access to the file is refused",
		"the user that the server runs as needs to write to it and to its folder"},
	{SQLITE_CANTOPEN, VPNS_STORE_RETRY, 1, "the file, or one beside it, cannot be opened",
		"the user that the server runs as needs to write to it and to its folder"},
	{SQLITE_IOERR, VPNS_STORE_RETRY, 1, "reading or writing failed",
		"look at the disk and its free space; the kernel's log says more"},
	{SQLITE_NOMEM, VPNS_STORE_RETRY, 0, "out of memory",
		"give the server more, or lower its option cache"},
	{SQLITE_CORRUPT, VPNS_STORE_CORRUPT, 0, "the file is damaged",
		"it is set aside when it is opened again, and a new one begun"},
	{SQLITE_NOTADB, VPNS_STORE_CORRUPT, 0, "the file is no SQLite database",
		"it is set aside when it is opened again, and a new one begun"},
	{SQLITE_TOOBIG, VPNS_STORE_FAILED, 0, "a key or a value is larger than SQLite can keep",
		"nothing of its batch was written"},
};

static const struct meaning *meaning_of(int code)
{
	static const struct meaning other = {0, VPNS_STORE_FAILED, 0, "SQLite refused",
		"this is a fault of the program: please report it"};
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].code == (code & 0xff))
			return &meanings[i];
	}
	return &other;
}

/* One line of whole characters: SQLite's texts have several lines, and a long path may cut one short. */
static void tidy(struct fault *fault)
{
	size_t len = strlen(fault->text);
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)fault->text[i] < ' ')
			fault->text[i] = ' ';
	}
	if (len + 1 < sizeof(fault->text))
		return;
	while (len > 0 && ((unsigned char)fault->text[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)fault->text[len - 1] >= 0xc0)
		len--;
	fault->text[len] = '\0';
}

/* SQLite calls it damage, too, when the system cannot read; but a disk may come back. */
static int true_code(int code, int error)
{
	if ((code & 0xff) == SQLITE_CORRUPT && (error == EIO || error == ENXIO || error == ERANGE))
		return SQLITE_IOERR_CORRUPTFS;
	return code;
}

void fault_of(struct fault *fault, int code, sqlite3 *db, const char *path)
{
	int error = errno; /* first of all; sqlite3_system_errno() misses what a COMMIT ran into */
	int truth = true_code(code, error);
	const struct meaning *meaning = meaning_of(truth);
	const char *cause = sqlite3_errstr(code);
	size_t len;

	if (db != NULL && sqlite3_extended_errcode(db) == code)
		cause = sqlite3_errmsg(db); /* it says more */
	if (error != 0 && ((truth & 0xff) == SQLITE_IOERR || (truth & 0xff) == SQLITE_CANTOPEN))
		cause = strerror(error);
	fault_say(fault, meaning->status, "%s: %s (%s, SQLite code %d)", meaning->what, path, cause, truth);
	fault->stuck = meaning->stuck;
	len = strlen(fault->text);
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s", meaning->remedy);
	tidy(fault);
}

void fault_say(struct fault *fault, uint32_t status, const char *format, ...)
{
	va_list args;

	fault->status = status;
	fault->stuck = 0;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	tidy(fault);
	fault->cause = (unsigned short)strlen(fault->text);
}

static const char *remedy_of(int error)
{
	static const struct {
		int error;
		const char *remedy;
	} remedies[] = {
		{EACCES, ": the user that the server runs as needs to write to this folder"},
		{EPERM, ": the user that the server runs as needs to own it"},
		{EROFS, ": mount it writable, or choose another place"},
		{ENOSPC, ": free some space"},
		{EDQUOT, ": free some space"},
		{EIO, ": look at the disk; the kernel's log says more"},
		{ENOENT, ": make the folder first"},
		{ENOTDIR, ": choose another path"},
		{ELOOP, ": choose a path that is no link"},
	};
	size_t i;

	for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (remedies[i].error == error)
			return remedies[i].remedy;
	}
	return "";
}

void fault_say_errno(struct fault *fault, int error, const char *format, ...)
{
	va_list args;
	size_t len;

	fault->status = VPNS_STORE_RETRY;
	fault->stuck = 0;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	len = strlen(fault->text);
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s%s", strerror(error), remedy_of(error));
	tidy(fault);
	fault->cause = (unsigned short)strlen(fault->text);
}
