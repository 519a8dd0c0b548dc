/* What the end of a transfer means, and the sentence about it. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "net/http_curl_inside.h"

static const struct {
	CURLcode code;
	enum vs_http_error error;
	const char *text; /* NULL: the class's own */
} outcomes[] = {
	{CURLE_OK, VS_HTTP_E_OK, ""},
	{CURLE_URL_MALFORMAT, VS_HTTP_E_URL, NULL},
	{CURLE_UNSUPPORTED_PROTOCOL, VS_HTTP_E_PROTOCOL, NULL}, /* the scheme was checked: HTTP/0.9 */
	{CURLE_COULDNT_RESOLVE_HOST, VS_HTTP_E_RESOLVE, NULL},
	{CURLE_COULDNT_RESOLVE_PROXY, VS_HTTP_E_RESOLVE, "the proxy's name could not be resolved"},
	{CURLE_COULDNT_CONNECT, VS_HTTP_E_CONNECT, NULL},
	{CURLE_PROXY, VS_HTTP_E_CONNECT, "the proxy refused"},
	{CURLE_SSL_CONNECT_ERROR, VS_HTTP_E_TLS, NULL},
	{CURLE_PEER_FAILED_VERIFICATION, VS_HTTP_E_TLS, "the peer's certificate is not trusted"},
	{CURLE_SSL_PINNEDPUBKEYNOTMATCH, VS_HTTP_E_TLS, "the peer's certificate is not the pinned one"},
	{CURLE_SSL_CACERT_BADFILE, VS_HTTP_E_TLS, "the file of trusted certificates cannot be used"},
	{CURLE_SSL_CERTPROBLEM, VS_HTTP_E_TLS, "our own certificate or its key cannot be used"},
	{CURLE_SSL_CIPHER, VS_HTTP_E_TLS, NULL},
	{CURLE_SSL_ISSUER_ERROR, VS_HTTP_E_TLS, NULL},
	{CURLE_SSL_INVALIDCERTSTATUS, VS_HTTP_E_TLS, NULL},
	{CURLE_OPERATION_TIMEDOUT, VS_HTTP_E_TIMEOUT, NULL},
	{CURLE_PARTIAL_FILE, VS_HTTP_E_TRUNCATED, NULL},
	{CURLE_GOT_NOTHING, VS_HTTP_E_TRUNCATED, "the peer closed without a reply"},
	{CURLE_RECV_ERROR, VS_HTTP_E_TRUNCATED, NULL},
	{CURLE_SEND_ERROR, VS_HTTP_E_TRUNCATED, "the peer closed before it had the request"},
	{CURLE_FILESIZE_EXCEEDED, VS_HTTP_E_TOO_LARGE, NULL},
	{CURLE_WEIRD_SERVER_REPLY, VS_HTTP_E_PROTOCOL, NULL},
	{CURLE_BAD_CONTENT_ENCODING, VS_HTTP_E_PROTOCOL, "the reply's content encoding is broken"},
	{CURLE_HTTP2, VS_HTTP_E_PROTOCOL, NULL},
};

static const char *classify(CURLcode code, struct vs_curl_outcome *outcome)
{
	const char *text = NULL;
	size_t i;

	outcome->error = VS_HTTP_E_OTHER;
	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (outcomes[i].code != code)
			continue;
		outcome->error = outcomes[i].error;
		text = outcomes[i].text;
	}
	return text;
}

/* A deadline that passed before the request began to leave belongs to what was waited for. */
static void refine_timeout(CURL *easy, struct vs_curl_outcome *outcome)
{
	curl_off_t name_us = 0;
	curl_off_t ready_us = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &name_us);
	(void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	if (ready_us == 0)
		outcome->error = name_us == 0 ? VS_HTTP_E_RESOLVE : VS_HTTP_E_CONNECT;
}

/*
 * What of TLS it was that failed. A peer that wants a certificate says so after the handshake, when the
 * failure looks like any other of reading; and often it has closed before that is read.
 */
