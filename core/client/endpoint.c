#include "client/endpoint.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "client/attempt.h"
#include "config/client_conf.h"
#include "net/tls.h"
#include "net/tls_peer.h"

#define PLACEHOLDER_HOST "your-server-url" /* what example files have had in this place */

/* The part of url after "scheme://", NULL when it has none. */
static const char *authority_of(const char *url)
{
	const char *found = strstr(url, "://");

	return found == NULL ? NULL : found + 3;
}

/* Everything but "user:password@", which also becomes a secret of the log. */
static char *without_userinfo(const char *url)
{
	const char *authority = authority_of(url);
	size_t len = strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', len);
	struct vs_buf shown;
	char *userinfo;
	char *colon;

	if (at == NULL)
		return vs_strdup(url);
	userinfo = vs_strndup(authority, (size_t)(at - authority));
	colon = strchr(userinfo, ':');
	vs_log_secret(userinfo);
	if (colon != NULL)
		vs_log_secret(colon + 1);
	vs_free(userinfo);
	vs_buf_init(&shown);
	vs_buf_add(&shown, url, (size_t)(authority - url));
	vs_buf_add_text(&shown, at + 1);
	return vs_buf_take(&shown);
}

static int check_server(const char *server, struct vs_err *err)
{
	const char *authority;

	if (server == NULL || server[0] == '\0')
		return vs_err_set(err, VS_ERR_INVALID,
			"no server is configured: set VPN_SENTINEL_SERVER_API_BASE_URL, for example to "
			"http://192.168.1.10:5000");
	authority = authority_of(server);
	if (authority == NULL ||
		(strncasecmp(server, "http://", 7) != 0 && strncasecmp(server, "https://", 8) != 0))
		return vs_err_set(err, VS_ERR_INVALID,
			"the server's URL must begin with http:// or https://; see "
			"VPN_SENTINEL_SERVER_API_BASE_URL");
	if (strncmp(authority, PLACEHOLDER_HOST, strlen(PLACEHOLDER_HOST)) == 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"the server's URL is still the placeholder of the example (" PLACEHOLDER_HOST
			"): set "
			"VPN_SENTINEL_SERVER_API_BASE_URL to the address of your server");
	return 0;
}

/* Read as servers read theirs; what it means to show it, only libcurl knows. */
static int check_pair(const struct vs_client_section *conf, struct vs_err *err)
{
	const struct vs_tls_conf pair = {.cert = conf->cert, .key = conf->cert_key};
	struct vs_tls_context *context = vs_tls_context_create(&pair, err);

	vs_tls_context_unref(context);
	return context != NULL ? 0 : VS_ERR_INVALID;
}

static int check_files(const struct vs_client_section *conf, struct vs_err *err)
{
	const struct {
		const char *path;
		const char *what;
		const char *variable;
	} files[] = {
		{conf->ca, "file of trusted certificates", "VPN_SENTINEL_TLS_CERT_PATH"},
		{conf->cert, "client's certificate", "VPN_SENTINEL_TLS_CLIENT_CERT_PATH"},
		{conf->cert_key, "key of the client's certificate", "VPN_SENTINEL_TLS_CLIENT_KEY_PATH"},
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].path != NULL && access(files[i].path, R_OK) != 0)
			return vs_err_set(err, VS_ERR_INVALID, "the %s %s cannot be read: %s; see %s",
				files[i].what, files[i].path, strerror(errno), files[i].variable);
	if (conf->ca != NULL)
		rc = vs_tls_peer_check_trusted(conf->ca, err);
	if (rc < 0)
		vs_err_prefix(err, "the file of trusted certificates");
	else if (conf->cert != NULL && conf->cert_key != NULL)
		rc = check_pair(conf, err);
	if (rc < 0 && err != NULL)
		err->code = VS_ERR_INVALID; /* whatever it was, it is a mistake in the configuration */
	return rc < 0 ? VS_ERR_INVALID : 0;
}

int vs_endpoint_init(struct vs_endpoint *endpoint, const struct vs_client_section *conf, struct vs_err *err)
{
	struct vs_buf url;
	int rc;

	*endpoint = (struct vs_endpoint){0};
	rc = check_server(conf->server, err);
	if (rc < 0)
		return rc;
	rc = check_files(conf, err);
	if (rc < 0)
		return rc;
	vs_buf_init(&url);
	vs_buf_printf(&url, "%s%s/keepalive", conf->server, conf->api_path == NULL ? "" : conf->api_path);
	endpoint->url = vs_buf_take(&url);
	endpoint->shown = without_userinfo(conf->server);
	return 0;
}

void vs_endpoint_target(const struct vs_endpoint *endpoint, const struct vs_client_section *conf,
	struct vs_attempt_settings *target)
{
	*target = (struct vs_attempt_settings){
		.url = endpoint->url,
		.key = conf->key,
		.ca_file = conf->ca,
		.pin = conf->pin,
		.cert_file = conf->cert,
		.key_file = conf->cert_key,
		.insecure = conf->insecure != 0,
		.timeout_ms = (uint32_t)conf->timeout_ms,
	};
}

const char *vs_endpoint_warning(const struct vs_client_section *conf)
{
	if (!conf->insecure || strncasecmp(conf->server, "https://", 8) != 0)
		return NULL;
	if (conf->pin != NULL)
		return "of the server's certificate only the pinned key is verified: its name, its dates and "
		       "its "
		       "issuer do not count; unset VPN_SENTINEL_ALLOW_INSECURE if they should";
	return "THE SERVER'S CERTIFICATE IS NOT VERIFIED: whoever sits on the way can read the key and "
	       "answer in the "
	       "server's place; unset VPN_SENTINEL_ALLOW_INSECURE and name the CA's file in "
	       "VPN_SENTINEL_TLS_CERT_PATH, or pin the server's key in VPN_SENTINEL_TLS_PIN";
}

void vs_endpoint_fini(struct vs_endpoint *endpoint)
{
	vs_free(endpoint->url);
	vs_free(endpoint->shown);
	*endpoint = (struct vs_endpoint){0};
}
