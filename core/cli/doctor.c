/* `doctor`: does everything that a role needs work, from here, now? */
#include "cli/doctor.h"

#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "cli/capture.h"
#include "cli/catalog.h"
#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "cli/role_guess.h"
#include "client/probe_world.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "plug/search.h"
#include "vpn_sentinel/abi.h"

enum { OPTION_CONFIG, OPTION_ROLE, OPTION_JSON, OPTION_RECORD, OPTION_MASK };

static const struct vs_env process_env = {NULL};

/* What both roles' configurations have. */
struct common {
	uint32_t role; /* VPNS_ROLE_* */
	const char *name;
	const char *state_dir;
	const char *folder;
	const struct vs_plugins_conf *plugins;
	const struct vs_instances_conf *probes;
	const struct vs_instances_conf *sources;
};

static void tell_first(struct vs_doctor *doctor, enum vs_finding state, const char *thing, size_t count,
	const struct vs_buf *first)
{
	vs_findings_add(&doctor->findings, state, "configuration", "`vpn-sentinel check` tells all of it",
		"%zu %s%s %s", count, thing, count == 1 ? ":" : "s, such as", vs_buf_text(first));
}

/* All that is wrong with the file is told by `check`; here it is one line. */
static void check_file(
	struct vs_doctor *doctor, const char *path, void (*check)(struct vs_checkup *, const char *))
{
	struct vs_checkup checkup;
	struct vs_buf first;

	vs_checkup_init(&checkup);
	vs_buf_init(&first);
	check(&checkup, path);
	for (size_t i = 0; first.len == 0 && i < checkup.problems.count; i++)
		if (checkup.problems.items[i].severity == VS_PROBLEM_ERROR || checkup.problems.errors == 0)
			vs_problem_format(&checkup.problems.items[i], &first);
	if (checkup.problems.errors > 0)
		tell_first(doctor, VS_FINDING_FAIL, "error", checkup.problems.errors, &first);
	else if (checkup.problems.warnings > 0)
		tell_first(doctor, VS_FINDING_WARN, "warning", checkup.problems.warnings, &first);
	else
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "configuration", NULL, "%s", path);
	vs_buf_fini(&first);
	vs_checkup_fini(&checkup);
}

static void begin(struct vs_doctor *doctor, const struct common *common)
{
	doctor->world = vs_probe_world_create(doctor->loop, common->folder, NULL);
	doctor->env = *vs_probe_world_env(doctor->world);
	doctor->env.role = common->role;
	doctor->env.http_watch.seen = vs_doctor_seen;
	doctor->env.http_watch.arg = doctor;
	doctor->search = vs_catalog_search(&common->plugins->path);
	doctor->pinned = common->plugins->trust == VS_TRUST_PINNED;
	vs_doctor_state_dir(doctor, common->state_dir);
	vs_doctor_running(doctor, common->name, common->state_dir);
	vs_doctor_routes(doctor);
	vs_doctor_collect_names(doctor, common->probes);
	vs_doctor_collect_names(doctor, common->sources);
}

static void ask_services(struct vs_doctor *doctor, const struct common *common)
{
	vs_doctor_resolver(doctor);
	vs_doctor_probes(doctor, common->probes);
	vs_doctor_witnesses(doctor);
	vs_doctor_sources(doctor, common->sources);
	vs_doctor_clock(doctor);
}

static void end(struct vs_doctor *doctor)
{
	size_t i;

	vs_probe_world_destroy(doctor->world);
	vs_search_destroy(doctor->search);
	for (i = 0; i < doctor->name_count; i++)
		vs_free(doctor->names[i]);
}

static void look_at_server(struct vs_doctor *doctor, const char *path)
{
	struct vs_problems ignored = {0}; /* told already */
	struct vs_server_conf *conf = vs_server_conf_read(path, &process_env, &ignored);

	if (conf != NULL) {
		const struct common common = {VPNS_ROLE_SERVER, "server", conf->state_dir, conf->folder,
			&conf->plugins, &conf->probes, vs_locate_used(&conf->locate, VS_LOCATE_BY_SERVER)};

		begin(doctor, &common);
		vs_doctor_collect_names(doctor, &conf->notifiers);
		vs_doctor_add_name(doctor, conf->heartbeat.url);
		vs_doctor_own_certificate(doctor, conf);
		ask_services(doctor, &common);
		end(doctor);
	}
	vs_server_conf_destroy(conf);
	vs_problems_fini(&ignored);
}

