/* `cert show`: what stands in a certificate. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/shown.h"
#include "cli/x509.h"

#define FILE_MAX_BYTES 1048576
#define DAY_MS INT64_C(86400000)

struct showing {
	int64_t now;
	unsigned count;
};

static void print_text(const char *label, const char *text)
{
	char *shown = vs_shown(text);

	printf("%-13s%s\n", label, shown[0] != '\0' ? shown : "none");
	vs_free(shown);
}

static void print_dates(const struct vs_x509_facts *facts, int64_t now)
{
	char from[VS_TIME_TEXT];
	char until[VS_TIME_TEXT];

	vs_time_format(from, facts->not_before);
	vs_time_format(until, facts->not_after);
	printf("%-13s%.19sZ to %.19sZ: ", "valid", from, until);
	if (now < facts->not_before)
		puts("NOT YET VALID");
	else if (now >= facts->not_after)
		puts("EXPIRED");
	else
		printf("%lld days left\n", (long long)((facts->not_after - now) / DAY_MS));
}

static void print_one(void *arg, const struct vs_x509_facts *facts)
{
	struct showing *showing = arg;

	if (showing->count++ > 0)
		putchar('\n');
	print_text("subject", vs_buf_text(&facts->subject));
	print_text("issuer", facts->self_signed ? "itself" : vs_buf_text(&facts->issuer));
	print_text("names", vs_buf_text(&facts->names));
	print_text("use", facts->use);
	print_dates(facts, showing->now);
	print_text("key", facts->key);
	print_text("serial", facts->serial);
	print_text("fingerprint", facts->fingerprint);
	print_text("pin", facts->pin);
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct showing showing = {.now = vs_wall_ms()};
	struct vs_buf pem;
	struct vs_err err;
	int rc;

	(void)values;
	vs_buf_init(&pem);
	rc = vs_file_read(&pem, operands[0], FILE_MAX_BYTES, &err);
	if (rc == 0)
		rc = vs_x509_show(vs_buf_view(&pem), operands[0], print_one, &showing, &err);
	if (pem.cap > 0)
		explicit_bzero(pem.ptr, pem.cap); /* it may be a key that was named by mistake */
	vs_buf_fini(&pem);
	if (rc == 0)
		return 0;
	fflush(stdout);
	fprintf(stderr, "vpn-sentinel %s: %s\n", command->name, err.text);
	return VS_EXIT_FAILED;
}

const struct vs_command vs_command_cert_show = {
	.name = "cert show",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Show the certificates in a file: names, dates, fingerprint, pin",
	.text = "The pin is what clients take in VPN_SENTINEL_TLS_PIN.",
	.run = run,
};
