#include "server/state_book.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "loop/loop.h"
#include "server/ledger.h"
#include "server/unit.h"

#define WRITE_DELAY_MS 500 /* half of the second that is promised: the store needs some of it */

struct entry {
	char *owner;
	char *key;
	char *text; /* NULL: forgotten, and that is not written yet */
	bool dirty;
	UT_hash_handle hh;
	size_t name_len;
	char name[]; /* owner, NUL, key */
};

struct vs_state_book {
	struct vs_ledger *ledger;
	struct entry *entries;
	struct vs_timer *timer;
	size_t dirty;
	void (*loaded)(void *arg, bool ok, const char *reason);
	void *loaded_arg;
};

static void write_dirty(void *arg)
{
	vs_state_book_flush(arg);
}

struct vs_state_book *vs_state_book_create(struct vs_loop *loop, struct vs_ledger *ledger)
{
	struct vs_state_book *book = vs_zalloc(sizeof(*book));

	book->ledger = ledger;
	book->timer = vs_timer_create(loop, write_dirty, book);
	return book;
}

static void entry_free(struct vs_state_book *book, struct entry *entry)
{
	HASH_DEL(book->entries, entry);
	vs_free(entry->owner);
	vs_free(entry->key);
	vs_free(entry->text);
	vs_free(entry);
}

void vs_state_book_destroy(struct vs_state_book *book)
{
	struct entry *entry;
	struct entry *next;

	if (book == NULL)
		return;
	HASH_ITER (hh, book->entries, entry, next)
		entry_free(book, entry);
	vs_timer_destroy(book->timer);
	vs_free(book);
}

static void make_name(struct vs_buf *name, const char *owner, const char *key)
{
	vs_buf_init(name);
	vs_buf_add(name, owner, strlen(owner) + 1);
	vs_buf_add_text(name, key);
}

static struct entry *find(struct vs_state_book *book, const char *owner, const char *key)
{
	struct entry *entry;
	struct vs_buf name;

	make_name(&name, owner, key);
	HASH_FIND(hh, book->entries, name.ptr, name.len, entry);
	vs_buf_fini(&name);
	return entry;
}

static struct entry *add(struct vs_state_book *book, const char *owner, const char *key)
{
	struct entry *entry;
	struct vs_buf name;

	make_name(&name, owner, key);
	entry = vs_zalloc(sizeof(*entry) + name.len);
	entry->owner = vs_strdup(owner);
	entry->key = vs_strdup(key);
	entry->name_len = name.len;
	memcpy(entry->name, name.ptr, name.len);
	vs_buf_fini(&name);
	HASH_ADD_KEYPTR(hh, book->entries, entry->name, entry->name_len, entry);
	return entry;
}

static const char *get(void *arg, const char *owner, const char *key)
{
	const struct entry *entry = find(arg, owner, key);

	return entry != NULL ? entry->text : NULL;
}

static int put(void *arg, const char *owner, const char *key, const char *text)
{
	struct vs_state_book *book = arg;
	struct entry *entry = find(book, owner, key);
	char *old;

	if (entry == NULL && text == NULL)
		return 0;
	if (entry == NULL)
		entry = add(book, owner, key);
	else if (entry->text != NULL && text != NULL && strcmp(entry->text, text) == 0)
		return 0;
	old = entry->text; /* text may be this very one */
	entry->text = vs_strdup_or_null(text);
	vs_free(old);
	book->dirty += !entry->dirty;
	entry->dirty = true;
	if (!vs_timer_is_set(book->timer))
		vs_timer_start(book->timer, WRITE_DELAY_MS);
	return 0;
}

/* Adds what is unwritten; nothing is, afterwards. */
static void add_dirty(struct vs_state_book *book, struct vs_unit *unit)
{
	struct entry *entry;
	struct entry *next;

	vs_timer_stop(book->timer);
	HASH_ITER (hh, book->entries, entry, next) {
		if (!entry->dirty)
			continue;
		entry->dirty = false;
		if (entry->text != NULL) {
			vs_unit_put(unit, VS_TABLE_STATE, entry->owner, entry->key, vs_view_of(entry->text));
		} else {
			vs_unit_delete(unit, VS_TABLE_STATE, entry->owner, entry->key);
			entry_free(book, entry);
		}
	}
	book->dirty = 0;
}

void vs_state_book_flush(struct vs_state_book *book)
{
	struct vs_unit *unit;

	if (book->dirty == 0) {
		vs_timer_stop(book->timer);
		return;
	}
	unit = vs_unit_create();
	add_dirty(book, unit);
	vs_ledger_commit(book->ledger, unit, NULL, NULL);
}

void vs_state_book_store(struct vs_state_book *book, const char *owner, const char *key,
	void (*done)(void *arg, bool durable), void *arg)
{
	const struct entry *entry = find(book, owner, key);
	struct vs_unit *unit = vs_unit_create();

	/* Once more, should it be on its way already: what became of that is not known here. */
	if (entry != NULL && entry->text != NULL && !entry->dirty)
		vs_unit_put(unit, VS_TABLE_STATE, owner, key, vs_view_of(entry->text));
	add_dirty(book, unit);
	vs_ledger_commit(book->ledger, unit, done, arg);
}

void vs_state_book_rewrite(const struct vs_state_book *book, struct vs_unit *unit)
{
	const struct entry *entry;

	for (entry = book->entries; entry != NULL; entry = entry->hh.next) {
		if (entry->text != NULL)
			vs_unit_put(unit, VS_TABLE_STATE, entry->owner, entry->key, vs_view_of(entry->text));
	}
}

/* --- loading --------------------------------------------------------------------------- */

static bool on_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct vs_state_book *book = arg;
	struct vs_view owner;
	struct entry *entry;
	char *texts[2];

	/* Written by put() above: two texts. Anything else is no state of ours. */
	if (!vs_view_split(&key, '\0', &owner) || key.ptr == NULL)
		return true;
	texts[0] = vs_strndup(owner.ptr, owner.len);
	texts[1] = vs_strndup(key.ptr, key.len);
	entry = find(book, texts[0], texts[1]);
	if (entry == NULL) {
		entry = add(book, texts[0], texts[1]);
		entry->text = vs_strndup(value.ptr, value.len);
	}
	vs_free(texts[0]);
	vs_free(texts[1]);
	return true;
}

static void on_read(void *arg, bool ok, const char *reason)
{
	struct vs_state_book *book = arg;

	book->loaded(book->loaded_arg, ok, reason);
}

int vs_state_book_load(
	struct vs_state_book *book, void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	book->loaded = done;
	book->loaded_arg = arg;
	return vs_ledger_read(book->ledger, VS_TABLE_STATE, NULL, 0, false, on_record, on_read, book);
}

struct vs_state_backend vs_state_book_backend(struct vs_state_book *book)
{
	return (struct vs_state_backend){get, put, book};
}
