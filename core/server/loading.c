#include "server/loading.h"

#include "base/alloc.h"
#include "server/ledger.h"
#include "server/unread.h"

struct loading {
	struct vs_ledger *ledger;
	const struct vs_loading_table *table; /* the one that is being read */
	const struct vs_loading_table *end;
	void *arg;
	struct vs_unread *unread;
	void (*done)(void *arg, bool ok, const char *reason);
	void *done_arg;
};

static bool each(void *arg, struct vs_view key, struct vs_view value)
{
	struct loading *loading = arg;
	const struct vs_loading_table *table = loading->table;
	struct vs_err err;

	if (table->take(loading->arg, key, value, &err) < 0)
		vs_unread_note(loading->unread, table->table, table->what, key, value, err.text);
	return true;
}

static void destroy(struct loading *loading)
{
	vs_unread_destroy(loading->unread);
	vs_free(loading);
}

static void on_table(void *arg, bool ok, const char *reason);

static int read_table(struct loading *loading)
{
	return vs_ledger_read(
		loading->ledger, loading->table->table, NULL, 0, false, each, on_table, loading);
}

static void on_table(void *arg, bool ok, const char *reason)
{
	struct loading *loading = arg;

	vs_unread_flush(loading->unread);
	if (ok && ++loading->table < loading->end) {
		if (read_table(loading) == 0)
			return;
		ok = false;
		reason = "the store's queue is full";
	}
	loading->done(loading->done_arg, ok, reason);
	destroy(loading);
}

int vs_loading_start(struct vs_ledger *ledger, const struct vs_loading_table *tables, size_t count, void *arg,
	void (*done)(void *arg, bool ok, const char *reason), void *done_arg)
{
	struct loading *loading = vs_zalloc(sizeof(*loading));
	int rc;

	*loading = (struct loading){
		ledger, tables, tables + count, arg, vs_unread_create(ledger), done, done_arg};
	rc = read_table(loading);
	if (rc < 0)
		destroy(loading);
	return rc;
}
