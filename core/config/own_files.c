#include "config/own_files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/common_conf.h"
#include "config/server_conf.h"

#define AUDIT_NAME "audit.log"

/* What lines are written to. */
struct written {
	const char *option;
	char path[PATH_MAX];
	struct vs_mark mark;
};

struct check {
	const struct vs_server_conf *conf;
	struct vs_problems *problems;
	struct written files[2];
	size_t count;
};

/* The same text for the same file, also before it is there: its folder without links, and its name. */
static bool resolve(char out[PATH_MAX], const char *folder, const char *path)
{
	char joined[PATH_MAX];
	char *slash;
	char name[NAME_MAX + 1];
	int len;

	len = path[0] == '/' ? snprintf(joined, sizeof(joined), "%s", path)
			     : snprintf(joined, sizeof(joined), "%s/%s", folder, path);
	if (len < 0 || (size_t)len >= sizeof(joined))
		return false;
	slash = strrchr(joined, '/');
	if (slash == NULL || strlen(slash + 1) > NAME_MAX)
		return false;
	strcpy(name, slash + 1);
	slash[slash == joined ? 1 : 0] = '\0';
	if (realpath(joined, out) == NULL)
		strcpy(out, joined);
	len = (int)strlen(out);
	if ((size_t)len + 1 + strlen(name) >= PATH_MAX)
		return false;
	(void)snprintf(out + len, PATH_MAX - (size_t)len, "%s%s", strcmp(out, "/") == 0 ? "" : "/", name);
	return true;
}

/* By its name, by the name it gets when it is full, or by a link. */
static bool is_same(const char *written, const char *other)
{
	size_t len = strlen(written);
	struct stat first;
	struct stat second;

	if (strncmp(written, other, len) == 0) {
		if (other[len] == '\0')
			return true;
		if (other[len] == '.' && other[len + 1] != '\0' &&
			strspn(other + len + 1, "0123456789") == strlen(other + len + 1))
			return true;
	}
	return stat(written, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static bool compare(struct check *check, const char *path, const char *what)
{
	char other[PATH_MAX];
	size_t i;

	if (!resolve(other, check->conf->folder, path))
		return true;
	for (i = 0; i < check->count; i++) {
		const struct written *file = &check->files[i];

		if (!is_same(file->path, other))
			continue;
		vs_problems_error(check->problems, file->mark,
			"'%s' would write lines into %s, which is %s: name another file", file->option,
			file->path, what);
		return false;
	}
	return true;
}

/* What a plugin's option names may be a path; what a database has beside itself is its too. */
static void compare_option(struct check *check, const struct vs_instance_conf *instance, size_t index)
{
	static const char *const beside[] = {"", "-wal", "-shm", "-journal", ".lock"};
	const char *text = vs_node_text(vs_node_item(instance->options, index));
	struct vs_buf path;
	char what[160];
	size_t i;

	if (text == NULL)
		return;
	(void)snprintf(what, sizeof(what), "a file of the option '%.60s' of %.60s",
		vs_node_key(instance->options, index, NULL), instance->name);
	vs_buf_init(&path);
	for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		vs_buf_clear(&path);
		vs_buf_printf(&path, "%s%s", text, beside[i]);
		if (!compare(check, vs_buf_text(&path), what))
			break;
	}
	vs_buf_fini(&path);
}

static void compare_instance(struct check *check, const struct vs_instance_conf *instance)
{
	size_t i;

	if (instance->options == NULL || vs_node_kind(instance->options) != VS_NODE_MAP)
		return;
	for (i = 0; i < vs_node_count(instance->options); i++)
		compare_option(check, instance, i);
}

static void compare_instances(struct check *check, const struct vs_instances_conf *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		compare_instance(check, &list->items[i]);
}

/* Each line of an audit log begins like this, and zeros are what a crash of the machine may leave. */
static void look_into_audit(struct check *check, const struct written *file)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	struct stat found;
	char first = '{';

	if (fd < 0)
		return; /* whoever writes it says why */
	if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && read(fd, &first, 1) == 1 &&
		memchr("{\n\0", first, 3) == NULL)
		vs_problems_error(check->problems, file->mark,
			"%s is there already and is no audit log: name another file, or move it away",
			file->path);
	close(fd);
}

/* Where option stands, in its section. */
static void add_written(
	struct check *check, const char *option, const char *section, const char *key, const char *path)
{
	struct written *file = &check->files[check->count];
	const struct vs_node *root = vs_conf_root(check->conf->tree);
	const struct vs_node *map = vs_node_get(root, section);

	file->option = option;
	file->mark = vs_mark_of(map != NULL && vs_node_kind(map) == VS_NODE_MAP ? map : root, key);
	if (resolve(file->path, check->conf->folder, path))
		check->count++;
}

static void add_audit(struct check *check)
{
	const struct vs_server_conf *conf = check->conf;
	struct vs_buf path;

	if (!conf->audit.enabled)
		return;
	vs_buf_init(&path);
	if (conf->audit.path != NULL)
		vs_buf_add_text(&path, conf->audit.path);
	else
		vs_buf_printf(&path, "%s/" AUDIT_NAME, conf->state_dir);
	add_written(check, "audit.path", "audit", "path", vs_buf_text(&path));
	vs_buf_fini(&path);
	if (check->count > 0)
		look_into_audit(check, &check->files[0]);
}

void vs_own_files_check(const struct vs_server_conf *conf, struct vs_problems *problems)
{
	struct check *check = vs_zalloc(sizeof(*check));

	check->conf = conf;
	check->problems = problems;
	add_audit(check);
	if (conf->log.file != NULL) {
		(void)compare(check, conf->log.file, "the file of 'log.file'");
		add_written(check, "log.file", "log", "file", conf->log.file);
	}
	(void)compare(check, conf->file, "the configuration");
	if (conf->tls.cert != NULL)
		(void)compare(check, conf->tls.cert, "the certificate of server.tls");
	if (conf->tls.key != NULL)
		(void)compare(check, conf->tls.key, "the key of server.tls");
	compare_instance(check, &conf->store);
	compare_instances(check, &conf->auth);
	compare_instances(check, &conf->notifiers);
	compare_instances(check, &conf->probes);
	compare_instances(check, &conf->locate.sources);
	vs_free(check);
}