static void look_at_client(struct vs_doctor *doctor, const char *path)
{
	struct vs_problems ignored = {0}; /* told already */
	struct vs_client_conf *conf = vs_client_conf_read(path, &process_env, &ignored);

	if (conf != NULL) {
		const struct common common = {VPNS_ROLE_CLIENT, "client", conf->state_dir, conf->folder,
			&conf->plugins, &conf->probes, vs_locate_used(&conf->locate, VS_LOCATE_BY_CLIENT)};

		begin(doctor, &common);
		vs_doctor_add_name(doctor, conf->client.server);
		ask_services(doctor, &common);
		vs_doctor_server(doctor, conf);
		end(doctor);
	}
	vs_client_conf_destroy(conf);
	vs_problems_fini(&ignored);
}

static const struct {
	const char *name;
	void (*check)(struct vs_checkup *checkup, const char *path);
	void (*look)(struct vs_doctor *doctor, const char *path);
} roles[] = {
	{"client", vs_checkup_client, look_at_client},
	{"server", vs_checkup_server, look_at_server},
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static int look(const char *const *values, const char *path, size_t role)
{
	struct vs_doctor doctor = {0};
	struct vs_err err;
	int rc;

	/* What is worth telling becomes a finding. */
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, 2);
	vs_findings_init(&doctor.findings, stdout, values[OPTION_JSON] != NULL);
	if (values[OPTION_RECORD] != NULL) {
		doctor.captures =
			vs_captures_create(values[OPTION_RECORD], values[OPTION_MASK] != NULL, &err);
		if (doctor.captures == NULL) {
			fprintf(stderr,
				"vpn-sentinel doctor: %s; give --record a folder that can be written\n",
				err.text);
			return VS_EXIT_FAILED;
		}
	}
	doctor.loop = vs_loop_create();
	check_file(&doctor, path, roles[role].check);
	roles[role].look(&doctor, path);
	rc = vs_findings_end(&doctor.findings, roles[role].name, path);
	vs_captures_destroy(doctor.captures);
	vs_findings_fini(&doctor.findings);
	vs_loop_destroy(doctor.loop);
	return rc;
}

static size_t role_of(const char *name)
{
	size_t role = 0;

	while (role < ROLES && strcmp(roles[role].name, name) != 0)
		role++;
	return role;
}

/* The role that was named, else that of the file that was, else the first that has one; ROLES: there is none.
 */
static size_t find_file(struct vs_buf *path, const char *const *values)
{
	const char *named = values[OPTION_ROLE];
	size_t i;

	for (i = 0; i < ROLES; i++) {
		if (named != NULL && strcmp(named, roles[i].name) != 0)
			continue;
		if (!vs_conf_file_find(path, values[OPTION_CONFIG], roles[i].name))
			continue;
		return named != NULL ? i : role_of(vs_role_guess(vs_buf_text(path)));
	}
	return ROLES;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *role = values[OPTION_ROLE];
	struct vs_buf path;
	size_t found;
	int rc;

	(void)operands;
	if (role != NULL && strcmp(role, "server") != 0 && strcmp(role, "client") != 0)
		return vs_cli_usage_error(command, "--role is server or client, not \"%s\"", role);
	if (values[OPTION_MASK] != NULL && values[OPTION_RECORD] == NULL)
		return vs_cli_usage_error(command, "--mask-addresses goes with --record");
	vs_buf_init(&path);
	found = find_file(&path, values);
	if (found == ROLES)
		rc = vs_cli_usage_error(
			command, "there is no configuration in /etc/vpn-sentinel: give one with -c FILE");
	else
		rc = look(values, vs_buf_text(&path), found);
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE", "the configuration (default: as of the role)"},
	[OPTION_ROLE] = {"role", 0, "ROLE",
		"server or client (default: the one whose configuration there is)"},
	[OPTION_JSON] = {"json", 0, NULL, "print one JSON object"},
	[OPTION_RECORD] = {"record", 0, "DIR", "keep what services answered, for tests, without secrets"},
	[OPTION_MASK] = {"mask-addresses", 0, NULL,
		"with --record: other addresses in place of the real ones"},
};

const struct vs_command vs_command_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "Try everything that a role needs: one line each, with a remedy",
	.text = "Reads the configuration, asks the name servers, each probe and source of places through "
		"its\n"
		"plugin, and (client) the server, and compares clocks. Sends no report and no message. "
		"Nobody\n"
		"is contacted but who is configured. Exit code 0, or 1 when something fails.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
