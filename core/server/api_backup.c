/*
 * POST /backup {"file":"/absolute/path"}: a copy of the store, made while it is in use. The file is
 * the server's own, so only those may ask who could read the database as well.
 */
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "model/json.h"
#include "server/call.h"
#include "server/ledger.h"
#include "server/parts.h"
#include "store/store.h"

#define AREA "api"

struct copying {
	struct vs_call *call;
	char *file;
	size_t missing; /* records that the store refused before, and that wait in memory */
};

static void answer_done(const struct copying *copying)
{
	struct vs_buf body;
	struct stat info;
	int64_t bytes = stat(copying->file, &info) == 0 ? (int64_t)info.st_size : 0;

	vs_log(VS_LOG_INFO, AREA, "backup: %s, %lld bytes", copying->file, (long long)bytes);
	vs_buf_init(&body);
	vs_buf_add_char(&body, '{');
	vs_json_member(&body, "file", copying->file);
	vs_json_member_int(&body, "bytes", bytes);
	vs_json_member_int(&body, "missing", (int64_t)copying->missing);
	vs_buf_add_char(&body, '}');
	vs_call_json(copying->call, &body);
}

static void on_copied(void *arg, enum vs_store_status status, const char *reason)
{
	struct copying *copying = arg;

	if (status == VS_STORE_CORRUPT)
		vs_ledger_doubt(copying->call->parts->ledger, reason);
	if (status == VS_STORE_DONE) {
		answer_done(copying);
	} else {
		vs_log(VS_LOG_WARN, AREA, "no backup in %s: %s", copying->file, reason);
		vs_call_problem(copying->call,
			status == VS_STORE_FAILED ? VS_P_BACKUP_REFUSED : VS_P_BACKUP_FAILED, reason);
	}
	vs_free(copying->file);
	vs_free(copying);
}

/* The file that the body names, or NULL with err. */
static char *read_file(struct vs_view body, struct vs_err *err)
{
	json_t *json = vs_json_parse(body, err);
	const char *file = vs_json_get_text(json, "file");
	char *copy = NULL;

	if (json != NULL && file[0] != '/')
		vs_err_set(err, VS_ERR_INVALID, "file: expected the absolute path of a new file");
	else if (json != NULL)
		copy = vs_strdup(file);
	json_decref(json);
	return copy;
}

void vs_api_backup(struct vs_call *call)
{
	struct copying *copying;
	struct vs_err err;
	char *file;

	if (!call->visit.is_local) {
		vs_call_problem(call, VS_P_FORBIDDEN,
			"Backups are for root and the server's own user, over its Unix socket");
		return;
	}
	file = read_file(call->message->body, &err);
	if (file == NULL) {
		vs_call_problem(call, VS_P_BAD_BODY, err.text);
		return;
	}
	if (vs_ledger_is_rewriting(call->parts->ledger)) {
		vs_call_problem(call, VS_P_BACKUP_FAILED,
			"the store was damaged, and is being written anew: try again when the server is "
			"healthy");
		vs_free(file);
		return;
	}
	copying = vs_zalloc(sizeof(*copying));
	copying->call = call;
	copying->file = file;
	copying->missing = vs_ledger_waiting(call->parts->ledger);
	if (vs_store_backup(call->parts->store, file, on_copied, copying) < 0)
		on_copied(copying, VS_STORE_RETRY, "the store's queue is full: try again in a minute");
}
