/* Inside the testkit: the fake host's state and what its files offer one another. */
#ifndef VPNT_KIT_H
#define VPNT_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "vpn_sentinel_testkit/testkit.h"

enum event_kind {
	EVENT_TIMER,
	EVENT_REPLY,
	EVENT_JOB,
	EVENT_POST,
	EVENT_DEADLINE,
	EVENT_DNS,
	EVENT_EXCHANGE,
	EVENT_CANARY,
	EVENT_RUN,
	EVENT_COMMAND
};

/* Something that happens later. run() owns nothing: the queue frees event and payload after it. */
struct event {
	struct event *next;
	uint64_t due; /* mono */
	uint64_t id;
	enum event_kind kind;
	void (*run)(struct vpnt *kit, struct event *event);
	void (*call)(void *arg);
	void (*call_first)(void *arg); /* of a job: what runs on the worker */
	void *arg;
	void *payload;
	void (*payload_free)(void *payload);
};

struct text {
	struct text *next;
	char bytes[];
};

struct state_row {
	struct state_row *next;
	char *key;
	char *text;
};

struct metric_row {
	char name[64];
	double value;
};

struct op {
	vpns_op id;
	int finished;
	uint64_t deadline; /* the event */
	union {
		struct vpns_probe_result probe;
		struct vpns_delivery_result delivery;
		struct vpns_auth_result auth;
		struct vpns_store_result store;
	} result;
};

struct expectation {
	struct expectation *next;
	struct vpnt_http http;
	void (*done)(void *arg, const struct vpns_http_reply *reply);
	int32_t error; /* after looking at the request's timeout */
};

struct config {
	void *bytes; /* the plugin's struct; NULL when it has none */
	struct text *texts; /* what it points to */
	void **arrays; /* items of its lists */
	uint32_t array_count;
};

struct dns_rule {
	struct dns_rule *next;
	struct vpnt_dns dns;
};

struct pending_dns {
	struct dns_rule *rule; /* owned */
	void (*done)(void *arg, const struct vpns_dns_reply *reply);
	char *name;
	char *server;
	uint64_t delay_ms;
	int timed_out;
};

struct asked {
	char *name;
	char *server;
};

struct expected_canary {
	struct expected_canary *next;
	struct vpnt_canary canary;
	int timed_out;
	void (*done)(void *arg, const struct vpns_canary_reply *reply);
};

struct expected_exchange {
	struct expected_exchange *next;
	struct vpnt_exchange exchange;
	char *reply;
	void (*done)(void *arg, const struct vpns_socket_reply *reply);
	int timed_out;
	int is_tcp;
};

struct expected_run {
	struct expected_run *next;
	struct vpnt_run run;
	void (*done)(void *arg, const struct vpns_spawn_reply *reply);
	int timed_out;
};

struct kit_watch {
	uint64_t id; /* 0: free */
	int32_t fd;
	uint32_t events;
	void (*ready)(void *arg, uint32_t events);
	void *arg;
};

enum { ASKED_KEPT = 64, WATCHES = 16 };

struct vpnt {
	struct vpns_host host; /* first: services find the kit by it */
	const struct vpns_plugin *plugin;
	void *instance;
	struct config *config;
	uint64_t mono;
	int64_t wall;
	uint64_t next_event;
	struct event *events;
	struct op **ops;
	uint32_t op_count;
	uint32_t running;
	struct expectation *expected;
	uint32_t refuse_requests;
	char *sent_url;
	char *sent_body;
	uint32_t sent_family;
	uint32_t sent_timeout;
	uint32_t sent_flags;
	char *sent_device;
	uint32_t sent_count;
	struct state_row *state;
	struct metric_row metrics[32];
	uint32_t metric_count;
	char *log;
	size_t log_len;
	struct text *texts; /* results, until the kit goes */
	struct text *secrets; /* values of SECRET options */
	struct dns_rule *rules;
	struct asked asked[ASKED_KEPT]; /* the newest questions, round and round */
	uint32_t asked_count;
	char *nameservers; /* NULL: the usual one */
	struct expected_exchange *exchanges;
	uint32_t exchange_count;
	struct expected_canary *canaries;
	int has_canary;
	int has_commands;
	struct vpnt_commands commands;
	char *said; /* the newest command */
	char *deafness; /* NULL: it hears */
	uint32_t said_count;
	struct expected_run *runs;
	uint32_t run_count;
	struct kit_watch watches[WATCHES];
	uint32_t hurry_count;
	const char *hurry_reason;
	uint32_t nonce_count;
	char nonces[1100];
	char nonces_told[1100];
};

/* event.c */
struct event *event_add(struct vpnt *kit, enum event_kind kind, uint64_t delay_ms,
	void (*run)(struct vpnt *kit, struct event *event), void *arg);
void event_remove(struct vpnt *kit, enum event_kind kind, uint64_t id); /* unknown: fine */
uint32_t event_count(const struct vpnt *kit, enum event_kind kind);
void event_free_all(struct vpnt *kit);

/* text.c */
void *kit_alloc(size_t size); /* zeroed; fails the test instead of returning NULL */
char *kit_copy(const char *text);
const char *texts_add(struct text **list, const char *bytes, size_t len);
void texts_free(struct text **list);
void secret_add(struct vpnt *kit, const char *text);
void secret_add_file(
	struct vpnt *kit, const char *path); /* each of its lines, but comments; none if it is not there */
void secret_check(const struct vpnt *kit, const char *text, const char *where); /* NULL text: fine */

/* options.c */
struct config *config_read(struct vpnt *kit, const char *const *options);
void config_free(struct config *config);

/* value.c: reading one option value; 0, or -1 */
int value_int(int64_t *out, const char *text);
int value_real(double *out, const char *text);
int value_scaled(int64_t *out, const char *text, int64_t bare_unit, int is_size);
int value_bool(uint8_t *out, const char *text);
int value_choice(uint32_t *out, const char *text, const char *choices);
int value_is_url(const char *text);

/* fact.c: fails the test when the fact is undeclared or does not have its type */
void fact_check(const struct vpns_plugin *plugin, const struct vpns_fact *fact);
int text_is_utf8(const char *text);

/* alert.c: a copy for the time of one call, so that a sanitizer sees a plugin that keeps it */
struct vpns_alert *alert_lend(const struct vpns_alert *alert);
void alert_end(struct vpns_alert *alert);

/* The services. */
const void *service_find(const struct vpns_host *host, const char *id);
extern const struct vpns_http_service kit_http;
extern const struct vpns_render_service kit_render;
extern const struct vpns_dns_service kit_dns;
extern const struct vpns_socket_service kit_socket;
extern const struct vpns_canary_service kit_canary;
extern const struct vpns_command_service kit_command;
extern const struct vpns_poll_service kit_poll;
extern const struct vpns_spawn_service kit_spawn;
extern const struct vpns_round_service kit_round;
extern const struct vpns_nonce_service kit_nonce;
void http_free(struct vpnt *kit);
void dns_check_done(const struct vpnt *kit); /* fails the test when something expected never came */
void dns_free(struct vpnt *kit);
void exchanges_free(struct vpnt *kit);
void canaries_free(struct vpnt *kit);
void runs_free(struct vpnt *kit);
uint32_t watch_count(const struct vpnt *kit);
void op_finish(const struct vpns_host *host, vpns_op op, const struct vpns_result *result);

static inline struct vpnt *kit_of(const struct vpns_host *host)
{
	/* The host is the kit's own first member, so that nothing constant is written to. */
	return (struct vpnt *)(uintptr_t)host;
}

#endif
