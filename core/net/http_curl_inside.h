/* A transfer, as http_curl*.c know it: the only files that know libcurl. */
#ifndef VS_NET_HTTP_CURL_INSIDE_H
#define VS_NET_HTTP_CURL_INSIDE_H

#include <curl/curl.h>

#include "net/http_curl.h"
#include "net/tls_peer.h"

struct vs_curl_transfer {
	struct vs_curl *curl;
	CURL *easy;
	struct curl_slist *headers;
	void *arg;
	bool too_large; /* an event refused bytes */
	long timeout_ms;
	char device[16]; /* "": any */
	int unbound; /* errno, when a socket could not be bound to device */
	bool local; /* an address of a local network was passed over */
	char peer[320]; /* host and port, for sentences */
	char host[256];
	struct vs_tls_peer *shown;
	char detail[CURL_ERROR_SIZE];
};

/* http_curl_device.c: of a request that has a device. */
void vs_curl_set_device(struct vs_curl_transfer *transfer, const struct vs_http_request *request);

/* Fills error, tls_fault and text of outcome, which is zeroed. */
void vs_curl_judge(struct vs_curl_transfer *transfer, CURLcode code, struct vs_curl_outcome *outcome);

#endif
