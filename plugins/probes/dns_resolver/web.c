/*
 * Techniques that ask a web service who resolved names below its own. Each runs once a window: they are
 * shared by many, and learn of whoever asks.
 */
#include "dns_resolver.h"

#include <stdio.h>
#include <string.h>

enum { SAMPLES = 3, RECORDING_MS = 2000, URL_SIZE = 1024 };

static const char placeholder[] = "LABEL";

static enum dns_resolver_service service_of(const struct web *web)
{
	return (enum dns_resolver_service)(web->technique - BASH_WS);
}

static void end(struct web *web, const char *problem)
{
	struct resolver *self = web->self;

	if (problem != NULL)
		resolver_problem(self, web->technique, problem);
	else
		self->due_ms[web->technique][SYSTEM] =
			self->host->mono_ms(self->host) + (uint64_t)self->config->window_ms;
	web->busy = 0;
	resolver_go_on(self);
}

/* url with label in the place of LABEL; -1 when that is too long. */
static int write_url(char out[URL_SIZE], const char *url, const char *label)
{
	const char *at = strstr(url, placeholder);
	int len;

	if (at == NULL)
		len = snprintf(out, URL_SIZE, "%s", url);
	else
		len = snprintf(
			out, URL_SIZE, "%.*s%s%s", (int)(at - url), url, label, at + strlen(placeholder));
	return len < URL_SIZE ? 0 : -1;
}

static int get(struct web *web, const char *url, void (*done)(void *arg, const struct vpns_http_reply *reply))
{
	struct resolver *self = web->self;
	const struct vpns_http_header json = {"Accept", "application/json"};
	const struct vpns_http_request request = {
		.size = sizeof(request),
		.url = url,
		.headers = &json,
		.header_count = 1,
		.timeout_ms = self->query_timeout_ms,
	};

	web->request = self->http->request(self->host, &request, done, web);
	return web->request != 0 ? 0 : -1;
}

/* A label of its own for each name; Mullvad wants the form of a UUID. */
static void make_label(const struct web *web, char out[64])
{
	char label[LABEL_LEN + 1];

	label_make(label);
	if (web->technique == IPLEAK)
		snprintf(out, 64, "%s-%.12s", web->session, label);
	else if (web->technique == MULLVAD)
		label_make_uuid(out);
	else
		snprintf(out, 64, "%s", label);
}

static void ask_sample(struct web *web);

static const char *trouble(const struct vpns_http_reply *reply, char text[64])
{
	if (reply->error != VPNS_HTTP_OK)
		return reply->error_text;
	snprintf(text, 64, "HTTP %u", (unsigned)reply->status);
	return reply->status == 200 ? NULL : text;
}

static void on_result(void *arg, const struct vpns_http_reply *reply)
{
	struct web *web = arg;
	struct dns_resolver_found found;
	char text[64];
	const char *problem = trouble(reply, text);
	uint32_t i;

	web->request = 0;
	if (problem == NULL &&
		dns_resolver_service_parse(&found, service_of(web), reply->body, (size_t)reply->body_len) < 0)
		problem = "the answer is not what this service says";
	if (problem != NULL) {
		end(web, problem);
		return;
	}
	for (i = 0; i < found.count; i++) {
		const struct dns_resolver_answer answer = {"", ""};
		struct dns_resolver_answer one = answer;

		memcpy(one.resolver, found.addresses[i], sizeof(one.resolver));
		resolver_learn(web->self, web->technique, &one);
	}
	if (found.ecs[0] != '\0') {
		struct dns_resolver_answer one = {"", ""};

		memcpy(one.ecs, found.ecs, sizeof(one.ecs));
		resolver_learn(web->self, web->technique, &one);
	}
	if (found.count > 0)
		web->self->samples += web->asked;
	web->asked = 0;
	web->found += found.count;
	if (web->samples > 0)
		ask_sample(web);
	else
		end(web, web->found > 0 ? NULL : "it has seen no resolver");
}

static void ask_sample(struct web *web)
{
	char url[URL_SIZE];
	char label[64];

	web->samples--;
	web->asked++;
	make_label(web, label);
	if (write_url(url, web->self->config->urls[web->technique - BASH_WS], label) < 0 ||
		get(web, url, on_result) < 0)
		end(web, "the request could not be made: is its URL right?");
}

