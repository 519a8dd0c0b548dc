/* `backup`: the running server copies its store. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/place.h"
#include "cli/shown.h"
#include "model/json.h"

#define TIMEOUT_MS 3600000 /* of a very large copy on a very slow disk */

enum { OPTION_SOCKET };

static int complain(const char *text)
{
	char *shown = vs_shown(text);

	fprintf(stderr, "vpn-sentinel backup: %s\n", shown);
	vs_free(shown);
	return VS_EXIT_FAILED;
}

/* The server has a working directory of its own. */
static int add_absolute(struct vs_buf *out, const char *file, struct vs_err *err)
{
	char folder[PATH_MAX];

	if (file[0] == '\0')
		return vs_err_set(err, VS_ERR_INVALID, "the file's name is empty");
	if (file[0] != '/') {
		if (getcwd(folder, sizeof(folder)) == NULL)
			return vs_err_set(
				err, VS_ERR_INVALID, "the working directory is gone: give an absolute path");
		vs_buf_printf(out, "%s/", folder);
	}
	vs_buf_add_text(out, file);
	if (!vs_utf8_valid(vs_buf_view(out)))
		return vs_err_set(err, VS_ERR_INVALID, "the path is not UTF-8: choose another one");
	return 0;
}

static int succeed(const json_t *reply)
{
	int64_t missing = vs_json_get_int(reply, "missing");
	char *file = vs_shown(vs_json_get_text(reply, "file"));

	printf("%s: %lld bytes\n", file, (long long)vs_json_get_int(reply, "bytes"));
	vs_free(file);
	if (missing > 0)
		fprintf(stderr,
			"vpn-sentinel backup: %lld records are not in it: the store refuses to write them; "
			"see the server's log, and make another backup when it works again\n",
			(long long)missing);
	return missing > 0 ? VS_EXIT_FAILED : 0;
}

static int refused(uint32_t status, const json_t *reply)
{
	static const struct {
		uint32_t status;
		const char *sentence;
	} rows[] = {
		{401, "the server does this for root and its own user only: run the command as one of them"},
		{403, "the server does this for root and its own user only: run the command as one of them"},
		{404, "the server does not know backups at this path: is VPN_SENTINEL_API_PATH the "
		      "server's, and the server of this version?"},
	};
	const char *sentence = vs_json_get_text(reply, "detail");
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == status)
			sentence = rows[i].sentence;
	}
	if (sentence[0] == '\0')
		sentence = vs_json_get_text(reply, "title");
	if (sentence[0] == '\0') {
		snprintf(text, sizeof(text), "the server answered %u; see its log", (unsigned)status);
		sentence = text;
	}
	return complain(sentence);
}

static int conclude(const struct vs_fetched *fetched)
{
	struct vs_err err;
	json_t *reply = vs_json_parse(vs_buf_view(&fetched->body), &err);
	bool done = fetched->status == 200 && vs_json_get_text(reply, "file")[0] != '\0';
	int rc;

	if (done)
		rc = succeed(reply);
	else if (fetched->status == 200)
		rc = complain("the answer names no file; is this the right server?");
	else
		rc = refused(fetched->status, reply);
	json_decref(reply);
	return rc;
}

/* Why there was no answer at all, and what else can be done. */
static int nobody(const char *socket, const struct vs_err *err)
{
	if (access(socket, F_OK) != 0 && errno == EACCES) {
		fprintf(stderr,
			"vpn-sentinel backup: %s can only be reached by root and the server's own user: "
			"run the command as one of them\n",
			socket);
		return VS_EXIT_FAILED;
	}
	fprintf(stderr,
		"vpn-sentinel backup: no server answers at %s: %s\n"
		"The running server makes the copy: set VPN_SENTINEL_STATE_DIR as it has it, or name its "
		"socket with --socket. While none runs, copying its database file is safe, together with "
		"the one that ends in -wal if there is one.\n",
		socket, err->text);
	return VS_EXIT_FAILED;
}

/* What is asked of whom. */
struct request {
	struct vs_buf socket;
	struct vs_buf path;
	struct vs_buf json;
};

static int ask(const struct request *request)
{
	const struct vs_fetch fetch = {
		.unix_socket = vs_buf_text(&request->socket),
		.path = vs_buf_text(&request->path),
		.json = vs_buf_text(&request->json),
		.timeout_ms = TIMEOUT_MS,
	};
	struct vs_fetched fetched;
	struct vs_err err;
	int rc;

	vs_fetched_init(&fetched);
	if (vs_fetch(&fetched, &fetch, &err) == 0)
		rc = conclude(&fetched);
	else
		rc = nobody(fetch.unix_socket, &err);
	vs_fetched_fini(&fetched);
	return rc;
}

static int find_server(struct request *request, const char *given, struct vs_err *err)
{
	int rc = 0;

	if (given != NULL)
		vs_buf_add_text(&request->socket, given);
	else
		rc = vs_place_state_file(&request->socket, "server.sock", err);
	if (rc == 0)
		rc = vs_place_api_path(&request->path, err);
	vs_buf_add_text(&request->path, "/backup");
	return rc;
}

static void write_json(struct request *request, const struct vs_buf *file)
{
	vs_buf_add_char(&request->json, '{');
	vs_json_member(&request->json, "file", vs_buf_text(file));
	vs_buf_add_char(&request->json, '}');
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct request request = {{0}, {0}, {0}};
	struct vs_buf file;
	struct vs_err err;
	int rc;

	vs_buf_init(&file);
	if (add_absolute(&file, operands[0], &err) < 0) {
		rc = vs_cli_usage_error(command, "%s", err.text);
	} else if (find_server(&request, values[OPTION_SOCKET], &err) < 0) {
		rc = complain(err.text);
	} else {
		write_json(&request, &file);
		rc = ask(&request);
	}
	vs_buf_fini(&file);
	vs_buf_fini(&request.socket);
	vs_buf_fini(&request.path);
	vs_buf_fini(&request.json);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_SOCKET] = {"socket", 0, "PATH",
		"the server's (default: server.sock in VPN_SENTINEL_STATE_DIR)"},
};

const struct vs_command vs_command_backup = {
	.name = "backup",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Copy what the running server knows into a new file",
	.text = "The server goes on meanwhile. The copy is that of one moment, and appears under its name "
		"when\n"
		"it is complete. It belongs to the server's user, and holds what clients told: keep it as\n"
		"carefully as the original. `vpn-sentinel restore` brings it back.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