static void refine_tls(struct vs_curl_transfer *transfer, struct vs_curl_outcome *outcome, CURLcode code)
{
	enum vs_tls_fault said = vs_tls_fault_of(transfer->detail);

	if (outcome->error == VS_HTTP_E_TRUNCATED && code != CURLE_PARTIAL_FILE && transfer->shown->asked)
		said = VS_TLS_WANTS_OURS;
	if (outcome->error == VS_HTTP_E_TRUNCATED && said == VS_TLS_WANTS_OURS)
		outcome->error = VS_HTTP_E_TLS;
	if (outcome->error != VS_HTTP_E_TLS)
		return;
	outcome->tls_fault = VS_TLS_OTHER_FAULT;
	if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
		outcome->tls_fault = VS_TLS_OTHER_KEY;
	else if (code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM)
		outcome->tls_fault = VS_TLS_OUR_FILES;
	else if (code == CURLE_PEER_FAILED_VERIFICATION && transfer->shown->fault != VS_TLS_FINE)
		outcome->tls_fault = transfer->shown->fault;
	else if (code == CURLE_PEER_FAILED_VERIFICATION && transfer->shown->seen)
		outcome->tls_fault = VS_TLS_OTHER_NAME; /* libcurl compares names after the rest was fine */
	else if (said != VS_TLS_FINE)
		outcome->tls_fault = said;
}

/* Ours where we know more than libcurl. */
static const char *tls_text(const struct vs_curl_outcome *outcome, const char *text)
{
	static const char *const texts[] = {
		[VS_TLS_OTHER_VERSION] = "there is no version of TLS that both sides speak",
		[VS_TLS_NO_TLS] = "the peer does not speak TLS",
		[VS_TLS_WANTS_OURS] = "the peer wants a certificate of ours, and has got none that it takes",
		[VS_TLS_OTHER_FAULT] = NULL,
	};

	return outcome->error == VS_HTTP_E_TLS && texts[outcome->tls_fault] != NULL
		       ? texts[outcome->tls_fault]
		       : text;
}

/* libcurl's own words only where they cannot repeat the URL and say more than ours. */
static void describe(
	struct vs_curl_transfer *transfer, struct vs_curl_outcome *outcome, CURLcode code, const char *text)
{
	char more[768] = "";
	char wrong[704] = "";
	long number = 0;

	if (outcome->error == VS_HTTP_E_OK)
		return;
	text = tls_text(outcome, text);
	if (text == NULL)
		text = vs_http_error_text(outcome->error);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (outcome->error == VS_HTTP_E_TLS)
		vs_tls_peer_describe(
			transfer->shown, outcome->tls_fault, transfer->host, wrong, sizeof(wrong));
	if (wrong[0] != '\0')
		(void)snprintf(more, sizeof(more), ": %s", wrong);
	else if (outcome->error == VS_HTTP_E_TLS && transfer->detail[0] != '\0')
		(void)snprintf(more, sizeof(more), ": %s", transfer->detail);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		(void)snprintf(more, sizeof(more), ": waited %ld ms", transfer->timeout_ms);
	else if (outcome->error == VS_HTTP_E_CONNECT && number != 0)
		(void)snprintf(more, sizeof(more), ": %s", strerror((int)number));
	(void)snprintf(outcome->text, sizeof(outcome->text), "%s (%s)%s", text, transfer->peer, more);
	vs_log_mask(outcome->text);
}

void vs_curl_judge(struct vs_curl_transfer *transfer, CURLcode code, struct vs_curl_outcome *outcome)
{
	const char *text = classify(code, outcome);

	if (transfer->unbound != 0) {
		outcome->error = VS_HTTP_E_CONNECT;
		outcome->unbound = transfer->unbound;
		(void)snprintf(outcome->text, sizeof(outcome->text), "the connection cannot leave by %s: %s",
			transfer->device, strerror(transfer->unbound));
		return;
	}
	if (transfer->local && code != CURLE_OK) {
		outcome->error = VS_HTTP_E_CONNECT;
		outcome->local = true;
		(void)snprintf(outcome->text, sizeof(outcome->text),
			"%s has an address of a local network, which proves nothing about the internet",
			transfer->host);
		return;
	}
	if (transfer->too_large)
		outcome->error = VS_HTTP_E_TOO_LARGE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		refine_timeout(transfer->easy, outcome);
	refine_tls(transfer, outcome, code);
	describe(transfer, outcome, code, text);
}
