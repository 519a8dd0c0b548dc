/*
 * `restore`: a backup takes the place of the database of a server that does not run. It is copied
 * and tried in a folder of its own beside the database first; until that went well nothing changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "cli/database.h"
#include "cli/survey.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "plug/filled.h"
#include "plug/plugin.h"
#include "server/crew.h"

#define PLUGIN "sqlite"
#define LOCAL_SOCKET "server.sock"
#define NAMES_MAX 100 /* as many restores in one second, which will not be */

enum { OPTION_CONFIG };

struct restoring {
	const char *file; /* the backup, as given */
	struct vs_buf path; /* the database */
	struct vs_buf folder; /* where the copy is made and tried */
	struct vs_buf copy;
	struct vs_buf kept; /* what the old database is called now; empty: there was none */
	struct vs_owner owner;
	struct vs_plugin *plugin;
	struct vs_survey survey;
	int lock; /* of the database */
};

/* --- the copy -------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info;
	(void)type;
	(void)where;
	return remove(path);
}

static void remove_folder(const struct restoring *self)
{
	nftw(vs_buf_text(&self->folder), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What an earlier restore left there when it was killed is gone first: the lock says that it is nobody's. */
static int make_folder(struct restoring *self, struct vs_err *err)
{
	const char *path = vs_buf_text(&self->path);

	vs_buf_printf(&self->folder, "%s.restoring", path);
	vs_buf_printf(&self->copy, "%s%s", vs_buf_text(&self->folder), strrchr(path, '/'));
	remove_folder(self);
	if (mkdir(vs_buf_text(&self->folder), 0700) == 0)
		return 0;
	return vs_err_set(err, VS_ERR_SYSTEM, "cannot make the folder %s: %s", vs_buf_text(&self->folder),
		strerror(errno));
}

/* The plugin speaks of the copy, and of a server that does not run. */
static int try_copy(struct restoring *self, struct vs_err *err)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int rc;

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, nowhere);
	rc = vs_survey_run(&self->survey, self->plugin, vs_buf_text(&self->copy), err);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	close(nowhere);
	if (rc < 0)
		vs_err_prefix(err, "%s cannot be used", self->file);
	return rc;
}

static int copy(struct restoring *self, struct vs_err *err)
{
	int in_use;
	int rc = vs_database_lock(&in_use, self->file, NULL, err);

	if (rc == VS_ERR_BUSY)
		return vs_err_set(err, rc,
			"%s is in use by a server: `vpn-sentinel backup` makes a copy of it that "
			"can be restored",
			self->file);
	if (rc < 0)
		return rc;
	rc = vs_database_copy(self->file, vs_buf_text(&self->copy), err);
	if (in_use >= 0)
		close(in_use);
	if (rc == 0)
		rc = try_copy(self, err);
	if (rc == 0)
		rc = vs_database_finish(vs_buf_text(&self->copy), &self->owner, err);
	return rc;
}

/* --- in its place ---------------------------------------------------------------------- */

static void choose_name(struct restoring *self)
{
	time_t second = (time_t)(vs_wall_ms() / 1000);
	char stamp[32] = "unknown";
	struct tm utc;
	int i;

	if (gmtime_r(&second, &utc) != NULL)
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
	vs_buf_printf(&self->kept, "%s.before-restore-%s", vs_buf_text(&self->path), stamp);
	for (i = 1; i < NAMES_MAX && vs_database_exists(vs_buf_text(&self->kept)); i++) {
		vs_buf_clear(&self->kept);
		vs_buf_printf(&self->kept, "%s.before-restore-%s-%d", vs_buf_text(&self->path), stamp, i);
	}
}

/* Takes what was moved back, as far as it was. */
static int undo(struct restoring *self, int rc)
{
	if (self->kept.len > 0)
		vs_database_move(vs_buf_text(&self->kept), vs_buf_text(&self->path), NULL);
	return rc;
}

static int cannot_rename(const struct restoring *self, struct vs_err *err)
{
	return vs_err_set(err, VS_ERR_SYSTEM, "cannot rename %s to %s: %s", vs_buf_text(&self->copy),
		vs_buf_text(&self->path), strerror(errno));
}

/*
 * So that there is a database at every moment: the old one gets its second name first, and loses its own to
 * the new one. Not when it has a log: for a moment the new one would stand beside that, and SQLite would
 * bring it in.
 */
