/* Services, asked by the very plugins that the configuration names. */
#include <string.h>

#include "vpn_sentinel/plugin.h"

#include "base/err.h"
#include "cli/capture.h"
#include "cli/doctor.h"
#include "config/instance.h"
#include "config/problem.h"
#include "config/rows.h"
#include "loop/loop.h"
#include "net/http_client.h"
#include "plug/filled.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/probe.h"

#define TIMEOUT_MS 10000
#define DRAIN_MS 2000
/* Asked about when no probe tells our own exit: an address that every database knows. */
#define KNOWN_ADDRESS "1.1.1.1"

/* One instance, from its making to its end. */
struct visit {
	struct vs_doctor *doctor;
	const struct vs_instance_conf *conf;
	const char *address; /* to locate; NULL: probe */
	struct vs_instance *instance;
	bool done;
	bool drained;
};

void vs_doctor_seen(void *arg, uint64_t handle, const char *url, const struct vs_http_reply *reply)
{
	struct vs_doctor *doctor = arg;

	vs_captures_seen(doctor->captures, handle, url, reply);
	vs_doctor_add_date(doctor, reply);
	doctor->replies++;
	/* The first trouble is the cause. */
	if (doctor->last_error == VS_HTTP_E_OK && doctor->last_status < 300) {
		doctor->last_error = (int)reply->error;
		doctor->last_status = reply->status;
	}
}

static bool uses_http(const struct vpns_plugin *desc)
{
	uint32_t i;

	for (i = 0; i < desc->need_count; i++)
		if (strcmp(desc->needs[i], VPNS_HTTP_1) == 0)
			return true;
	return false;
}

static const char *remedy_of(const struct vs_doctor *doctor, const struct vpns_plugin *desc)
{
	if (doctor->replies == 0)
		return uses_http(desc) ? "is the tunnel up, and does the firewall let this out?" : NULL;
	switch (doctor->last_error) {
	case VS_HTTP_E_RESOLVE:
		return "see the name servers above";
	case VS_HTTP_E_CONNECT:
	case VS_HTTP_E_TIMEOUT:
		return "is the tunnel up, and does the firewall let this out?";
	case VS_HTTP_E_TLS:
		return "see the clock below; behind an inspecting proxy name its CA in SSL_CERT_FILE";
	case VS_HTTP_E_URL:
		return "correct its URL";
	default:
		break;
	}
	if (doctor->last_status == 429 || doctor->last_status == 403)
		return "wait; ask it less often, or with a token of your own";
	if (doctor->last_status == 401)
		return "correct its token";
	if (doctor->last_status / 100 == 3)
		return "give the URL it redirects to";
	return "if only this one fails, the others stand in for it";
}

/* "198.51.100.7, RO, AS9009": the values of the first facts. */
static void add_facts(struct vs_buf *out, const struct vpns_probe_result *result)
{
	uint32_t i;

	for (i = 0; i < result->fact_count && i < 4; i++)
		vs_buf_printf(out, "%s%s", i == 0 ? "" : ", ", result->facts[i].value);
	if (result->fact_count == 0)
		vs_buf_add_text(out, "nothing to tell");
}

static const char *const exits[] = {"exit.ip", "exit6.ip", "trace.ip", "udp.ip", "udp6.ip"};
#define EXITS (sizeof(exits) / sizeof(exits[0]))

static bool is_exit(const char *fact)
{
	size_t i;

	for (i = 0; i < EXITS; i++)
		if (strcmp(exits[i], fact) == 0)
			return true;
	return false;
}

/* Might it tell the exit? */
static bool is_witness(const struct vs_plugin *plugin)
{
	size_t i;

	for (i = 0; i < EXITS; i++)
		if (vs_plugin_fact(plugin, exits[i]) != NULL)
			return true;
	return false;
}

