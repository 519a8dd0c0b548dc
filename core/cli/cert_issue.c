/* `cert ca`, `cert server`, `cert client`: a small CA in a folder, and what it issues. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/x509.h"

#define DAY_MS INT64_C(86400000)
#define DAYS_MAX 36500
#define CA_DAYS 3650
#define ISSUED_DAYS 825 /* the longest that no client finds too long */
#define NAMES_MAX 64
#define TITLE_MAX 64
#define KEY_MAX 65536

enum { CA_OUT, CA_TITLE, CA_DAYS_GIVEN, CA_RSA };
enum { ISSUE_OUT, ISSUE_DAYS, ISSUE_RSA, ISSUE_RENEW, ISSUE_FORCE };

/* One run of a command: the files it makes, beside those of the CA. */
struct job {
	const struct vs_command *command;
	const char *folder;
	struct vs_buf cert;
	struct vs_buf key;
	struct vs_buf ca_cert;
	struct vs_buf ca_key;
};

static void job_init(struct job *job, const struct vs_command *command, const char *folder, const char *name)
{
	memset(job, 0, sizeof(*job));
	job->command = command;
	job->folder = folder != NULL ? folder : ".";
	vs_buf_printf(&job->cert, "%s/%s.pem", job->folder, name);
	vs_buf_printf(&job->key, "%s/%s.key", job->folder, name);
	vs_buf_printf(&job->ca_cert, "%s/ca.pem", job->folder);
	vs_buf_printf(&job->ca_key, "%s/ca.key", job->folder);
}

static void job_fini(struct job *job)
{
	vs_buf_fini(&job->cert);
	vs_buf_fini(&job->key);
	vs_buf_fini(&job->ca_cert);
	vs_buf_fini(&job->ca_key);
}

static int fail(const struct job *job, const char *text, const char *advice)
{
	fprintf(stderr, "vpn-sentinel %s: %s%s\n", job->command->name, text, advice);
	return VS_EXIT_FAILED;
}

/* Days from now; 0 when text is no number of them. */
static int64_t days_of(const char *text, int64_t fallback)
{
	int64_t days = fallback;

	if (text != NULL && (vs_int_parse(&days, vs_view_of(text)) < 0 || days < 1 || days > DAYS_MAX))
		return 0;
	return days;
}

/* A key without its certificate is of no use to anybody, and would be in the way of the next try. */
static int write_new(const struct job *job, const struct vs_x509_pair *pair, struct vs_err *err)
{
	int rc = vs_dir_make(job->folder, 0755, err);

	if (rc == 0 && access(vs_buf_text(&job->cert), F_OK) == 0)
		rc = vs_err_set(err, VS_ERR_REFUSED, "%s is there already", vs_buf_text(&job->cert));
	if (rc == 0)
		rc = vs_file_create(vs_buf_text(&job->key), pair->key.ptr, pair->key.len, 0600, err);
	if (rc < 0)
		return rc;
	rc = vs_file_create(vs_buf_text(&job->cert), pair->cert.ptr, pair->cert.len, 0644, err);
	if (rc < 0)
		(void)unlink(vs_buf_text(&job->key));
	return rc;
}

static int write_over(
	const struct job *job, const struct vs_x509_pair *pair, bool with_key, struct vs_err *err)
{
	int rc = 0;

	if (with_key)
		rc = vs_file_write(vs_buf_text(&job->key), pair->key.ptr, pair->key.len, 0600, err);
	if (rc == 0)
		rc = vs_file_write(vs_buf_text(&job->cert), pair->cert.ptr, pair->cert.len, 0644, err);
	return rc;
}

static void on_pin(void *arg, const struct vs_x509_facts *facts)
{
	struct vs_buf *out = arg;

	vs_buf_add_text(out, facts->pin);
}

static void print_made(const struct job *job, const struct vs_x509_order *order, bool with_key)
{
	char until[VS_TIME_TEXT];

	vs_time_format(until, order->until);
	printf("made %s%s%s, good until %.10s\n", vs_buf_text(&job->cert), with_key ? " and " : "",
		with_key ? vs_buf_text(&job->key) : "", until);
}