static int replace_at_once(struct restoring *self, struct vs_err *err)
{
	const char *path = vs_buf_text(&self->path);

	choose_name(self);
	if (link(path, vs_buf_text(&self->kept)) != 0) {
		vs_buf_clear(&self->kept);
		return VS_ERR_SYSTEM;
	}
	if (rename(vs_buf_text(&self->copy), path) == 0)
		return 0;
	cannot_rename(self, err);
	unlink(vs_buf_text(&self->kept));
	return VS_ERR_SYSTEM;
}

/* Should it be killed in between, there is no database: then the store does not begin a new one, but says so.
 */
static int replace(struct restoring *self, struct vs_err *err)
{
	const char *path = vs_buf_text(&self->path);
	int rc = 0;

	if (vs_database_exists(path)) {
		choose_name(self);
		rc = vs_database_move(path, vs_buf_text(&self->kept), err);
	}
	if (rc == 0 && rename(vs_buf_text(&self->copy), path) != 0)
		rc = cannot_rename(self, err);
	return rc < 0 ? undo(self, rc) : 0;
}

static int put_in_place(struct restoring *self, struct vs_err *err)
{
	const char *path = vs_buf_text(&self->path);
	int rc = VS_ERR_SYSTEM;

	if (vs_database_is_alone(path))
		rc = replace_at_once(self, err);
	if (rc < 0 && self->kept.len == 0)
		rc = replace(self, err);
	if (rc < 0)
		return rc;
	/* What was known of the old one, such as damage, is not true of this one. */
	if (ftruncate(self->lock, 0) != 0)
		rc = vs_err_set(err, VS_ERR_SYSTEM, "cannot empty %s.lock: %s", path, strerror(errno));
	if (rc == 0)
		rc = vs_database_sync_folder(path, err);
	if (rc < 0)
		vs_err_prefix(err, "%s is restored (what was there is %s), but", path,
			self->kept.len > 0 ? vs_buf_text(&self->kept) : "nothing");
	return rc;
}

/* --- refusals -------------------------------------------------------------------------- */

/* A server whose store is another one now would not hold the database, but still be surprised. */
static int check_nobody_listens(const char *state_dir, struct vs_err *err)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	int size = (int)sizeof(place.sun_path);
	bool answers;
	int fd;

	if (snprintf(place.sun_path, sizeof(place.sun_path), "%s/" LOCAL_SOCKET, state_dir) >= size)
		return 0; /* nobody can listen there */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
	answers = connect(fd, (struct sockaddr *)&place, sizeof(place)) == 0;
	close(fd);
	if (!answers)
		return 0;
	return vs_err_set(err, VS_ERR_BUSY,
		"a server runs at %s: stop it first, then restore, then start it again", place.sun_path);
}

static int check_file(const struct restoring *self, struct vs_err *err)
{
	struct stat file;
	struct stat database;

	if (stat(self->file, &file) != 0)
		return vs_err_set(err, VS_ERR_NOT_FOUND, "cannot read %s: %s", self->file, strerror(errno));
	if (stat(vs_buf_text(&self->path), &database) == 0 && file.st_ino == database.st_ino &&
		file.st_dev == database.st_dev)
		return vs_err_set(
			err, VS_ERR_INVALID, "%s is the server's database itself: name a backup", self->file);
	return vs_database_look(self->file, err);
}

static int take_lock(struct restoring *self, struct vs_err *err)
{
	int rc = vs_database_owner(&self->owner, vs_buf_text(&self->path), err);

	if (rc == 0)
		rc = vs_database_lock(&self->lock, vs_buf_text(&self->path), &self->owner, err);
	if (rc == VS_ERR_BUSY) {
		struct vs_err who = *err;

		vs_err_set(err, rc, "%s: stop it first, then restore, then start it again", who.text);
	}
	return rc;
}

/* --- the command ----------------------------------------------------------------------- */

static int restore(struct restoring *self, const char *state_dir, struct vs_err *err)
{
	int rc = check_nobody_listens(state_dir, err);

	if (rc == 0)
		rc = take_lock(self, err);
	if (rc == 0)
		rc = check_file(self, err);
	if (rc == 0)
		rc = make_folder(self, err);
	if (rc < 0)
		return rc;
	rc = copy(self, err);
	if (rc == 0)
		rc = put_in_place(self, err);
	remove_folder(self);
	return rc;
}