static void note_exit(struct visit *visit, const struct vpns_probe_result *result)
{
	struct vs_doctor *doctor = visit->doctor;
	uint32_t i;

	for (i = 0; visit->address == NULL && i < result->fact_count; i++) {
		if (!is_exit(result->facts[i].name))
			continue;
		doctor->exits++;
		if (doctor->exit[0] == '\0')
			snprintf(doctor->exit, sizeof(doctor->exit), "%s", result->facts[i].value);
		return;
	}
}

static void on_result(void *arg, const struct vpns_probe_result *result)
{
	static const enum vs_finding states[] = {
		[VPNS_PROBE_PASS] = VS_FINDING_OK,
		[VPNS_PROBE_WARN] = VS_FINDING_WARN,
		[VPNS_PROBE_FAIL] = VS_FINDING_FAIL,
		[VPNS_PROBE_UNKNOWN] = VS_FINDING_UNKNOWN,
	};
	struct visit *visit = arg;
	struct vs_doctor *doctor = visit->doctor;
	struct vs_capture_about about = {visit->conf->name, visit->conf->plugin, visit->address};
	struct vs_buf detail;
	struct vs_buf what;
	struct vs_err err;

	vs_buf_init(&detail);
	vs_buf_init(&what);
	vs_buf_printf(&what, "%s %s", vs_use_text(visit->conf), visit->conf->name);
	if (result->status == VPNS_PROBE_PASS)
		add_facts(&detail, result);
	else
		vs_buf_add_text(&detail, result->reason);
	vs_findings_add(&doctor->findings, states[result->status], vs_buf_text(&what),
		result->status == VPNS_PROBE_PASS
			? NULL
			: remedy_of(doctor, vs_plugin_desc(vs_instance_plugin(visit->instance))),
		"%s", vs_buf_text(&detail));
	note_exit(visit, result);
	if (vs_captures_end(doctor->captures, &about, result, &err) < 0)
		vs_findings_add(&doctor->findings, VS_FINDING_FAIL, "record",
			"give a folder that can be written", "%s", err.text);
	vs_buf_fini(&what);
	vs_buf_fini(&detail);
	visit->done = true;
	vs_loop_stop(doctor->loop);
}

static void on_drained(void *arg, enum vs_drained how)
{
	struct visit *visit = arg;

	(void)how; /* plug has logged what there is to say */
	visit->drained = true;
	vs_loop_stop(visit->doctor->loop);
}

static void cannot(struct visit *visit, const char *why)
{
	struct vs_buf what;

	vs_buf_init(&what);
	vs_buf_printf(&what, "%s %s", vs_use_text(visit->conf), visit->conf->name);
	vs_findings_add(&visit->doctor->findings, VS_FINDING_FAIL, vs_buf_text(&what),
		"`vpn-sentinel check` tells all that is wrong with a configuration", "%s", why);
	vs_buf_fini(&what);
}

static void ask(struct visit *visit)
{
	uint32_t timeout_ms = visit->conf->timeout_ms > 0 ? (uint32_t)visit->conf->timeout_ms : TIMEOUT_MS;
	struct vs_err err = {0};
	vpns_op op;

	visit->doctor->last_error = VS_HTTP_E_OK;
	visit->doctor->last_status = 0;
	visit->doctor->replies = 0;
	op = visit->address != NULL
		     ? vs_probe_locate(visit->instance, visit->address, timeout_ms, on_result, visit, &err)
		     : vs_probe_start(visit->instance, timeout_ms, on_result, visit, &err);
	if (op == 0)
		cannot(visit, err.text);
	while (op != 0 && !visit->done)
		vs_loop_run(visit->doctor->loop);
}

