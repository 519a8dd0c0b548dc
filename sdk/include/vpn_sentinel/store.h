/*
 * Stores: durable, ordered tables of records. DRAFT: store/0 may change in any release;
 * define VPNS_DRAFT before including vpn_sentinel/plugin.h to use it.
 *
 * A record is a key and a value, both bytes; keys of a table are ordered by memcmp. The
 * meaning of tables and values is the host's. All functions run on the instance's own
 * thread and may block; only one runs at a time, and calls finish() before it returns 0.
 */
#ifndef VPN_SENTINEL_STORE_H
#define VPN_SENTINEL_STORE_H

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/host.h"

struct vpns_bytes {
	const void *ptr;
	uint64_t len;
};

#define VPNS_WRITE_PUT UINT32_C(1)
#define VPNS_WRITE_DELETE UINT32_C(2)

struct vpns_store_write {
	uint32_t verb;  /* VPNS_WRITE_* */
	uint32_t table; /* small number chosen by the host, below 64 */
	struct vpns_bytes key;
	struct vpns_bytes value; /* of PUT */
};

/* All writes of a batch happen, in order, or none. */
struct vpns_store_batch {
	uint32_t size;
	uint32_t count;
	const struct vpns_store_write *writes;
};

/* Records of one table with from <= key < to, in order of keys. */
struct vpns_store_scan {
	uint32_t size;
	uint32_t table;
	struct vpns_bytes from; /* empty: from the first */
	struct vpns_bytes to;   /* empty: to the last */
	uint64_t limit;         /* 0: all */
	uint32_t reverse;       /* 1: the last first */
	uint32_t reserved;
	/* Called once a record; returns 0 to go on. Bytes are borrowed for the call. */
	int32_t (*each)(void *arg, struct vpns_bytes key, struct vpns_bytes value);
	void *arg;
};

#define VPNS_STORE_DONE UINT32_C(1)
#define VPNS_STORE_RETRY UINT32_C(2)   /* busy, disk full, read-only: may heal by itself */
#define VPNS_STORE_CORRUPT UINT32_C(3) /* what is stored cannot be trusted */
#define VPNS_STORE_FAILED UINT32_C(4)
#define VPNS_STORE_MORE UINT32_C(5)    /* of a backup: a part is copied, see below */

struct vpns_store_result {
	struct vpns_result head; /* kind VPNS_KIND_STORE */
	uint32_t status;         /* VPNS_STORE_* */
	uint32_t reserved;
	const char *reason; /* other than DONE and MORE: a sentence */
};

/*
 * After CORRUPT the host destroys the instance and creates another with the same config, which keeps the bytes
 * that cannot be trusted somewhere else, and begins anew. create() then says so in error->text, although
 * it returns a state; when error->text is empty, all that was stored is there.
 *
 * A backup that takes longer than a moment ends with MORE: the host does what waits meanwhile, and then calls
 * backup() again with the same path. It may also destroy the instance instead, which then leaves nothing of the
 * copy behind. The copy is of one moment all the same.
 */
struct vpns_store_ops {
	uint32_t size;
	uint32_t reserved;
	void *(*create)(const struct vpns_host *host, const void *config, struct vpns_error *error); /* [store] opens */
	int32_t (*commit)(void *state, vpns_op op, const struct vpns_store_batch *batch);            /* [store] */
	int32_t (*scan)(void *state, vpns_op op, const struct vpns_store_scan *scan);                /* [store] */
	int32_t (*backup)(void *state, vpns_op op, const char *path); /* [store] optional: a consistent copy */
	void (*destroy)(void *state);                                 /* [store] closes */
};

#endif
