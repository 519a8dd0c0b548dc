#include "server/certificate.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/kind.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "server/troubles.h"

#define AREA "tls"
#define LOOK_MS 10000
#define DAY_MS INT64_C(86400000)
#define SOON_MS (14 * DAY_MS)

/* What tells one state of a file, or of what a link names, from another. */
struct stamp {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec written;
	struct timespec changed;
};

struct vs_certificate {
	struct vs_loop *loop;
	const struct vs_clock *clock;
	struct vs_timer *timer;
	char *cert;
	char *key;
	uint32_t min_version;
	struct vs_tls_context *context;
	struct vs_http_server *http; /* NULL: not yet */
	struct vs_troubles *troubles;
	struct stamp stamps[2];
	unsigned failures; /* looks since the files could not be used any more */
};

static void take_stamp(struct stamp *stamp, const char *path)
{
	struct stat info;

	memset(stamp, 0, sizeof(*stamp));
	if (stat(path, &info) < 0)
		return;
	stamp->device = info.st_dev;
	stamp->number = info.st_ino;
	stamp->size = info.st_size;
	stamp->written = info.st_mtim;
	stamp->changed = info.st_ctim;
}

static void take_stamps(const struct vs_certificate *certificate, struct stamp stamps[2])
{
	take_stamp(&stamps[0], certificate->cert);
	take_stamp(&stamps[1], certificate->key);
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->number == b->number && a->size == b->size &&
	       is_same_time(&a->written, &b->written) && is_same_time(&a->changed, &b->changed);
}

static void on_warning(void *arg, const char *sentence)
{
	const struct vs_certificate *certificate = arg;

	vs_log(VS_LOG_WARN, AREA, "%s: %s", certificate->cert, sentence);
}

static void say_loaded(struct vs_certificate *certificate, const char *what)
{
	const struct vs_tls_facts *facts = vs_certificate_facts(certificate);
	char until[VS_TIME_TEXT];

	vs_time_format(until, facts->not_after);
	vs_log(VS_LOG_INFO, AREA, "%s %s (%s, serial %s) from %s, until %s", what,
		facts->name[0] != '\0' ? facts->name : "no name", facts->kind, facts->serial,
		certificate->cert, until);
	vs_tls_facts_warn(facts, certificate->clock->wall_ms(), on_warning, certificate);
}

static struct vs_tls_context *load(
	const char *cert, const char *key, uint32_t min_version, struct vs_err *err)
{
	const struct vs_tls_conf conf = {cert, key, min_version == 1 ? VS_TLS_1_3 : VS_TLS_1_2};

	return vs_tls_context_create(&conf, err);
}

/* The date and not the days that are left: it is one incident, and its evidence stays true. */
static void tell(const struct vs_certificate *certificate)
{
	const struct vs_tls_facts *facts = vs_certificate_facts(certificate);
	const char *name = facts->name[0] != '\0' ? facts->name : certificate->cert;
	int64_t now = certificate->clock->wall_ms();
	char at[VS_TIME_TEXT];
	char sentence[512];

	vs_time_format(at, facts->not_after);
	if (facts->not_after - now >= SOON_MS) {
		vs_troubles_resolve(certificate->troubles, VS_KIND_CERTIFICATE_EXPIRING, "");
	} else if (now < facts->not_after) {
		(void)snprintf(sentence, sizeof(sentence), "the certificate of %s (serial %s) expires at %s",
			name, facts->serial, at);
		vs_troubles_open(certificate->troubles, VS_KIND_CERTIFICATE_EXPIRING, "", sentence);
	} else {
		(void)snprintf(sentence, sizeof(sentence),
			"the certificate of %s (serial %s) has expired at %s: clients that verify it cannot "
			"report",
			name, facts->serial, at);
		vs_troubles_escalate(certificate->troubles, VS_KIND_CERTIFICATE_EXPIRING, "", sentence);
	}
}

