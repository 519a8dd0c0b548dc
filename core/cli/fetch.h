/* One request of a local command: from a URL, or from the socket of a role on this machine. */
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
	const char *path; /* "/api/v1/status" */
	const char *key;
	const char *json; /* to POST; NULL: a GET */
	const char *method; /* another one; NULL: as json says */
	/* NULL: what VPN_SENTINEL_TLS_CERT_PATH, CURL_CA_BUNDLE or SSL_CERT_FILE names, or the system's */
	const char *ca_file;
	const char *pin; /* "sha256//...", several separated by ';'; NULL: VPN_SENTINEL_TLS_PIN, or any key */
	bool insecure;
	uint32_t timeout_ms;
};

struct vs_fetched {
	uint32_t status;
	struct vs_buf body;
};

void vs_fetched_init(struct vs_fetched *fetched);
void vs_fetched_fini(struct vs_fetched *fetched); /* twice is fine */

/*
 * Blocks until there is a reply of any status: 0. fetched is initialised; what it held goes.
 * Otherwise err says why there is none, without what secrets the URL may hold.
 */
int vs_fetch(struct vs_fetched *fetched, const struct vs_fetch *fetch, struct vs_err *err);

#endif
