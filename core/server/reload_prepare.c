/* The part of a reload that can fail: nothing it does can be seen, but for connections to new listeners. */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "config/env.h"
#include "config/server_conf.h"
#include "model/home.h"
#include "model/policy.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "server/audit.h"
#include "server/certificate.h"
#include "server/conf_change.h"
#include "server/crew.h"
#include "server/crew_change.h"
#include "server/door.h"
#include "server/heartbeat.h"
#include "server/own_zone.h"
#include "server/reload_inside.h"
#include "server/role.h"
#include "server/route.h"
#include "server/rules_conf.h"
#include "server/wiring.h"

#define AREA "server"

static struct vs_mark mark_of(const struct vs_next *next, const char *section, const char *key)
{
	const struct vs_node *root = vs_conf_root(next->conf->tree);
	const struct vs_node *map = section != NULL ? vs_node_get(root, section) : root;

	return vs_mark_of(map != NULL ? map : root, key);
}

static void check_rules(struct vs_next *next)
{
	struct vs_home *home = vs_home_create();
	struct vs_policies *policies = vs_policies_create();
	struct vs_err err;

	if (vs_rules_from_conf(&next->rules, next->conf, &err) < 0)
		vs_problems_error(
			&next->problems, mark_of(next, "monitor", "dns_leak_tolerance"), "%s", err.text);
	if (vs_home_from_conf(home, next->conf, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, "monitor", "home"), "%s", err.text);
	if (vs_policies_from_conf(policies, next->conf, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, "monitor", "policy"), "%s", err.text);
	if (vs_heartbeat_check(&next->conf->heartbeat, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, "heartbeat", "url"), "%s", err.text);
	if (vs_routes_check(&next->conf->notifiers, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, NULL, "notifiers"), "%s", err.text);
	vs_policies_destroy(policies);
	vs_home_destroy(home);
	if (vs_doors_check(next->conf, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, NULL, "auth"), "%s", err.text);
}

/* Whether there is a certificate for new listeners. */
static bool prepare_certificate(struct vs_next *next, struct vs_role *role)
{
	const struct vs_server_tls_conf *tls = &next->conf->tls;
	const struct vs_tls_conf files = {
		tls->cert, tls->key, tls->min_version == 1 ? VS_TLS_1_3 : VS_TLS_1_2};
	struct vs_tls_context *context;
	struct vs_err err = {0};

	if (tls->cert == NULL || tls->key == NULL)
		return false;
	if (role->certificate != NULL) {
		context = vs_tls_context_create(&files, &err);
		vs_tls_context_unref(context);
	} else {
		next->certificate = vs_certificate_create(role->loop, &role->parts.clock, tls, &err);
		if (next->certificate != NULL)
			vs_certificate_serve(next->certificate, role->http);
	}
	/* Perhaps just being written. The watch over the files takes them when they are whole. */
	if (err.code < 0 && role->certificate != NULL &&
		!vs_conf_change_in(role->conf, next->conf, "server.tls")) {
		vs_log(VS_LOG_WARN, AREA, "the certificate in use stays, until its files can be used: %s",
			err.text);
		return true;
	}
	if (err.code < 0)
		vs_problems_error(&next->problems, tls->mark, "%s", err.text);
	return err.code == 0;
}

static void prepare_zone(struct vs_next *next, struct vs_role *role)
{
	struct vs_err err;

	next->own_zone = vs_own_zone_prepare(role->own_zone, &next->conf->zone, &err);
	if (next->own_zone == NULL)
		vs_problems_error(&next->problems, next->conf->zone.mark, "%s", err.text);
}

static void prepare_audit(struct vs_next *next, struct vs_role *role)
{
	struct vs_err err;

	next->other_audit = vs_conf_change_in(role->conf, next->conf, "audit");
	if (next->other_audit && vs_wire_audit(role->loop, &role->stats, next->conf,
					 vs_doors_are_local(role->doors), &next->audit, &err) < 0)
		vs_problems_error(&next->problems, mark_of(next, "audit", "path"), "%s", err.text);
}

static bool set_log_file(const struct vs_log_conf *log, struct vs_err *err)
{
	return vs_log_file(log->file, (uint64_t)log->max_size, (unsigned)log->keep, err) == 0;
}

/* The last steps, since others can see them: taken back when one fails. */
static void touch(struct vs_next *next, struct vs_role *role)
{
	struct vs_err err;

	if (vs_conf_change_in(role->conf, next->conf, "log")) {
		next->other_log = set_log_file(&next->conf->log, &err);
		if (!next->other_log)
			vs_problems_error(&next->problems, mark_of(next, "log", "file"), "%s", err.text);
	}
	if (next->problems.errors == 0)
		(void)vs_crew_change_touch(next->crew);
}

static void undo(struct vs_next *next, struct vs_role *role)
{
	if (next->crew != NULL)
		vs_crew_change_undo(next->crew, (uint32_t)role->conf->server.drain_timeout_ms);
	if (next->doors != NULL)
		vs_doors_change_undo(next->doors);
	vs_own_zone_undo(role->own_zone, next->own_zone);
	vs_audit_destroy(next->audit);
	vs_certificate_destroy(next->certificate);
	vs_rules_fini(&next->rules);
	vs_server_conf_destroy(next->conf);
	memset(next, 0, sizeof(*next));
}

static void prepare_all(struct vs_next *next, struct vs_role *role)
{
	static const struct vs_env env = {NULL};
	bool secure;

	next->conf = vs_server_conf_read(role->conf->file, &env, &next->problems);
	if (next->conf == NULL)
		return;
	vs_env_check(&env, next->conf->tree, &next->problems);
	vs_conf_change_check(role->conf, next->conf, &next->problems);
	check_rules(next);
	secure = prepare_certificate(next, role);
	next->doors = vs_doors_change_prepare(role->doors, next->conf, role->http, secure, &next->problems);
	prepare_zone(next, role);
	prepare_audit(next, role);
	next->crew = vs_crew_change_prepare(role->crew, next->conf, &next->problems);
	if (next->problems.errors == 0)
		touch(next, role);
}

bool vs_next_prepare(struct vs_next *next, struct vs_role *role)
{
	size_t errors;

	memset(next, 0, sizeof(*next));
	vs_problems_init(&next->problems);
	vs_rules_init(&next->rules);
	prepare_all(next, role);
	if (next->problems.errors > 0 && next->other_log) {
		(void)set_log_file(&role->conf->log, NULL); /* the mistakes belong where this server writes */
		next->other_log = false;
	}
	vs_problems_log(&next->problems, AREA);
	errors = next->problems.errors;
	vs_problems_fini(&next->problems);
	if (errors == 0)
		return true;
	undo(next, role);
	vs_log(VS_LOG_ERROR, AREA,
		"the configuration is not taken, because of the %zu mistake%s above: the server goes on as "
		"it "
		"was; "
		"correct %s and reload again",
		errors, errors == 1 ? "" : "s", role->conf->file);
	return false;
}
