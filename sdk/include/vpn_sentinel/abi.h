/*
 * The border between VPN Sentinel and its plugins: versions, kinds, common shapes.
 *
 * Rules for everything that crosses it: fixed-width integers and double only; no enum,
 * bool, long, bit-field or varargs; structs that carry a size begin with it; members are
 * only ever appended. A member that a struct is too short to hold reads as zero and zero
 * means "as before". Whoever allocates frees; arguments are borrowed for the call.
 *
 * Threads: every function says where it runs. [loop] the host's loop thread, [worker] a
 * thread of work/1, [store] the thread of a store instance, [any] all of them.
 */
#ifndef VPN_SENTINEL_ABI_H
#define VPN_SENTINEL_ABI_H

#include <stddef.h>
#include <stdint.h>

#define VPNS_MAGIC UINT32_C(0x534e5056) /* the bytes "VPNS" on a little-endian machine */
#define VPNS_ABI_MAJOR 1
#define VPNS_ABI_MINOR 1 /* the newest minor these headers describe */

/* The lowest minor the plugin cannot do without; what is newer it asks for with VPNS_HAS. Define before including. */
#ifndef VPNS_TARGET_MINOR
#define VPNS_TARGET_MINOR 0
#endif
#if VPNS_TARGET_MINOR > VPNS_ABI_MINOR
#error "VPNS_TARGET_MINOR is newer than these headers"
#endif

#define VPNS_KIND_PROBE UINT32_C(1)
#define VPNS_KIND_NOTIFIER UINT32_C(2)
#define VPNS_KIND_AUTH UINT32_C(3)
#define VPNS_KIND_STORE UINT32_C(4)

#define VPNS_ROLE_CLIENT UINT32_C(1)
#define VPNS_ROLE_SERVER UINT32_C(2)
#define VPNS_ROLE_TOOL UINT32_C(3) /* a command such as `check` */

/* What a plugin does beyond computing. Declared so that people and sandboxes can see it. */
#define VPNS_GRANT_NET (UINT32_C(1) << 0)
#define VPNS_GRANT_FS_STATE (UINT32_C(1) << 1) /* files under the state directory */
#define VPNS_GRANT_EXEC (UINT32_C(1) << 2)
#define VPNS_GRANT_NETLINK (UINT32_C(1) << 3)
#define VPNS_GRANT_RAW (UINT32_C(1) << 4)

#define VPNS_PLUGIN_EXCLUSIVE (UINT32_C(1) << 0) /* two live instances of one configuration would collide */
#define VPNS_PLUGIN_BLOCKING (UINT32_C(1) << 1)  /* its verbs may block: they need a thread or a process */

/* Statuses of functions: 0 and above is success. A verb that returns less than 0 will not finish. */
#define VPNS_OK INT32_C(0)
#define VPNS_E_INVALID INT32_C(-1)
#define VPNS_E_UNAVAILABLE INT32_C(-2)
#define VPNS_E_BUSY INT32_C(-3)
#define VPNS_E_NO_MEMORY INT32_C(-4)
#define VPNS_E_UNSUPPORTED INT32_C(-5)

/* One asynchronous operation: a generation number that is never used twice. 0 is none. */
typedef uint64_t vpns_op;

/* True when *table, received from the other side, is long enough to hold member. */
#define VPNS_HAS(table, member) \
	((table)->size >= offsetof(VPNS_TYPEOF_(table), member) + sizeof((table)->member))
#ifdef __cplusplus
#include <type_traits>
#define VPNS_TYPEOF_(pointer) typename std::remove_reference<decltype(*(pointer))>::type
#else
#define VPNS_TYPEOF_(pointer) __typeof__(*(pointer))
#endif

/* A sentence for a human, written by the plugin into the host's storage. */
struct vpns_error {
	uint32_t size;
	char text[508]; /* NUL-terminated UTF-8 */
};

/* The head of everything that goes to host->finish(). kind is the plugin's kind. */
struct vpns_result {
	uint32_t size; /* of the whole result */
	uint32_t kind;
};

#endif
