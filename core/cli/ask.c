#include "cli/ask.h"

#include <stdio.h>

#include "base/alloc.h"
#include "cli/place.h"
#include "cli/shown.h"
#include "model/json.h"

#define TIMEOUT_MS 30000

/* What a fetch is made of besides the options. */
struct target {
	struct vs_buf socket;
	struct vs_buf path;
	struct vs_buf key;
};

static int find_target(struct target *target, const char *const *values, const char *path, struct vs_err *err)
{
	int rc = 0;

	if (values[VS_ASK_URL] == NULL)
		rc = vs_place_state_file(&target->socket, "server.sock", err);
	if (rc == 0)
		rc = vs_place_api_path(&target->path, err);
	if (rc == 0)
		rc = vs_place_key(&target->key, values[VS_ASK_KEY], values[VS_ASK_KEY_FILE], err);
	vs_buf_add_text(&target->path, path);
	return rc;
}

/* request: method and body. */
static int ask(struct vs_fetched *fetched, const char *const *values, const char *path,
	const struct vs_fetch *request, struct vs_err *err)
{
	struct target target = {{0}, {0}, {0}};
	struct vs_fetch fetch = *request;
	int rc = find_target(&target, values, path, err);

	if (rc == 0) {
		fetch.timeout_ms = TIMEOUT_MS;
		fetch.url = values[VS_ASK_URL];
		fetch.unix_socket = vs_buf_text(&target.socket);
		fetch.path = vs_buf_text(&target.path);
		fetch.key = target.key.len > 0 ? vs_buf_text(&target.key) : NULL;
		fetch.ca_file = values[VS_ASK_CA];
		fetch.pin = values[VS_ASK_PIN];
		fetch.insecure = values[VS_ASK_INSECURE] != NULL;
		rc = vs_fetch(fetched, &fetch, err);
	}
	vs_buf_fini(&target.socket);
	vs_buf_fini(&target.path);
	vs_buf_fini(&target.key);
	return rc;
}

int vs_ask(const struct vs_command *command, const char *const *values, const char *path,
	struct vs_fetched *fetched)
{
	return vs_ask_to(command, values, NULL, path, NULL, fetched);
}

int vs_ask_to(const struct vs_command *command, const char *const *values, const char *method,
	const char *path, const char *json, struct vs_fetched *fetched)
{
	const struct vs_fetch request = {.method = method, .json = json};
	struct vs_err err;
	int rc;

	if (values[VS_ASK_KEY] != NULL && values[VS_ASK_KEY_FILE] != NULL)
		return vs_cli_usage_error(command, "--key and --key-file: give one of them");
	rc = ask(fetched, values, path, &request, &err);
	if (rc == 0)
		return 0;
	fprintf(stderr, "vpn-sentinel %s: %s\n", command->name, err.text);
	if (rc == VS_ERR_NETWORK && values[VS_ASK_URL] == NULL)
		fputs("Is a server running here with this VPN_SENTINEL_STATE_DIR? Else: --url URL "
		      "--key-file FILE\n",
			stderr);
	return VS_EXIT_FAILED;
}

void vs_ask_print(const struct vs_fetched *fetched)
{
	const struct vs_buf *body = &fetched->body;

	fwrite(vs_buf_text(body), 1, body->len, stdout);
	if (body->len == 0 || body->ptr[body->len - 1] != '\n')
		putchar('\n');
}

int vs_ask_refused(const struct vs_command *command, const struct vs_fetched *fetched)
{
	static const struct {
		uint32_t status;
		const char *advice;
	} rows[] = {
		{401, ": give the server's key with --key-file FILE or VPN_SENTINEL_API_KEY"},
		{403, ": this needs a key with the role read, from an address that `auth` allows"},
		{404, ": is VPN_SENTINEL_API_PATH the server's?"},
		{429, ": too many requests; try again in a minute"},
		{503, ": it is not ready; see its log"},
	};
	const char *advice = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == fetched->status)
			advice = rows[i].advice;
	fprintf(stderr, "vpn-sentinel %s: the server answered %u%s\n", command->name,
		(unsigned)fetched->status, advice);
	return VS_EXIT_FAILED;
}

int vs_ask_problem(const struct vs_command *command, const struct vs_fetched *fetched)
{
	struct vs_err err;
	json_t *reply;
	char *detail;

	if (fetched->status == 403) {
		fprintf(stderr,
			"vpn-sentinel %s: the server answered 403: this needs a key with the role operate or "
			"admin, from an address that `auth` allows\n",
			command->name);
		return VS_EXIT_FAILED;
	}
	reply = vs_json_parse(vs_buf_view(&fetched->body), &err);
	detail = vs_shown(vs_json_get_text(reply, "detail"));
	json_decref(reply);
	if (detail[0] == '\0' ||
		(fetched->status != 400 && fetched->status != 404 && fetched->status != 409)) {
		vs_free(detail);
		return vs_ask_refused(command, fetched);
	}
	fprintf(stderr, "vpn-sentinel %s: %s\n", command->name, detail);
	vs_free(detail);
	return VS_EXIT_FAILED;
}
