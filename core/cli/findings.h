/* What a look at a host and its configuration found: a line each, printed as it is found or as one JSON
 * object. */
#ifndef VS_CLI_FINDINGS_H
#define VS_CLI_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

#define VS_FINDING_ROWS(X) X(OK, "ok") X(WARN, "warn") X(FAIL, "fail") X(UNKNOWN, "unknown")

enum vs_finding {
#define VS_FINDING_ENUM(name, text) VS_FINDING_##name,
	VS_FINDING_ROWS(VS_FINDING_ENUM)
#undef VS_FINDING_ENUM
		VS_FINDINGS
};

struct vs_findings {
	FILE *out;
	bool json; /* collect, and print nothing before the end */
	bool colour;
	struct vs_buf items; /* JSON */
	size_t counts[VS_FINDINGS];
};

void vs_findings_init(struct vs_findings *findings, FILE *out, bool json);
void vs_findings_fini(struct vs_findings *findings); /* twice is fine */

/*
 * what: a few words, "time server". remedy: what to do about it, NULL: nothing. The detail may come from far
 * away: secrets and what would move a terminal's cursor are taken out.
 */
void vs_findings_add(struct vs_findings *findings, enum vs_finding state, const char *what,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The last line, or the whole object. 0; or VS_EXIT_FAILED when something fails. */
int vs_findings_end(struct vs_findings *findings, const char *role, const char *file);

#endif
