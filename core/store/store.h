/*
 * A store: a thread of its own that runs a stores plugin, and a bounded queue before it.
 * Every function and every callback runs on the loop; callbacks never come from inside the
 * call that started them, and in the order of those calls, but for backups. Keep the loop running until
 * vs_store_close has said done.
 */
#ifndef VS_STORE_STORE_H
#define VS_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct vs_batch;
struct vs_instance_conf;
struct vs_plug_env;
struct vs_plugin;
struct vs_problems;
struct vs_store;

/* The numbers of the plugin ABI. */
enum vs_store_status {
	VS_STORE_DONE = 1,
	VS_STORE_RETRY = 2, /* busy, disk full, read-only: may heal by itself */
	VS_STORE_CORRUPT = 3, /* what is stored cannot be trusted */
	VS_STORE_FAILED = 4,
};

/* reason is a sentence, "" when DONE but of a reopening; borrowed for the call. */
typedef void vs_store_done(void *arg, enum vs_store_status status, const char *reason);

struct vs_store_limits { /* of what waits; 0: the default */
	size_t jobs; /* 4096 */
	size_t bytes; /* 16 MiB of batches */
};

/*
 * A store that is not open yet: its options were checked, the plugin was not called. NULL with err
 * (and problems in the options). limits may be NULL; env must outlive the store.
 */
struct vs_store *vs_store_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, const struct vs_store_limits *limits,
	struct vs_problems *problems, struct vs_err *err);

/*
 * Starts the thread, which opens it, however long that takes. opened(arg, NULL) comes when jobs
 * may come; otherwise failure says why not (borrowed), and store was freed. After vs_store_close()
 * it comes no more.
 */
void vs_store_begin(
	struct vs_store *store, void (*opened)(void *arg, const struct vs_err *failure), void *arg);

/* Both in one, for commands: blocks until the store is open. */
struct vs_store *vs_store_open(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, const struct vs_store_limits *limits,
	struct vs_problems *problems, struct vs_err *err);

const char *vs_store_name(const struct vs_store *store);

/* True from half of a limit on: time to collapse writes or slow down. */
bool vs_store_busy(struct vs_store *store);

/*
 * Queues batch and owns it from then on; done may be NULL. VS_ERR_BUSY when the queue is
 * full (an empty queue takes any batch), VS_ERR_REFUSED when the store is closing: then batch is
 * still the caller's.
 */
int vs_store_commit(struct vs_store *store, struct vs_batch *batch, vs_store_done *done, void *arg);

/* Records of table with from <= key < to; an empty view is no bound. Copied. */
struct vs_store_range {
	uint32_t table;
	struct vs_view from;
	struct vs_view to;
	uint64_t limit; /* 0: all */
	bool reverse; /* the last first */
};

/*
 * each(arg, key, value) for every record, then done. Records come in chunks; the thread
 * waits while the loop is four chunks behind. each returns false to have no more.
 */
int vs_store_scan(struct vs_store *store, const struct vs_store_range *range,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value), vs_store_done *done, void *arg);

/*
 * A consistent copy of the whole store in a new file at path, made in parts: what is queued meanwhile does
 * not wait for its end, only for that of a part. RETRY when the store is closed or reopened first.
 */
int vs_store_backup(struct vs_store *store, const char *path, vs_store_done *done, void *arg);

/*
 * Closes the plugin's instance, behind all that is queued, and makes it anew with the same options: what a
 * store needs that said CORRUPT. DONE with the plugin's sentence when it had to give up what was stored,
 * with "" when it is all there. Any other status: it is closed, and refuses with RETRY until this is called
 * again with success.
 */
int vs_store_reopen(struct vs_store *store, vs_store_done *done, void *arg);

/*
 * At any time after vs_store_create(). Refuses new jobs, does what is queued, closes the plugin, ends the
 * thread, frees store and calls done(arg), which may be NULL.
 */
void vs_store_close(struct vs_store *store, void (*done)(void *arg), void *arg);

/* metric/1 of the plugin: as vs_instance_metrics. */
void vs_store_metrics(const struct vs_store *store,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg);

#endif
