/* One GET of a local command: from a URL, or from the socket of a role on this machine. */
#ifndef VS_CLI_FETCH_H
#define VS_CLI_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Texts are borrowed for the call; NULL: none. */
struct vs_fetch {
	const char *url; /* base, e.g. "https://vpn.example.net:5000"; NULL: unix_socket */
	const char *unix_socket;
	const char *path; /* "/api/v1/status?limit=100" */
	const char *key;
	const char *ca_file;
	bool insecure;
	uint32_t timeout_ms;
};

struct vs_fetched {
	uint32_t status;
	struct vs_buf body;
	struct vs_buf link; /* the Link header, or "" */
};

void vs_fetched_init(struct vs_fetched *fetched);
void vs_fetched_fini(struct vs_fetched *fetched);

/* Blocks until there is a reply of any status. fetched is initialised; what it held goes. */
int vs_fetch(struct vs_fetched *fetched, const struct vs_fetch *fetch, struct vs_err *err);

#endif
