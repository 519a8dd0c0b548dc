#include "email_send.h"

#include "email_token.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT_TIMEOUT_S = 10, TIMEOUT_S = 25 };

static size_t on_read(char *buffer, size_t size, size_t count, void *arg)
{
	struct email_send *send = arg;
	size_t len = send->len - send->taken;

	if (atomic_load(&send->cancelled))
		return CURL_READFUNC_ABORT;
	if (len > size * count)
		len = size * count;
	memcpy(buffer, send->bytes + send->taken, len);
	send->taken += len;
	if (send->taken == send->len) {
		send->whole = 1;
		send->talk.phase = EMAIL_END;
		send->talk.code = 0;
	}
	return len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct email_send *send = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&send->cancelled);
}

static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t len, void *arg)
{
	struct email_send *send = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		email_talk_said(&send->talk, bytes, len);
	else if (type == CURLINFO_HEADER_IN)
		email_talk_heard(&send->talk, bytes, len);
	return 0;
}

/* What a server says beside its answers goes nowhere. */
static size_t on_write(char *bytes, size_t size, size_t count, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * count;
}

static struct curl_slist *recipients(const struct email_send *send)
{
	struct curl_slist *list = NULL;
	struct curl_slist *longer;
	uint32_t i;

	for (i = 0; i < send->to_count; i++) {
		if ((send->skip & UINT32_C(1) << i) != 0)
			continue;
		longer = curl_slist_append(list, send->to[i].spec);
		if (longer == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static void set_security(CURL *curl, const struct email_send *send)
{
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
		(long)(send->security == EMAIL_NO_TLS ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (send->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, send->ca_file);
	if (send->user != NULL)
		curl_easy_setopt(curl, CURLOPT_USERNAME, send->user);
	if (send->password != NULL)
		curl_easy_setopt(curl, CURLOPT_PASSWORD, send->password);
	if (send->token[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, send->token);
}

static void set_message(CURL *curl, struct email_send *send, struct curl_slist *to)
{
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, send->from->spec);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, send);
}

static void set_all(CURL *curl, struct email_send *send, struct curl_slist *to, char *error)
{
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_URL, send->url);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a dead resolver */
	curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
	if (send->bytes != NULL)
		set_message(curl, send, to);
	else
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, send);
	/* The only way to see which answer belongs to which command. Nothing of it is written anywhere. */
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, send);
	set_security(curl, send);
}

static void take_result(struct email_send *send, CURLcode rc, const char *error)
{
	send->ok = rc == CURLE_OK;
	send->never_left = rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_RESOLVE_PROXY ||
			   rc == CURLE_COULDNT_CONNECT;
	send->no_login = rc == CURLE_LOGIN_DENIED;
	if (rc == CURLE_OK)
		return;
	if (rc == CURLE_USE_SSL_FAILED && send->talk.code < 400)
		snprintf(send->error, sizeof(send->error),
			"the server offers no encryption (STARTTLS); see the option security");
	else if (rc == CURLE_ABORTED_BY_CALLBACK)
		snprintf(send->error, sizeof(send->error), "no answer in time");
	else if (rc == CURLE_PEER_FAILED_VERIFICATION)
		snprintf(send->error, sizeof(send->error), "its certificate is not to be trusted: %.200s",
			error);
	else
		snprintf(send->error, sizeof(send->error), "%.250s",
			error[0] != '\0' ? error : curl_easy_strerror(rc));
}

void email_send_run(struct email_send *send)
{
	struct curl_slist *to = recipients(send);
	CURL *curl = curl_easy_init();
	char error[CURL_ERROR_SIZE] = "";

	email_talk_begin(&send->talk);
	send->taken = 0;
	send->whole = 0;
	send->ok = 0;
	send->never_left = 1;
	send->no_login = 0;
	send->token[0] = '\0';
	send->error[0] = '\0';
	if (curl == NULL || to == NULL) {
		snprintf(send->error, sizeof(send->error), "out of memory");
	} else if (atomic_load(&send->cancelled)) {
		snprintf(send->error, sizeof(send->error), "no answer in time");
	} else if (send->token_file == NULL ||
		   email_token_read(send->token, sizeof(send->token), send->token_file, send->error,
			   sizeof(send->error)) == 0) {
		set_all(curl, send, to, error);
		take_result(send, curl_easy_perform(curl), error);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
}
