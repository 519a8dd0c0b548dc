/*
 * The crew: all plugin instances of the server but the store. [loop]
 */
#ifndef VS_SERVER_CREW_H
#define VS_SERVER_CREW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plug/instance.h"

struct vs_crew;
struct vs_instance;
struct vs_instance_conf;
struct vs_plug_env;
struct vs_plugin;
struct vs_server_conf;

struct vs_member {
	struct vs_instance
		*instance; /* NULL: it is being made, or could not be made again; see crew_change.h */
	const struct vs_instance_conf *conf; /* borrowed from the configuration */
};

/* How many of how many. */
#define VS_CREW_UNUSABLE                                                                                     \
	"%zu of %zu access checks, notifiers, probes and sources cannot be used; correct or remove them "    \
	"and "                                                                                               \
	"check with `vpn-sentinel check`"

/*
 * Makes every enabled access check, notifier, probe and source of places of conf, which is borrowed as is
 * env. When some cannot be made, all mistakes are logged with their places and NULL is returned with err; the
 * loop is run meanwhile, to end those that were made.
 */
struct vs_crew *vs_crew_create(
	const struct vs_plug_env *env, const struct vs_server_conf *conf, struct vs_err *err);

/* Probes that are asked where addresses are; counts as one more kind behind VPNS_KIND_*. */
#define VS_CREW_SOURCES 5

/* Of one kind (VPNS_KIND_*, VS_CREW_SOURCES), in the order of the configuration. */
size_t vs_crew_count(const struct vs_crew *crew, uint32_t kind);
struct vs_member *vs_crew_member(const struct vs_crew *crew, uint32_t kind, size_t index);

/*
 * ended(arg, instance, how) comes when an instance that a change let go of has ended, and instance may only
 * be compared any more; not when all end. NULL: nobody wants to know.
 */
void vs_crew_watch(struct vs_crew *crew,
	void (*ended)(void *arg, const struct vs_instance *instance, enum vs_drained how), void *arg);

/* Ends all instances; done(arg) comes once, never from inside this call. Nobody may use them any more. */
void vs_crew_drain(struct vs_crew *crew, uint32_t timeout_ms, void (*done)(void *arg), void *arg);
void vs_crew_destroy(struct vs_crew *crew); /* after it was drained; NULL is fine */

/* The plugin that instance names, one reference. NULL with err. */
struct vs_plugin *vs_crew_load(
	const struct vs_server_conf *conf, const struct vs_instance_conf *instance, struct vs_err *err);

#endif