/* --- ca -------------------------------------------------------------------------------- */

static int run_ca(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_x509_order order = {
		.kind = VS_X509_CA,
		.title = values[CA_TITLE] != NULL ? values[CA_TITLE] : "VPN Sentinel CA",
		.now = vs_wall_ms(),
		.rsa = values[CA_RSA] != NULL,
	};
	int64_t days = days_of(values[CA_DAYS_GIVEN], CA_DAYS);
	struct vs_x509_pair pair;
	struct vs_err err;
	struct job job;
	int rc = 0;

	(void)operands;
	if (days == 0)
		return vs_cli_usage_error(command, "--days is a number from 1 to %d", DAYS_MAX);
	if (order.title[0] == '\0' || strlen(order.title) > TITLE_MAX ||
		!vs_utf8_valid(vs_view_of(order.title)))
		return vs_cli_usage_error(command, "--title is a text of 1 to %d bytes in UTF-8", TITLE_MAX);
	order.until = order.now + days * DAY_MS;
	job_init(&job, command, values[CA_OUT], "ca");
	if (vs_x509_make(&pair, &order, &err) < 0 || write_new(&job, &pair, &err) < 0)
		rc = fail(&job, err.text,
			err.code == VS_ERR_REFUSED ? ": a CA is never replaced, since all that it issued "
						     "would be worthless; choose "
						     "another folder with --out, or move the old one away"
						   : "");
	vs_x509_pair_fini(&pair);
	if (rc == 0) {
		print_made(&job, &order, true);
		printf("Keep %s where only you can read it: whoever has it can be any server.\n"
		       "Next: vpn-sentinel cert server --out %s NAME...\n",
			vs_buf_text(&job.key), job.folder);
	}
	job_fini(&job);
	return rc;
}

/* --- server and client ------------------------------------------------------------------ */

static int read_key(const struct job *job, struct vs_buf *key, struct vs_err *err)
{
	int rc = vs_file_read(key, vs_buf_text(&job->key), KEY_MAX, err);

	if (rc == VS_ERR_NOT_FOUND)
		return vs_err_set(err, rc, "there is no %s to renew a certificate for: leave --renew out",
			vs_buf_text(&job->key));
	return rc;
}

/* What was asked for by name must be possible; what nobody asked for ends with the CA. */
static int set_until(struct vs_x509_order *order, int64_t days, bool given, struct vs_err *err)
{
	int64_t ca_until = vs_x509_ca_until(order->ca);
	char date[VS_TIME_TEXT];

	order->until = order->now + days * DAY_MS;
	if (order->until <= ca_until)
		return 0;
	vs_time_format(date, ca_until);
	if (ca_until <= order->now)
		return vs_err_set(err, VS_ERR_REFUSED,
			"the CA has expired at %s: make a new one in another folder, and give its ca.pem to "
			"the "
			"clients",
			date);
	if (given)
		return vs_err_set(err, VS_ERR_INVALID, "the CA ends at %s, so --days can be %lld at most",
			date, (long long)((ca_until - order->now) / DAY_MS));
	order->until = ca_until;
	return 0;
}

static int make_and_write(const struct job *job, const struct vs_x509_order *order, const char *const *values,
	struct vs_err *err)
{
	bool renew = values[ISSUE_RENEW] != NULL;
	struct vs_x509_pair pair;
	int rc = vs_x509_make(&pair, order, err);

	if (rc < 0 && renew)
		vs_err_prefix(err, "%s", vs_buf_text(&job->key));
	else if (rc == 0 && (renew || values[ISSUE_FORCE] != NULL))
		rc = write_over(job, &pair, !renew, err);
	else if (rc == 0)
		rc = write_new(job, &pair, err);
	vs_x509_pair_fini(&pair);
	return rc;
}

