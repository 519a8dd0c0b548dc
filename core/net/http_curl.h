/*
 * libcurl on the loop: one transfer after the other knows nothing of its neighbours. Only
 * http_client.c uses this; http_curl.c is the one file that knows libcurl.
 */
#ifndef VS_NET_HTTP_CURL_H
#define VS_NET_HTTP_CURL_H

#include <stdbool.h>

#include "base/view.h"
#include "net/http_client.h"

struct vs_curl;
struct vs_curl_transfer;
struct vs_err;

struct vs_curl_outcome {
	enum vs_http_error error;
	enum vs_tls_fault tls_fault;
	int unbound; /* why the device could not be bound to, an errno; 0: it was, or none was wanted */
	bool local; /* there was no address but of a local network, and that was not wanted */
	uint32_t status;
	char text[1280];
	char remote[64];
};

/* None of these comes from inside vs_curl_start() or vs_curl_drop(). */
struct vs_curl_events {
	/* A status or header line without its line end. False: too many, the transfer ends. */
	bool (*header)(void *arg, struct vs_view line);
	bool (*body)(void *arg, struct vs_view bytes); /* likewise */
	/* Last; the transfer is freed when it returns. Any transfer may be started or dropped here. */
	void (*ended)(void *arg, const struct vs_curl_outcome *outcome);
};

struct vs_curl *vs_curl_create(struct vs_loop *loop, const struct vs_curl_events *events);
void vs_curl_destroy(struct vs_curl *curl); /* after the last transfer */

/* NULL, with err, for a request that cannot be made. The URL was checked before. */
struct vs_curl_transfer *vs_curl_start(struct vs_curl *curl, const struct vs_http_settings *settings,
	const struct vs_http_request *request, void *arg, struct vs_err *err);
void vs_curl_drop(struct vs_curl_transfer *transfer);

#endif
