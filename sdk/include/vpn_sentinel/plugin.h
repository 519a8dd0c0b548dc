/*
 * The one header a plugin includes. A plugin is a shared object that exports a single
 * constant, made by one of the four macros below, in a file named after it:
 *
 *	VPNS_PROBE_PLUGIN("weather", "1.0.0", "what the sky says", 0, VPNS_GRANT_NET,
 *		VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
 */
#ifndef VPN_SENTINEL_PLUGIN_H
#define VPN_SENTINEL_PLUGIN_H

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/auth.h"
#include "vpn_sentinel/fact.h"
#include "vpn_sentinel/host.h"
#include "vpn_sentinel/note.h"
#include "vpn_sentinel/notifier.h"
#include "vpn_sentinel/option.h"
#include "vpn_sentinel/probe.h"
#include "vpn_sentinel/service/canary.h"
#include "vpn_sentinel/service/command.h"
#include "vpn_sentinel/service/dns.h"
#include "vpn_sentinel/service/http.h"
#include "vpn_sentinel/service/metric.h"
#include "vpn_sentinel/service/nonce.h"
#include "vpn_sentinel/service/poll.h"
#include "vpn_sentinel/service/post.h"
#include "vpn_sentinel/service/render.h"
#include "vpn_sentinel/service/round.h"
#include "vpn_sentinel/service/socket.h"
#include "vpn_sentinel/service/spawn.h"
#include "vpn_sentinel/service/state.h"
#include "vpn_sentinel/service/timer.h"
#include "vpn_sentinel/service/work.h"
#ifdef VPNS_DRAFT
#include "vpn_sentinel/store.h"
#endif

struct vpns_store_ops;

/* What the file is and can do. Constant, and the same for every instance. */
struct vpns_plugin {
	/* The guards: they never move, whatever the major. */
	uint32_t magic;
	uint16_t abi_major;
	uint16_t abi_minor; /* the lowest minor this plugin needs */
	uint32_t size;      /* of this struct as the plugin knows it */
	uint32_t kind;      /* VPNS_KIND_* */

	uint32_t flags;  /* VPNS_PLUGIN_* */
	uint32_t grants; /* VPNS_GRANT_* */
	const char *name;    /* [a-z][a-z0-9_]{0,31}, equal to the file's */
	const char *version; /* the plugin's own */
	const char *summary; /* one line, no full stop */

	const struct vpns_option *options;
	uint32_t option_count;
	uint32_t option_stride; /* sizeof(struct vpns_option) as the plugin knows it */
	uint32_t config_size;
	uint32_t need_count;
	const char *const *needs; /* service ids without which create() would fail */
	const struct vpns_fact_decl *facts;
	uint32_t fact_count;
	uint32_t fact_stride;

	/* Exactly one is set, the one of kind. */
	const struct vpns_probe_ops *probe;
	const struct vpns_notifier_ops *notifier;
	const struct vpns_auth_ops *auth;
	const struct vpns_store_ops *store;
};

#define VPNS_COUNT_(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* The groups that the plugin macros take: option rows, needed services, declared facts. */
#define VPNS_OPTIONS(config, rows)                                                               \
	(rows), VPNS_COUNT_(rows), (uint32_t)sizeof(struct vpns_option), (uint32_t)sizeof(config)
#define VPNS_NO_OPTIONS NULL, 0, (uint32_t)sizeof(struct vpns_option), 0
#define VPNS_NEEDS(ids) VPNS_COUNT_(ids), (ids)
#define VPNS_NO_NEEDS 0, NULL
#define VPNS_FACTS(rows) (rows), VPNS_COUNT_(rows), (uint32_t)sizeof(struct vpns_fact_decl)
#define VPNS_NO_FACTS NULL, 0, (uint32_t)sizeof(struct vpns_fact_decl)

#ifdef __cplusplus
extern "C" {
#endif
/* The one symbol a plugin exports. */
extern __attribute__((visibility("default"))) const struct vpns_plugin vpns_plugin;
#ifdef __cplusplus
}
#endif

/*
 * One of these stands once in a plugin, at file scope, followed by a semicolon. name and
 * version are string literals; ops is the address of the table of the kind.
 */
#define VPNS_PROBE_PLUGIN(name, version, summary, flags, grants, options, needs, facts, ops)     \
	VPNS_PLUGIN_(VPNS_KIND_PROBE, name, version, summary, flags, grants,                     \
		VPNS_GROUP_(options, needs, facts), (ops), NULL, NULL, NULL)
#define VPNS_NOTIFIER_PLUGIN(name, version, summary, flags, grants, options, needs, ops)         \
	VPNS_PLUGIN_(VPNS_KIND_NOTIFIER, name, version, summary, flags, grants,                  \
		VPNS_GROUP_(options, needs, VPNS_NO_FACTS), NULL, (ops), NULL, NULL)
#define VPNS_AUTH_PLUGIN(name, version, summary, flags, grants, options, needs, ops)             \
	VPNS_PLUGIN_(VPNS_KIND_AUTH, name, version, summary, flags, grants,                      \
		VPNS_GROUP_(options, needs, VPNS_NO_FACTS), NULL, NULL, (ops), NULL)
#define VPNS_STORE_PLUGIN(name, version, summary, flags, grants, options, needs, ops)            \
	VPNS_PLUGIN_(VPNS_KIND_STORE, name, version, summary, flags, grants,                     \
		VPNS_GROUP_(options, needs, VPNS_NO_FACTS), NULL, NULL, NULL, (ops))

#define VPNS_GROUP_(...) __VA_ARGS__
#define VPNS_PLUGIN_(kind, name, version, summary, flags, grants, ...)                           \
	VPNS_NOTE_(kind, name, version);                                                         \
	const struct vpns_plugin vpns_plugin = { VPNS_MAGIC, VPNS_ABI_MAJOR, VPNS_TARGET_MINOR,  \
		(uint32_t)sizeof(struct vpns_plugin), kind, flags, grants, name, version,        \
		summary, __VA_ARGS__ }

#endif