static int issue(
	const struct job *job, struct vs_x509_order *order, const char *const *values, struct vs_err *err)
{
	struct vs_buf key;
	struct vs_x509_ca *ca;
	int rc = 0;

	ca = vs_x509_ca_read(vs_buf_text(&job->ca_cert), vs_buf_text(&job->ca_key), err);
	if (ca == NULL)
		return err->code;
	vs_buf_init(&key);
	order->ca = ca;
	order->now = vs_wall_ms();
	order->rsa = values[ISSUE_RSA] != NULL;
	if (values[ISSUE_RENEW] != NULL)
		rc = read_key(job, &key, err);
	if (rc == 0) {
		order->key = key.len > 0 ? vs_buf_text(&key) : NULL;
		rc = set_until(
			order, days_of(values[ISSUE_DAYS], ISSUED_DAYS), values[ISSUE_DAYS] != NULL, err);
	}
	if (rc == 0)
		rc = make_and_write(job, order, values, err);
	if (key.cap > 0)
		explicit_bzero(key.ptr, key.cap);
	vs_buf_fini(&key);
	vs_x509_ca_destroy(ca);
	order->ca = NULL;
	order->key = NULL;
	return rc;
}

static int complain(const struct job *job, const struct vs_err *err)
{
	if (err->code == VS_ERR_NOT_FOUND && access(vs_buf_text(&job->ca_cert), F_OK) != 0)
		return fail(job, err->text,
			": make a CA first with `vpn-sentinel cert ca`, or name its folder with "
			"--out");
	if (err->code == VS_ERR_REFUSED && strstr(err->text, "is there already") != NULL)
		return fail(
			job, err->text, ": --renew makes a new certificate for its key, --force a new pair");
	return fail(job, err->text, "");
}

static int check_issue(const struct vs_command *command, const char *const *values)
{
	if (days_of(values[ISSUE_DAYS], ISSUED_DAYS) == 0)
		return vs_cli_usage_error(command, "--days is a number from 1 to %d", DAYS_MAX);
	if (values[ISSUE_RENEW] != NULL && (values[ISSUE_FORCE] != NULL || values[ISSUE_RSA] != NULL))
		return vs_cli_usage_error(command,
			"--renew keeps the key that is there, so it goes with neither "
			"--force nor --rsa");
	return 0;
}

/* Straight from the file: that is what the server will show. */
static void print_pin(const struct job *job)
{
	struct vs_buf pem;
	struct vs_buf pin;
	struct vs_err err;

	vs_buf_init(&pem);
	vs_buf_init(&pin);
	if (vs_file_read(&pem, vs_buf_text(&job->cert), KEY_MAX, &err) == 0 &&
		vs_x509_show(vs_buf_view(&pem), vs_buf_text(&job->cert), on_pin, &pin, &err) == 0)
		printf("        and, if it shall take no other key: VPN_SENTINEL_TLS_PIN=%s\n",
			vs_buf_text(&pin));
	vs_buf_fini(&pin);
	vs_buf_fini(&pem);
}

static int run_server(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_x509_order order = {.kind = VS_X509_SERVER, .names = (const char *const *)operands};
	struct vs_err err;
	struct job job;
	int rc = check_issue(command, values);

	for (; rc == 0 && operands[order.name_count] != NULL; order.name_count++)
		if (vs_x509_check_name(operands[order.name_count], &err) < 0)
			rc = vs_cli_usage_error(command, "%s", err.text);
	if (rc != 0)
		return rc;
	if (strlen(operands[0]) <= TITLE_MAX)
		order.title = operands[0];
	job_init(&job, command, values[ISSUE_OUT], "server");
	if (issue(&job, &order, values, &err) < 0) {
		rc = complain(&job, &err);
	} else {
		print_made(&job, &order, values[ISSUE_RENEW] == NULL);
		printf("server: VPN_SENTINEL_TLS_CERT_PATH=%s VPN_SENTINEL_TLS_KEY_PATH=%s\n"
		       "client: VPN_SENTINEL_TLS_CERT_PATH=%s (a copy of it)\n",
			vs_buf_text(&job.cert), vs_buf_text(&job.key), vs_buf_text(&job.ca_cert));
		print_pin(&job);
	}
	job_fini(&job);
	return rc;
}

