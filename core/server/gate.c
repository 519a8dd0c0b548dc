#include "server/gate.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/user.h"
#include "net/http_message.h"
#include "server/basic.h"

#define AREA "gate"
#define MAX_KEYS 65536 /* of each limiter: some 10 MiB at most */
#define CREDENTIALS_MAX 4096 /* bytes of a header with a key, from an address that is over its limit */
#define OPEN_ROLES (VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ)
#define ALL_ROLES                                                                                            \
	(VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_ADMIN | VPNS_AUTH_ROLE_OPERATE)

struct check {
	struct vs_gate_check conf;
	bool failing; /* its last answer was an error */
};

struct vs_gate {
	struct check *checks; /* the required ones first */
	size_t check_count;
	size_t sufficient_count;
	struct vs_limiter *addresses; /* NULL: no limit */
	struct vs_limiter *principals;
	struct vs_limiter_conf limit;
	uid_t admin_uid;
	char admin[VS_USER_NAME]; /* what that one is called */
	uint64_t (*mono_ms)(void);
	size_t visits; /* not answered yet */
	void (*left)(void *arg); /* NULL: not succeeded */
	void *left_arg;
};

static void take_checks(struct vs_gate *gate, const struct vs_gate_conf *conf, enum vs_control control)
{
	size_t i;

	for (i = 0; i < conf->check_count; i++) {
		struct check *check = &gate->checks[gate->check_count];

		if (conf->checks[i].control != control)
			continue;
		check->conf = conf->checks[i];
		if (check->conf.timeout_ms == 0)
			check->conf.timeout_ms = VS_GATE_TIMEOUT_MS;
		gate->check_count++;
		gate->sufficient_count += control == VS_CONTROL_SUFFICIENT;
	}
}

struct vs_gate *vs_gate_create(const struct vs_gate_conf *conf)
{
	struct vs_gate *gate = vs_zalloc(sizeof(*gate));
	struct vs_limiter_conf limit = conf->limit;

	gate->checks = vs_calloc(conf->check_count + 1, sizeof(*gate->checks));
	take_checks(gate, conf, VS_CONTROL_REQUIRED);
	take_checks(gate, conf, VS_CONTROL_SUFFICIENT);
	gate->admin_uid = conf->admin_uid;
	vs_user_name(gate->admin, conf->admin_uid, VS_USER_FILE);
	gate->mono_ms = conf->mono_ms;
	if (limit.max_keys == 0)
		limit.max_keys = MAX_KEYS;
	gate->limit = limit;
	if (limit.requests > 0) {
		gate->addresses = vs_limiter_create(&limit);
		gate->principals = vs_limiter_create(&limit);
	}
	return gate;
}

/* Without a limit on either side there is nothing to hand over. */
static void inherit(struct vs_gate *gate, struct vs_limiter **mine, struct vs_limiter **theirs)
{
	if (*mine == NULL || *theirs == NULL)
		return;
	vs_limiter_destroy(*mine);
	*mine = *theirs;
	*theirs = NULL;
	vs_limiter_change(*mine, &gate->limit, gate->mono_ms());
}

void vs_gate_succeed(struct vs_gate *gate, struct vs_gate *old, void (*left)(void *arg), void *arg)
{
	inherit(gate, &gate->addresses, &old->addresses);
	inherit(gate, &gate->principals, &old->principals);
	old->left = left;
	old->left_arg = arg;
	if (old->visits == 0)
		left(arg);
}

void vs_gate_destroy(struct vs_gate *gate)
{
	if (gate == NULL)
		return;
	vs_limiter_destroy(gate->addresses);
	vs_limiter_destroy(gate->principals);
	vs_free(gate->checks);
	vs_free(gate);
}

/* Few requests show a password: the others need not carry room for one. */
static void drop_key(struct vs_visit *visit)
{
	if (visit->key != NULL)
		explicit_bzero(visit->key, VS_GATE_KEY_MAX);
	vs_free(visit->key);
	visit->key = NULL;
}

void vs_visit_fini(struct vs_visit *visit)
{
	drop_key(visit);
	vs_buf_fini(&visit->patterns);
}

bool vs_visit_may_report(const struct vs_visit *visit, const char *client_id)
{
	struct vs_view rest = vs_buf_view(&visit->patterns);

	while (rest.len > 0) {
		size_t len = strlen(rest.ptr) + 1;

		if (fnmatch(rest.ptr, client_id, 0) != 0)
			return false;
		rest.ptr += len;
		rest.len -= len;
	}
	return true;
}

/* --- what the checks see --------------------------------------------------------------- */

