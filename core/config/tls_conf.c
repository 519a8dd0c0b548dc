#include "config/tls_conf.h"
#include "config/outline.h"

static const struct vpns_option options[] = {
	{"cert", VPNS_PATH(struct vs_server_tls_conf, cert), 0, NULL, 0, 0, 0, NULL,
		"the server's certificate and behind it those that lead to a known one, in PEM"},
	{"key", VPNS_PATH(struct vs_server_tls_conf, key), 0, NULL, 0, 0, 0, NULL,
		"the key of the certificate, in PEM, without a passphrase"},
	{"min_version", VPNS_CHOICE(struct vs_server_tls_conf, min_version), 0, "1.2", 0, 0, 0, "1.2|1.3",
		"the oldest version of TLS that is spoken"},
};

const struct vs_rows vs_tls_rows = VS_ROWS(options, "tls", NULL);
static const struct vs_section section = {"tls", &vs_tls_rows, 0, sizeof(struct vs_server_tls_conf)};

void vs_server_tls_read(
	const struct vs_reading *reading, const struct vs_node *server, struct vs_server_tls_conf *tls)
{
	const struct vs_node *map = server != NULL ? vs_node_get(server, "tls") : NULL;

	*tls = (struct vs_server_tls_conf){0};
	if (map == NULL)
		return;
	vs_section_read(reading, &section, server, tls);
	tls->mark = vs_mark_of(map, "cert");
	/* Plain text where somebody asked for TLS would be worse than not starting. */
	if (vs_node_is_broken(vs_node_get(map, "cert")) || vs_node_is_broken(vs_node_get(map, "key")))
		return; /* reported */
	if (tls->cert != NULL && tls->key == NULL)
		vs_problems_error(reading->problems, tls->mark,
			"a certificate without its key: set 'key' (VPN_SENTINEL_TLS_KEY_PATH), or unset "
			"'cert' to "
			"be without TLS");
	else if (tls->key != NULL && tls->cert == NULL)
		vs_problems_error(reading->problems, vs_mark_of(map, "key"),
			"a key without its certificate: set 'cert' (VPN_SENTINEL_TLS_CERT_PATH), or unset "
			"'key' to "
			"be without TLS");
}
