/* What each host service keeps for one instance, and the tables plugins get. For this folder. */
#ifndef VS_PLUG_SERVICE_H
#define VS_PLUG_SERVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "plug/slot.h"
#include "vpn_sentinel/plugin.h"

struct vs_http_reply;
struct vs_http_ties;
struct vs_instance;
struct vs_mailbox;
struct vs_state_entry;
struct vs_timer;

#define VS_TIMERS_MAX 64
#define VS_REQUESTS_MAX 16
#define VS_JOBS_MAX 2
#define VS_POSTS_MAX 1024
#define VS_STATE_MAX 64
#define VS_METRICS_MAX 32
#define VS_RUNS_MAX 2

struct vs_service_timer;
struct vs_service_request;

struct vs_metric {
	char name[VPNS_NAME_SIZE];
	bool is_counter;
	double value;
};

struct vs_services {
	struct vs_service_timer *timers[VS_TIMERS_MAX]; /* NULL: free */
	struct vs_service_request *requests[VS_REQUESTS_MAX];
	struct vs_slots questions; /* of dns/1 */
	struct vs_slots exchanges; /* of socket/1 */
	struct vs_slots watches; /* of poll/1 */
	struct vs_slots runs; /* of spawn/1 */
	struct vs_slots canaries; /* of canary/1 */
	struct vs_slots commands; /* of command/1 */
	bool claims; /* what people say somewhere */
	struct vs_http_ties *ties; /* connections of http/1 that may be used again; NULL: none */
	uint64_t serial; /* of handles; never used twice */
	uint32_t jobs; /* run or wait */
	struct vs_mailbox *mailbox;
	struct vs_state_entry *state;
	pthread_mutex_t metric_lock;
	struct vs_metric metrics[VS_METRICS_MAX];
	uint32_t metric_count;
};

extern const struct vpns_timer_service vs_service_timer_1;
extern const struct vpns_http_service vs_service_http_1;
extern const struct vpns_work_service vs_service_work_1;
extern const struct vpns_post_service vs_service_post_1;
extern const struct vpns_state_service vs_service_state_1;
extern const struct vpns_metric_service vs_service_metric_1;
extern const struct vpns_render_service vs_service_render_1;
extern const struct vpns_dns_service vs_service_dns_1;
extern const struct vpns_socket_service vs_service_socket_1;
extern const struct vpns_poll_service vs_service_poll_1;
extern const struct vpns_spawn_service vs_service_spawn_1;
extern const struct vpns_round_service vs_service_round_1;
extern const struct vpns_nonce_service vs_service_nonce_1;
extern const struct vpns_canary_service vs_service_canary_1;
extern const struct vpns_command_service vs_service_command_1;

void vs_services_init(struct vs_instance *instance);
/* The table of id, or NULL: unknown, not for this kind, or its provider is missing in env. */
const void *vs_services_find(struct vs_instance *instance, const char *id);
/* Closes everything but running jobs, so that nothing calls the plugin any more. Returns how many things were
 * left. */
uint32_t vs_services_close(struct vs_instance *instance);
void vs_services_fini(struct vs_instance *instance); /* after close, when no job is left */

/* Each closes its part and returns how many were left. */
uint32_t vs_service_timer_close(struct vs_instance *instance);
uint32_t vs_service_http_close(struct vs_instance *instance);
uint32_t vs_service_dns_close(struct vs_instance *instance);
uint32_t vs_service_socket_close(struct vs_instance *instance);
uint32_t vs_service_poll_close(struct vs_instance *instance);
uint32_t vs_service_spawn_close(struct vs_instance *instance);
uint32_t vs_service_canary_close(struct vs_instance *instance);
uint32_t vs_service_command_close(struct vs_instance *instance);
void vs_service_post_open(struct vs_instance *instance);
void vs_service_post_close(struct vs_instance *instance);
void vs_service_state_fini(struct vs_instance *instance);

#endif