static const char *get_header(const struct vpns_auth_request *request, const char *name)
{
	const struct vs_visit *visit =
		(const void *)((const char *)request - offsetof(struct vs_visit, request));

	if (visit->key != NULL && strcasecmp(name, "X-API-Key") == 0)
		return visit->key;
	if (visit->key != NULL && strcasecmp(name, "Authorization") == 0)
		return NULL;
	return vs_http_message_header(visit->message, name).ptr;
}

/* A browser can only be made to send a user and a password: the password is the key, the user
 * does not matter. */
static void read_basic(struct vs_visit *visit)
{
	struct vs_view shown = vs_http_message_header(visit->message, "Authorization");

	if (shown.len == 0 || vs_http_message_header(visit->message, "X-API-Key").ptr != NULL)
		return;
	visit->key = vs_zalloc(VS_GATE_KEY_MAX);
	if (vs_basic_password(shown, visit->key, VS_GATE_KEY_MAX) < 0 || visit->key[0] == '\0')
		drop_key(visit);
}

/*
 * Whether a request that is over the limit is worth a look at its key, which costs less than reading
 * the request did. What is too long for any key is not.
 */
static bool shows_credentials(const struct vs_visit *visit)
{
	size_t bearer = vs_http_message_header(visit->message, "Authorization").len;
	size_t plain = vs_http_message_header(visit->message, "X-API-Key").len;

	return (bearer > 0 || plain > 0) && bearer <= CREDENTIALS_MAX && plain <= CREDENTIALS_MAX;
}

static void fill_request(struct vs_visit *visit)
{
	vs_addr_format(&visit->from, visit->address);
	visit->request = (struct vpns_auth_request){
		.size = sizeof(visit->request),
		.method = vs_http_method_text(visit->message->method),
		.path = visit->message->path.ptr,
		.tls = visit->message->is_secure,
		.address = visit->address,
		.header = get_header,
	};
	if (visit->takes_basic)
		read_basic(visit);
}

/* --- buckets --------------------------------------------------------------------------- */

static void charge_address(struct vs_gate *gate, struct vs_visit *visit)
{
	char key[VS_LIMITER_ADDR_KEY];

	if (gate->addresses == NULL)
		return;
	visit->has_limit = true;
	vs_limiter_take(
		gate->addresses, vs_limiter_addr_key(&visit->from, key), gate->mono_ms(), &visit->limit);
	visit->charged = visit->limit.allowed;
	visit->over_limit = !visit->limit.allowed;
}

/* Good credentials count at the address they are used from: one key may serve a whole fleet. */
static void charge_principal(struct vs_gate *gate, struct vs_visit *visit)
{
	uint64_t now = gate->mono_ms();
	char key[VS_LIMITER_KEY_MAX];
	char addr[VS_LIMITER_ADDR_KEY];
	struct vs_view place = vs_limiter_addr_key(&visit->from, addr);
	size_t len = strlen(visit->principal) + 1;

	if (gate->principals == NULL)
		return;
	if (visit->charged)
		vs_limiter_give_back(gate->addresses, place, now);
	memcpy(key, visit->principal, len);
	memcpy(key + len, place.ptr, place.len);
	vs_limiter_take(gate->principals, (struct vs_view){key, len + place.len}, now, &visit->limit);
	visit->over_limit = !visit->limit.allowed;
}

/* --- what the checks say --------------------------------------------------------------- */

static enum vs_gate_answer answer_of_deny(uint32_t deny)
{
	switch (deny) {
	case 0: /* all abstained */
	case VPNS_DENY_NO_CREDENTIALS:
		return VS_GATE_NO_CREDENTIALS;
	case VPNS_DENY_BAD_CREDENTIALS:
		return VS_GATE_BAD_CREDENTIALS;
	default:
		return VS_GATE_FORBIDDEN;
	}
}

static void take_allow(struct vs_visit *visit, const struct vpns_auth_result *result)
{
	visit->roles |= result->roles;
	if (result->principal != NULL)
		strncpy(visit->principal, result->principal, VS_GATE_PRINCIPAL_MAX);
	if (result->client_pattern != NULL)
		vs_buf_add(&visit->patterns, result->client_pattern, strlen(result->client_pattern) + 1);
}

static void weigh_required(struct vs_visit *visit, const struct vpns_auth_result *result)
{
	switch (result->status) {
	case VPNS_AUTH_ALLOW:
		take_allow(visit, result);
		visit->vouched = true;
		break;
	case VPNS_AUTH_ABSTAIN:
		break;
	case VPNS_AUTH_DENY:
		visit->decided = true;
		visit->answer = answer_of_deny(result->deny);
		break;
	default:
		visit->decided = true;
		visit->answer = VS_GATE_UNAVAILABLE;
	}
}

