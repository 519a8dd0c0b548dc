/* `status`: what the server knows about its clients. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/place.h"
#include "cli/table.h"

#define TIMEOUT_MS 30000

enum { OPTION_JSON, OPTION_URL, OPTION_KEY, OPTION_KEY_FILE, OPTION_CA, OPTION_INSECURE };

static const char *text_of(const json_t *client, const char *member)
{
	const char *text = json_string_value(json_object_get(client, member));

	return text != NULL ? text : "-";
}

static void add_place(struct vs_buf *out, const json_t *client)
{
	const char *city = text_of(client, "city");
	const char *country = text_of(client, "country");

	if (strcmp(city, "unknown") != 0)
		vs_buf_printf(out, "%s, ", city);
	vs_buf_add_text(out, country);
}

static void add_age(struct vs_buf *out, const json_t *client)
{
	char age[32];
	int64_t seen;

	if (vs_time_parse(&seen, vs_view_of(text_of(client, "last_seen"))) < 0) {
		vs_buf_add_text(out, "never");
		return;
	}
	seen = vs_wall_ms() - seen;
	vs_duration_format(age, sizeof(age), seen > 0 ? seen / 1000 * 1000 : 0);
	vs_buf_printf(out, "%s ago", age);
}

static void add_row(struct vs_table_view *table, const json_t *client)
{
	struct vs_buf place;
	struct vs_buf age;
	const char *cells[7];

	vs_buf_init(&place);
	vs_buf_init(&age);
	add_place(&place, client);
	add_age(&age, client);
	cells[0] = text_of(client, "client_id");
	cells[1] = text_of(client, "status");
	cells[2] = text_of(client, "verdict");
	cells[3] = text_of(client, "public_ip");
	cells[4] = vs_buf_text(&place);
	cells[5] = text_of(client, "dns_location");
	cells[6] = vs_buf_text(&age);
	vs_table_add(table, cells);
	vs_buf_fini(&place);
	vs_buf_fini(&age);
}

static int print_table(const struct vs_buf *body)
{
	static const char *const titles[] = {
		"CLIENT", "STATUS", "VERDICT", "EXIT", "LOCATION", "DNS", "SEEN"};
	json_error_t where;
	json_t *clients = json_loadb(vs_buf_text(body), body->len, 0, &where);
	struct vs_table_view *table;
	size_t i;

	if (!json_is_array(clients)) {
		fprintf(stderr, "vpn-sentinel status: the reply is not a list of clients; is this the right "
				"server?\n");
		json_decref(clients);
		return 1;
	}
	table = vs_table_create(titles, 7);
	for (i = 0; i < json_array_size(clients); i++)
		add_row(table, json_array_get(clients, i));
	if (vs_table_rows(table) == 0)
		puts("no client has reported yet");
	else
		vs_table_print(table, stdout);
	vs_table_destroy(table);
	json_decref(clients);
	return 0;
}

static int refused(const struct vs_fetched *fetched)
{
	const char *advice = "";

	if (fetched->status == 401 || fetched->status == 403)
		advice = ": give the server's key with --key-file FILE or VPN_SENTINEL_API_KEY";
	else if (fetched->status == 404)
		advice = ": is VPN_SENTINEL_API_PATH the server's?";
	fprintf(stderr, "vpn-sentinel status: the server answered %u%s\n", fetched->status, advice);
	return 1;
}

static int show(const struct vs_fetched *fetched, bool json)
{
	if (fetched->status != 200)
		return refused(fetched);
	if (!json)
		return print_table(&fetched->body);
	puts(vs_buf_text(&fetched->body));
	return 0;
}

static int ask(struct vs_fetched *fetched, const char *const *values, struct vs_err *err)
{
	struct vs_fetch fetch = {.timeout_ms = TIMEOUT_MS};
	struct vs_buf socket;
	struct vs_buf path;
	struct vs_buf key;
	int rc;

	vs_buf_init(&socket);
	vs_buf_init(&path);
	vs_buf_init(&key);
	vs_place_state_file(&socket, "server.sock");
	vs_place_api_path(&path);
	vs_buf_add_text(&path, "/status");
	rc = vs_place_key(&key, values[OPTION_KEY], values[OPTION_KEY_FILE], err);
	if (rc == 0) {
		fetch.url = values[OPTION_URL];
		fetch.unix_socket = vs_buf_text(&socket);
		fetch.path = vs_buf_text(&path);
		fetch.key = key.len > 0 ? vs_buf_text(&key) : NULL;
		fetch.ca_file = values[OPTION_CA];
		fetch.insecure = values[OPTION_INSECURE] != NULL;
		rc = vs_fetch(fetched, &fetch, err);
	}
	vs_buf_fini(&socket);
	vs_buf_fini(&path);
	vs_buf_fini(&key);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_fetched fetched;
	struct vs_err err;
	int rc;

	(void)command;
	(void)operands;
	vs_fetched_init(&fetched);
	if (ask(&fetched, values, &err) < 0) {
		fprintf(stderr, "vpn-sentinel status: %s\n", err.text);
		if (values[OPTION_URL] == NULL)
			fputs("Is a server running here with this VPN_SENTINEL_STATE_DIR? Else: --url URL "
			      "--key-file FILE\n",
				stderr);
		rc = 1;
	} else {
		rc = show(&fetched, values[OPTION_JSON] != NULL);
	}
	vs_fetched_fini(&fetched);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_JSON] = {"json", 0, NULL, "print the server's reply as it is"},
	[OPTION_URL] = {"url", 'u', "URL", "the server (default: the socket in VPN_SENTINEL_STATE_DIR)"},
	[OPTION_KEY] = {"key", 'k', "KEY",
		"its key; seen by everybody in the list of processes: better a file"},
	[OPTION_KEY_FILE] = {"key-file", 0, "FILE", "a file with the key (default: VPN_SENTINEL_API_KEY)"},
	[OPTION_CA] = {"ca", 0, "FILE", "certificates to trust instead of the system's"},
	[OPTION_INSECURE] = {"insecure", 0, NULL, "accept any certificate"},
};

const struct vs_command vs_command_status = {
	.name = "status",
	.operands = "",
	.summary = "Show what the server knows about its clients",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