static bool is_client_name(const char *name)
{
	return strlen(name) <= TITLE_MAX && name[0] != '.' && name[0] != '-' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       strlen(name) &&
	       strcmp(name, "ca") != 0 && strcmp(name, "server") != 0 && name[0] != '\0';
}

static int run_client(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_x509_order order = {.kind = VS_X509_CLIENT, .title = operands[0]};
	struct vs_err err;
	struct job job;
	int rc = check_issue(command, values);

	if (rc != 0)
		return rc;
	if (!is_client_name(operands[0]))
		return vs_cli_usage_error(command,
			"\"%.80s\" cannot be a client's name: use 1 to %d letters, digits, dots, dashes and "
			"underscores, and neither \"ca\" nor \"server\"",
			operands[0], TITLE_MAX);
	job_init(&job, command, values[ISSUE_OUT], operands[0]);
	if (issue(&job, &order, values, &err) < 0) {
		rc = complain(&job, &err);
	} else {
		print_made(&job, &order, values[ISSUE_RENEW] == NULL);
		printf("client: VPN_SENTINEL_TLS_CLIENT_CERT_PATH=%s VPN_SENTINEL_TLS_CLIENT_KEY_PATH=%s\n",
			vs_buf_text(&job.cert), vs_buf_text(&job.key));
	}
	job_fini(&job);
	return rc;
}

static const struct vs_cli_option ca_options[] = {
	[CA_OUT] = {"out", 'o', "DIR", "the folder for ca.pem and ca.key (default: this one)"},
	[CA_TITLE] = {"title", 0, "TEXT", "what it is called (default: VPN Sentinel CA)"},
	[CA_DAYS_GIVEN] = {"days", 0, "N", "how long it is good (default: 3650)"},
	[CA_RSA] = {"rsa", 0, NULL, "RSA of 3072 bits instead of ECDSA over P-256"},
};

static const struct vs_cli_option issue_options[] = {
	[ISSUE_OUT] = {"out", 'o', "DIR", "the folder of the CA, and of what it issues (default: this one)"},
	[ISSUE_DAYS] = {"days", 0, "N", "how long it is good (default: 825, or as long as the CA)"},
	[ISSUE_RSA] = {"rsa", 0, NULL, "RSA of 3072 bits instead of ECDSA over P-256"},
	[ISSUE_RENEW] = {"renew", 0, NULL, "a new certificate for the key that is there: its pin stays"},
	[ISSUE_FORCE] = {"force", 0, NULL, "replace a pair that is there"},
};

const struct vs_command vs_command_cert_ca = {
	.name = "cert ca",
	.operands = "",
	.summary = "Make a certificate authority of your own",
	.text = "Its certificate (ca.pem) is what clients trust; with its key (ca.key) it vouches for "
		"servers and\n"
		"clients. Nothing that is there already is replaced.",
	.options = ca_options,
	.option_count = sizeof(ca_options) / sizeof(ca_options[0]),
	.run = run_ca,
};

const struct vs_command vs_command_cert_server = {
	.name = "cert server",
	.operands = "NAME...",
	.min_operands = 1,
	.max_operands = NAMES_MAX,
	.summary = "Issue a server's certificate for names and addresses",
	.text = "Makes server.pem and server.key. Give every name and address that clients have in their "
		"URL:\n\n"
		"  vpn-sentinel cert server vpn.example.net 203.0.113.7 '*.lan.example.net'",
	.options = issue_options,
	.option_count = sizeof(issue_options) / sizeof(issue_options[0]),
	.run = run_server,
};

const struct vs_command vs_command_cert_client = {
	.name = "cert client",
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Issue a client's certificate, for servers and proxies that ask for one",
	.text = "Makes NAME.pem and NAME.key. The API key stays what the server goes by; a proxy in front of "
		"it can\n"
		"be told to let only holders of such a certificate through.",
	.options = issue_options,
	.option_count = sizeof(issue_options) / sizeof(issue_options[0]),
	.run = run_client,
};