static void weigh_sufficient(struct vs_visit *visit, const struct vpns_auth_result *result)
{
	if (result->status == VPNS_AUTH_ALLOW) {
		take_allow(visit, result);
		visit->allowed = true;
		visit->decided = true;
	} else if (result->status == VPNS_AUTH_DENY && result->deny > visit->deny) {
		visit->deny = result->deny;
	} else if (result->status == VPNS_AUTH_ERROR) {
		visit->failed = true;
	}
}

/* Nobody refused it. Where keys are not asked for, having been let in is enough to report and read. */
static void conclude_keyless(struct vs_visit *visit)
{
	if (!visit->vouched && visit->gate->check_count > 0)
		visit->answer = VS_GATE_NO_CREDENTIALS;
	else if (visit->roles == 0)
		visit->roles = OPEN_ROLES;
}

static void conclude(struct vs_visit *visit)
{
	struct vs_gate *gate = visit->gate;

	if (visit->answer == VS_GATE_OPEN && visit->keyless != 0) {
		visit->roles |= visit->keyless;
	} else if (visit->answer == VS_GATE_OPEN && gate->sufficient_count == 0) {
		conclude_keyless(visit);
	} else if (visit->answer == VS_GATE_OPEN && visit->allowed) {
		charge_principal(gate, visit);
	} else if (visit->answer == VS_GATE_OPEN) {
		visit->answer = visit->failed ? VS_GATE_UNAVAILABLE : answer_of_deny(visit->deny);
	}
	if (visit->over_limit)
		visit->answer = VS_GATE_LIMITED;
	gate->visits--;
	visit->done(visit->arg);
	if (gate->left != NULL && gate->visits == 0)
		gate->left(gate->left_arg);
}

static void on_answer(void *arg, const struct vpns_auth_result *result);

static void go_on(struct vs_visit *visit)
{
	struct vs_gate *gate = visit->gate;

	size_t end = gate->check_count - (visit->keyless ? gate->sufficient_count : 0);

	while (!visit->decided && visit->next < end) {
		const struct vs_gate_check *check = &gate->checks[visit->next].conf;

		visit->asking = true;
		visit->answered = false;
		check->ask(check->target, &visit->request, check->timeout_ms, on_answer, visit);
		visit->asking = false;
		if (!visit->answered)
			return;
	}
	conclude(visit);
}

/* Once when it begins and once when it ends: there may be many requests a second. */
static void note_failure(struct check *check, const struct vpns_auth_result *result)
{
	bool failing = result->status == VPNS_AUTH_ERROR;

	if (failing && !check->failing)
		vs_log(VS_LOG_WARN, AREA, "the access check %s has no answer: %s", check->conf.name,
			result->reason != NULL ? result->reason : "it gave no reason");
	else if (!failing && check->failing)
		vs_log(VS_LOG_INFO, AREA, "the access check %s answers again", check->conf.name);
	check->failing = failing;
}

static void on_answer(void *arg, const struct vpns_auth_result *result)
{
	struct vs_visit *visit = arg;
	struct check *check = &visit->gate->checks[visit->next++];

	visit->answered = true;
	note_failure(check, result);
	if (check->conf.control == VS_CONTROL_REQUIRED)
		weigh_required(visit, result);
	else
		weigh_sufficient(visit, result);
	if (!visit->asking)
		go_on(visit);
}

static bool is_local_admin(const struct vs_gate *gate, const struct vs_http_message *message)
{
	return message->is_unix && (message->peer_uid == 0 || message->peer_uid == gate->admin_uid);
}

bool vs_gate_charge(struct vs_gate *gate, const struct vs_http_message *message, const struct vs_addr *from,
	struct vs_limit *limit)
{
	char key[VS_LIMITER_ADDR_KEY];

	if (gate->addresses == NULL || is_local_admin(gate, message))
		return false;
	vs_limiter_take(gate->addresses, vs_limiter_addr_key(from, key), gate->mono_ms(), limit);
	return true;
}

void vs_gate_ask(struct vs_gate *gate, struct vs_visit *visit)
{
	visit->gate = gate;
	visit->answer = VS_GATE_OPEN;
	if (is_local_admin(gate, visit->message)) {
		visit->roles = ALL_ROLES;
		visit->is_local = true;
		strcpy(visit->principal, visit->message->peer_uid == 0 ? "root" : gate->admin);
		visit->done(visit->arg);
		return;
	}
	gate->visits++;
	charge_address(gate, visit);
	/* Nothing the checks could say would help: they are spared the flood. */
	if (visit->over_limit && (gate->sufficient_count == 0 || visit->keyless || !shows_credentials(visit)))
		visit->decided = true;
	else
		fill_request(visit);
	go_on(visit);
}