static void visit_plugin(struct visit *visit, struct vs_plugin *plugin)
{
	struct vs_problems problems;
	struct vs_buf ignored;
	struct vs_err err = {0};

	vs_problems_init(&problems);
	vs_buf_init(&ignored);
	if (vs_instance_is_off(visit->conf, vs_plugin_desc(plugin), &ignored, NULL))
		goto out;
	visit->instance = vs_instance_create(&visit->doctor->env, plugin, visit->conf, &problems, &err);
	if (visit->instance == NULL) {
		cannot(visit, problems.count > 0 ? problems.items[0].text : err.text);
		goto out;
	}
	if (visit->address == NULL && is_witness(plugin))
		visit->doctor->witnesses++;
	ask(visit);
	vs_instance_drain(visit->instance, DRAIN_MS, on_drained, visit);
	while (!visit->drained)
		vs_loop_run(visit->doctor->loop);
out:
	vs_buf_fini(&ignored);
	vs_problems_fini(&problems);
}

static struct vs_plugin *load(
	const struct vs_doctor *doctor, const struct vs_instance_conf *conf, struct vs_err *err)
{
	const struct vs_plugin_request request = {
		doctor->search, conf->kind, conf->plugin, conf->sha256, doctor->pinned};

	return vs_plugin_load(&request, err);
}

static void visit_all(struct vs_doctor *doctor, const struct vs_instances_conf *list, const char *address)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct visit visit = {.doctor = doctor, .conf = &list->items[i], .address = address};
		struct vs_plugin *plugin;
		struct vs_err err;

		if (visit.conf->plugin == NULL || visit.conf->enabled == VS_ENABLED_NO)
			continue;
		plugin = load(doctor, visit.conf, &err);
		if (plugin == NULL)
			cannot(&visit, err.text);
		else
			visit_plugin(&visit, plugin);
		vs_plugin_unref(plugin);
	}
}

void vs_doctor_probes(struct vs_doctor *doctor, const struct vs_instances_conf *list)
{
	visit_all(doctor, list, NULL);
}

void vs_doctor_sources(struct vs_doctor *doctor, const struct vs_instances_conf *list)
{
	visit_all(doctor, list, doctor->exit[0] != '\0' ? doctor->exit : KNOWN_ADDRESS);
}

void vs_doctor_witnesses(struct vs_doctor *doctor)
{
	if (doctor->witnesses == 0)
		vs_findings_add(&doctor->findings, VS_FINDING_WARN, "exit", "configure probes",
			"no probe looks for it");
	else if (doctor->exits == 0)
		vs_findings_add(&doctor->findings, VS_FINDING_FAIL, "exit",
			"without any, nothing can be said of the tunnel: see the probes above",
			"none of %zu probes tells it", doctor->witnesses);
	else
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "exit", NULL,
			"%s, told by %zu of %zu probes", doctor->exit, doctor->exits, doctor->witnesses);
}

/* The URLs among the options of one instance. */
static void collect(struct vs_doctor *doctor, const struct vs_instance_conf *conf, struct vs_plugin *plugin)
{
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);
	const struct vs_rows rows = {
		desc->options, desc->option_count, desc->option_stride, conf->name, NULL};
	struct vs_problems ignored; /* whoever makes it tells them */
	struct vs_filled filled;
	uint32_t i;

	vs_problems_init(&ignored);
	memset(&filled, 0, sizeof(filled));
	if (vs_filled_read(&filled, desc, conf, doctor->env.folder, &ignored)) {
		for (i = 0; i < desc->option_count; i++) {
			const struct vpns_option row = vs_rows_get(&rows, i);
			const char *url;

			if (row.type != VPNS_OPTION_URL)
				continue;
			memcpy(&url, (const char *)filled.config + row.offset, sizeof(url));
			vs_doctor_add_name(doctor, url);
		}
	}
	vs_filled_fini(&filled);
	vs_problems_fini(&ignored);
}

void vs_doctor_collect_names(struct vs_doctor *doctor, const struct vs_instances_conf *list)
{
	struct vs_err ignored;
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct vs_instance_conf *conf = &list->items[i];
		struct vs_plugin *plugin = conf->plugin != NULL && conf->enabled != VS_ENABLED_NO
						   ? load(doctor, conf, &ignored)
						   : NULL;

		if (plugin != NULL)
			collect(doctor, conf, plugin);
		vs_plugin_unref(plugin);
	}
}