static void tell(const struct restoring *self)
{
	printf("%s: restored from %s: %" PRIu64 " client%s, %" PRIu64 " message%s to send\n",
		vs_buf_text(&self->path), self->file, self->survey.clients,
		self->survey.clients == 1 ? "" : "s", self->survey.deliveries,
		self->survey.deliveries == 1 ? "" : "s");
	if (self->kept.len > 0)
		printf("what was there before: %s\n", vs_buf_text(&self->kept));
}

/* The value of the option path, which the configuration gave the plugin. */
static int find_path(struct restoring *self, const struct vs_server_conf *conf, struct vs_problems *problems,
	struct vs_err *err)
{
	const struct vpns_plugin *desc = vs_plugin_desc(self->plugin);
	struct vs_filled filled;
	const char *path = NULL;
	uint32_t i;
	int rc;

	if (!vs_filled_read(&filled, desc, &conf->store, conf->folder, problems)) {
		vs_filled_fini(&filled);
		return vs_err_set(err, VS_ERR_INVALID, "the configuration of the store cannot be used");
	}
	for (i = 0; i < desc->option_count; i++) {
		if (strcmp(desc->options[i].name, "path") == 0 && desc->options[i].type == VPNS_OPTION_PATH)
			path = *(const char *const *)((const char *)filled.config + desc->options[i].offset);
	}
	if (path == NULL)
		rc = vs_err_set(err, VS_ERR_INVALID, "%s has no option path", vs_plugin_path(self->plugin));
	else
		rc = vs_database_resolve(&self->path, path, err);
	vs_filled_fini(&filled);
	return rc;
}

/* Of the whole file only the store and the state directory count: other mistakes are for `check`. */
static int find_database(struct restoring *self, const struct vs_server_conf *conf,
	struct vs_problems *problems, struct vs_err *err)
{
	const char *plugin = conf->store.plugin;

	if (plugin == NULL)
		return vs_err_set(err, VS_ERR_INVALID, "the configuration names no store");
	if (strcmp(plugin, "memory") == 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"the store of %s is memory, which keeps nothing: there a restore has no place. Set "
			"`store: { plugin: sqlite, options: { path: ... } }` first",
			conf->file);
	if (strcmp(plugin, PLUGIN) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"the store of %s is %s: only a database of the store " PLUGIN " can be restored",
			conf->file, plugin);
	self->plugin = vs_crew_load(conf, &conf->store, err);
	return self->plugin != NULL ? find_path(self, conf, problems, err) : err->code;
}

static int complain(const struct vs_err *err)
{
	fprintf(stderr, "vpn-sentinel restore: %s\n", err->text);
	return VS_EXIT_FAILED;
}

static int run_conf(const struct vs_server_conf *conf, const char *file, struct vs_problems *problems)
{
	struct restoring self = {.file = file, .lock = -1};
	struct vs_err err;
	int rc;

	if (find_database(&self, conf, problems, &err) < 0) {
		vs_conf_file_report(problems);
		rc = complain(&err);
	} else if (restore(&self, conf->state_dir, &err) < 0) {
		rc = complain(&err);
	} else {
		tell(&self);
		rc = 0;
	}
	if (self.lock >= 0)
		close(self.lock);
	vs_plugin_unref(self.plugin);
	vs_buf_fini(&self.path);
	vs_buf_fini(&self.folder);
	vs_buf_fini(&self.copy);
	vs_buf_fini(&self.kept);
	return rc;
}

static int run_file(const char *path, const char *file)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems = {0};
	struct vs_server_conf *conf = vs_server_conf_read(path, &env, &problems);
	int rc = VS_EXIT_USAGE;

	if (conf == NULL)
		vs_conf_file_report(&problems);
	else
		rc = run_conf(conf, file, &problems);
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_buf path;
	int rc;

	vs_buf_init(&path);
	if (vs_conf_file_find(&path, values[OPTION_CONFIG], "server"))
		rc = run_file(vs_buf_text(&path), operands[0]);
	else
		rc = vs_cli_usage_error(command, "no configuration: give the server's with -c FILE");
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE",
		"the server's configuration (default: /etc/vpn-sentinel/server.yaml)"},
};

const struct vs_command vs_command_restore = {
	.name = "restore",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Bring a backup back, while the server does not run",
	.text = "FILE is copied and read whole before anything changes. Then the copy takes the place of "
		"the\n"
		"database that the configuration names, which is kept beside it under another name. "
		"Messages\n"
		"that waited at the moment of the backup are sent when the server starts: some may come a\n"
		"second time.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