static void on_recorded(void *arg)
{
	struct web *web = arg;

	web->timer = 0;
	ask_sample(web);
}

static void ask_result(struct web *web)
{
	char url[URL_SIZE];

	if (snprintf(url, sizeof(url), "%s/dnsleak/test/%s?json", web->self->config->urls[0], web->session) >=
			URL_SIZE ||
		get(web, url, on_result) < 0)
		end(web, "the request could not be made: is its URL right?");
}

/* All names have been asked for; what they showed is recorded a little later. */
void web_names_done(struct web *web)
{
	struct resolver *self = web->self;

	if (web->technique == BASH_WS) {
		ask_result(web);
		return;
	}
	web->timer = self->timer->set(self->host, RECORDING_MS, on_recorded, web);
	if (web->timer == 0)
		end(web, "no timer is left");
}

static void ask_names(struct web *web)
{
	struct resolver *self = web->self;
	char name[NAME_MAX_];
	char label[64];
	int64_t i;

	for (i = 0; i < self->config->labels; i++) {
		if (web->technique == BASH_WS)
			snprintf(name, sizeof(name), "%d.%s.%s", (int)i + 1, web->session,
				self->config->bash_ws_zone);
		else {
			make_label(web, label);
			snprintf(name, sizeof(name), "%s.%s", label, self->config->ipleak_zone);
		}
		web->names += (uint32_t)resolver_add_question(self, web->technique, name);
	}
	web->asked = web->names;
	if (web->names == 0)
		end(web, "its names could not be asked for");
	else
		resolver_go_on(self);
}

static void on_id(void *arg, const struct vpns_http_reply *reply)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct web *web = arg;
	char text[64];
	const char *problem = trouble(reply, text);
	size_t len = problem == NULL ? strspn(reply->body, allowed) : 0;

	web->request = 0;
	if (problem == NULL &&
		(len < 4 || len >= 40 || strspn(reply->body + len, " \r\n") != reply->body_len - len))
		problem = "the answer is no id";
	if (problem != NULL) {
		end(web, problem);
		return;
	}
	memcpy(web->session, reply->body, len);
	web->session[len] = '\0';
	ask_names(web);
}

static void begin(struct web *web)
{
	char first[LABEL_LEN + 1];
	char second[LABEL_LEN + 1];
	char url[URL_SIZE];

	web->busy = 1;
	web->names = 0;
	web->asked = 0;
	web->found = 0;
	web->samples = 1;
	web->self->tried |= 1u << web->technique;
	if (web->technique == BASH_WS) {
		web->samples = 0;
		if (snprintf(url, sizeof(url), "%s/id", web->self->config->urls[0]) >= URL_SIZE ||
			get(web, url, on_id) < 0)
			end(web, "the request could not be made: is its URL right?");
	} else if (web->technique == IPLEAK) {
		label_make(first);
		label_make(second);
		snprintf(web->session, sizeof(web->session), "%s%.14s", first, second);
		ask_names(web);
	} else {
		web->samples =
			(uint32_t)(web->self->config->labels < SAMPLES ? web->self->config->labels : SAMPLES);
		ask_sample(web);
	}
}

void web_begin(struct resolver *self)
{
	uint64_t now = self->host->mono_ms(self->host);
	uint32_t i;

	for (i = 0; i < WEBS; i++) {
		struct web *web = &self->webs[i];

		web->self = self;
		web->technique = (uint8_t)(BASH_WS + i);
		if ((self->wanted & (1u << web->technique)) != 0 &&
			now >= self->due_ms[web->technique][SYSTEM])
			begin(web);
	}
}

int web_is_busy(const struct resolver *self)
{
	uint32_t i;

	for (i = 0; i < WEBS; i++)
		if (self->webs[i].busy)
			return 1;
	return 0;
}

void web_stop(struct resolver *self)
{
	uint32_t i;

	for (i = 0; i < WEBS; i++) {
		struct web *web = &self->webs[i];

		if (web->request != 0)
			self->http->cancel(self->host, web->request);
		if (web->timer != 0)
			self->timer->cancel(self->host, web->timer);
		web->request = 0;
		web->timer = 0;
		web->busy = 0;
	}
}