static void use(struct vs_certificate *certificate, struct vs_tls_context *context)
{
	vs_tls_context_unref(certificate->context);
	certificate->context = context;
	certificate->failures = 0;
	if (certificate->http != NULL)
		vs_http_server_set_tls(certificate->http, context);
	if (certificate->troubles != NULL)
		tell(certificate);
}

int vs_certificate_reload(
	struct vs_certificate *certificate, const struct vs_server_tls_conf *conf, struct vs_err *err)
{
	bool first = certificate->context == NULL;
	struct stamp stamps[2];
	struct vs_tls_context *context;

	/* Before the files are read: what is written meanwhile is seen at the next look. */
	take_stamp(&stamps[0], conf->cert);
	take_stamp(&stamps[1], conf->key);
	context = load(conf->cert, conf->key, conf->min_version, err);
	if (context == NULL)
		return err->code;
	if (certificate->cert != conf->cert) {
		vs_free(certificate->cert);
		vs_free(certificate->key);
		certificate->cert = vs_strdup(conf->cert);
		certificate->key = vs_strdup(conf->key);
	}
	certificate->min_version = conf->min_version;
	memcpy(certificate->stamps, stamps, sizeof(stamps));
	use(certificate, context);
	say_loaded(certificate,
		first ? "TLS with the certificate of" : "new connections get the certificate of");
	return 0;
}

struct vs_certificate *vs_certificate_create(struct vs_loop *loop, const struct vs_clock *clock,
	const struct vs_server_tls_conf *conf, struct vs_err *err)
{
	struct vs_certificate *certificate = vs_zalloc(sizeof(*certificate));

	certificate->loop = loop;
	certificate->clock = clock;
	if (vs_certificate_reload(certificate, conf, err) == 0)
		return certificate;
	vs_certificate_destroy(certificate);
	return NULL;
}

void vs_certificate_destroy(struct vs_certificate *certificate)
{
	if (certificate == NULL)
		return;
	vs_timer_destroy(certificate->timer);
	vs_tls_context_unref(certificate->context);
	vs_free(certificate->cert);
	vs_free(certificate->key);
	vs_free(certificate);
}

void vs_certificate_serve(struct vs_certificate *certificate, struct vs_http_server *http)
{
	certificate->http = http;
	if (http != NULL)
		vs_http_server_set_tls(http, certificate->context);
}

/*
 * The two files are exchanged one after the other, so that for a moment they do not belong together: that is
 * worth a line only when it is still so at the next look.
 */
void vs_certificate_look(struct vs_certificate *certificate)
{
	const struct vs_server_tls_conf conf = {
		.cert = certificate->cert, .key = certificate->key, .min_version = certificate->min_version};
	struct stamp stamps[2];
	struct vs_err err;

	take_stamps(certificate, stamps);
	if (certificate->failures == 0 && is_same(&stamps[0], &certificate->stamps[0]) &&
		is_same(&stamps[1], &certificate->stamps[1]))
		return;
	if (vs_certificate_reload(certificate, &conf, &err) == 0)
		return;
	certificate->failures++;
	if (certificate->failures == 2)
		vs_log(VS_LOG_WARN, AREA,
			"the files of the certificate have changed and cannot be used; the one before, with "
			"serial "
			"%s, is used on: %s",
			vs_certificate_facts(certificate)->serial, err.text);
}

static void on_time(void *arg)
{
	struct vs_certificate *certificate = arg;

	vs_timer_start(certificate->timer, LOOK_MS);
	vs_certificate_look(certificate);
	tell(certificate);
}

void vs_certificate_watch(struct vs_certificate *certificate, struct vs_troubles *troubles)
{
	if (certificate == NULL) {
		vs_troubles_resolve(troubles, VS_KIND_CERTIFICATE_EXPIRING, "");
		return;
	}
	certificate->troubles = troubles;
	if (certificate->timer == NULL)
		certificate->timer = vs_timer_create(certificate->loop, on_time, certificate);
	vs_timer_start(certificate->timer, 0);
}

const struct vs_tls_facts *vs_certificate_facts(const struct vs_certificate *certificate)
{
	return vs_tls_context_facts(certificate->context);
}
