/* The client's way to its server; and the server's own certificate. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "client/attempt.h"
#include "client/endpoint.h"
#include "client/probe_world.h"
#include "config/client_conf.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/http_client.h"
#include "net/tls.h"

struct looking {
	struct vs_doctor *doctor;
	const struct vs_client_conf *conf;
	bool reached;
	bool has_offset;
	int64_t offset_ms;
};

static const char *remedy_of(const struct vs_http_reply *reply)
{
	if (reply->error == VS_HTTP_E_TLS)
		switch (reply->tls_fault) {
		case VS_TLS_UNKNOWN_ISSUER:
		case VS_TLS_SELF_SIGNED:
			return "name the file of the CA that issued it in client.ca";
		case VS_TLS_EXPIRED:
			return "renew the server's certificate";
		case VS_TLS_NOT_YET_VALID:
			return "set the clock of this machine";
		case VS_TLS_OTHER_NAME:
			return "use the name or the address that the certificate is for";
		case VS_TLS_OTHER_KEY:
			return "pin the key that the server has now, if you trust it";
		case VS_TLS_NO_TLS:
			return "use http://, or encrypt the server's listener";
		case VS_TLS_WANTS_OURS:
			return "give client.cert and client.cert_key";
		default:
			return "see `vpn-sentinel cert show` on the server";
		}
	if (reply->error == VS_HTTP_E_RESOLVE)
		return "see the name servers above, or use the server's address";
	return "does the server run, and does the firewall of this namespace let its address out?";
}

static void on_health(void *arg, const struct vs_http_reply *reply)
{
	struct looking *looking = arg;
	struct vs_findings *findings = &looking->doctor->findings;

	vs_loop_stop(looking->doctor->loop);
	looking->reached = reply->error == VS_HTTP_E_OK;
	if (!looking->reached) {
		vs_findings_add(findings, VS_FINDING_FAIL, "server reached", remedy_of(reply), "%s",
			reply->error_text);
		return;
	}
	looking->has_offset = vs_doctor_offset(&looking->offset_ms, reply);
	if (reply->status == 200 || reply->status == 503)
		vs_findings_add(findings, reply->status == 200 ? VS_FINDING_OK : VS_FINDING_WARN,
			"server reached", reply->status == 200 ? NULL : "see the server's log",
			"%s answers in %llu ms", reply->remote_address,
			(unsigned long long)reply->elapsed_ms);
	else
		vs_findings_add(findings, VS_FINDING_WARN, "server reached", "is this a VPN Sentinel server?",
			"%s answers HTTP %u to /health", reply->remote_address, reply->status);
}

static void on_key(void *arg, const struct vs_http_reply *reply)
{
	struct looking *looking = arg;
	struct vs_findings *findings = &looking->doctor->findings;
	unsigned status = reply->status;

	vs_loop_stop(looking->doctor->loop);
	if (reply->error != VS_HTTP_E_OK)
		vs_findings_add(findings, VS_FINDING_UNKNOWN, "key", NULL, "%s", reply->error_text);
	else if (status == 200 || status == 503)
		vs_findings_add(findings, VS_FINDING_OK, "key", NULL, "accepted");
	else if (status == 401)
		vs_findings_add(findings, VS_FINDING_FAIL, "key",
			"set VPN_SENTINEL_API_KEY to a key that the server has", "%s (HTTP 401)",
			looking->conf->client.key != NULL ? "refused"
							  : "none is configured, and one is wanted");
	else if (status == 403)
		vs_findings_add(findings, VS_FINDING_WARN, "key",
			"see the server's auth: is this address among those it allows?",
			"known or not, it may not read (HTTP 403)");
	else if (status == 404)
		vs_findings_add(findings, VS_FINDING_FAIL, "key",
			"correct client.api_path and the listener's `serve`",
			"%s is not an API of the server (HTTP 404)", looking->conf->client.api_path);
	else if (status == 429)
		vs_findings_add(findings, VS_FINDING_WARN, "key", "wait; see rate_limit of the server",
			"the server's limit for this address is used up (HTTP 429)");
	else
		vs_findings_add(findings, VS_FINDING_UNKNOWN, "key", "is this a VPN Sentinel server?",
			"HTTP %u", status);
}

static void get(struct looking *looking, const struct vs_attempt_settings *target, const char *url,
	bool with_key, vs_http_done *done)
{
	const struct vs_http_header key = {"X-API-Key", target->key};
	const struct vs_http_request request = {
		.url = url,
		.headers = &key,
		.header_count = with_key && target->key != NULL ? 1 : 0,
		.timeout_ms = target->timeout_ms,
		.ca_file = target->ca_file,
		.pin = target->pin,
		.cert_file = target->cert_file,
		.key_file = target->key_file,
		.insecure = target->insecure,
		.fresh = true,
	};

	if (vs_http_send(vs_probe_world_http(looking->doctor->world), &request, done, looking) != 0)
		vs_loop_run(looking->doctor->loop);
}

static void check_encryption(struct vs_doctor *doctor, const struct vs_client_section *conf)
{
	const char *warning = vs_endpoint_warning(conf);

	if (strncasecmp(conf->server, "https://", 8) != 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_WARN, "server TLS",
			"use https://, unless the way there is yours alone",
			"not encrypted: whoever sits on the way can read the key");
		return;
	}
	if (warning != NULL)
		vs_findings_add(&doctor->findings, VS_FINDING_WARN, "server TLS", NULL, "%s", warning);
	vs_doctor_certificate(doctor, conf->server);
}

void vs_doctor_server(struct vs_doctor *doctor, const struct vs_client_conf *conf)
{
	struct looking looking = {.doctor = doctor, .conf = conf};
	struct vs_attempt_settings target;
	struct vs_endpoint endpoint;
	struct vs_buf url;
	struct vs_err err;

	if (vs_endpoint_init(&endpoint, &conf->client, &err) < 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_FAIL, "server reached", NULL, "%s", err.text);
		vs_endpoint_fini(&endpoint);
		return;
	}
	vs_endpoint_target(&endpoint, &conf->client, &target);
	vs_buf_init(&url);
	vs_buf_printf(&url, "%s/health", conf->client.server);
	get(&looking, &target, vs_buf_text(&url), false, on_health);
	check_encryption(doctor, &conf->client);
	if (looking.reached) {
		vs_buf_clear(&url);
		vs_buf_printf(&url, "%s%s/health", conf->client.server, conf->client.api_path);
		get(&looking, &target, vs_buf_text(&url), true, on_key);
	}
	if (looking.has_offset)
		vs_doctor_clock_finding(doctor, "clock of the server", looking.offset_ms, true, "the server");
	vs_buf_fini(&url);
	vs_endpoint_fini(&endpoint);
}

static void on_warning(void *arg, const char *sentence)
{
	struct vs_doctor *doctor = arg;

	vs_findings_add(&doctor->findings, VS_FINDING_WARN, "certificate",
		"`vpn-sentinel cert server` makes another; SIGHUP reads it", "%s", sentence);
}

void vs_doctor_own_certificate(struct vs_doctor *doctor, const struct vs_server_conf *conf)
{
	const struct vs_tls_conf files = {
		conf->tls.cert, conf->tls.key, conf->tls.min_version == 1 ? VS_TLS_1_3 : VS_TLS_1_2};
	const struct vs_tls_facts *facts;
	struct vs_tls_context *context;
	size_t warnings = doctor->findings.counts[VS_FINDING_WARN];
	char until[VS_TIME_TEXT];
	struct vs_err err;

	if (conf->tls.cert == NULL || conf->tls.key == NULL) {
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "certificate", NULL,
			"none: the listeners speak plain HTTP");
		return;
	}
	context = vs_tls_context_create(&files, &err);
	if (context == NULL) {
		vs_findings_add(&doctor->findings, VS_FINDING_FAIL, "certificate",
			"`vpn-sentinel cert server` makes one", "%s", err.text);
		return;
	}
	facts = vs_tls_context_facts(context);
	vs_tls_facts_warn(facts, vs_wall_ms(), on_warning, doctor);
	vs_time_format(until, facts->not_after);
	if (doctor->findings.counts[VS_FINDING_WARN] == warnings)
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "certificate", NULL,
			"%s, valid until %.10s", facts->name, until);
	vs_tls_context_unref(context);
}
