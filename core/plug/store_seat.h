/*
 * A store instance from below: its options are filled on the loop, its verbs are called on
 * the one thread that owns it. core/store puts a queue before it.
 */
#ifndef VS_PLUG_STORE_SEAT_H
#define VS_PLUG_STORE_SEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct vpns_store_batch;
struct vpns_store_scan;
struct vs_instance_conf;
struct vs_plug_env;
struct vs_plugin;
struct vs_problems;
struct vs_store_seat;

struct vs_store_outcome {
	uint32_t status; /* VPNS_STORE_*; MORE of a backup alone */
	char reason[512]; /* "" when DONE, but of a reopening */
};

/* [loop] As vs_instance_create, but the plugin is not called yet. */
struct vs_store_seat *vs_store_seat_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err);
void vs_store_seat_destroy(struct vs_store_seat *seat); /* [loop] after close; NULL is fine */
const char *vs_store_seat_name(const struct vs_store_seat *seat);

/*
 * [store] All of these on one thread, open first and close last. A seat that is not open needs no close,
 * and answers everything else with RETRY.
 */
int vs_store_seat_open(struct vs_store_seat *seat, struct vs_err *err);
/* Closes, and opens again. DONE with the sentence of what had to be given up, "" for nothing; else RETRY, and
 * it is closed. */
void vs_store_seat_reopen(struct vs_store_seat *seat, struct vs_store_outcome *outcome);
void vs_store_seat_commit(
	struct vs_store_seat *seat, const struct vpns_store_batch *batch, struct vs_store_outcome *outcome);
void vs_store_seat_scan(
	struct vs_store_seat *seat, const struct vpns_store_scan *scan, struct vs_store_outcome *outcome);
void vs_store_seat_backup(struct vs_store_seat *seat, const char *path, struct vs_store_outcome *outcome);
void vs_store_seat_close(struct vs_store_seat *seat);

/* [loop] As vs_instance_metrics. */
void vs_store_seat_metrics(const struct vs_store_seat *seat,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg);

#endif
