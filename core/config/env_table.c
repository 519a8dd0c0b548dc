/* Every variable that this program, or the one it takes over from, was ever told to read. */
#include "config/env.h"

static const struct vs_env_variable table[] = {
	/* Both roles. */
	{"VPN_SENTINEL_API_KEY", VS_ENV_ACCEPTED, "the key that clients show and the server wants to see"},
	{"VPN_SENTINEL_API_PATH", VS_ENV_ACCEPTED, "where the API begins, /api/v1"},
	{"VPN_SENTINEL_STATE_DIR", VS_ENV_ACCEPTED, "the directory of state, /var/lib/vpn-sentinel"},
	{"VPN_SENTINEL_CONFIG", VS_ENV_ACCEPTED, "the configuration file, when -c does not name one"},
	{"VPN_SENTINEL_PLUGIN_PATH", VS_ENV_ACCEPTED, "more directories to look for plugins in"},
	{"VPN_SENTINEL_TLS_CERT_PATH", VS_ENV_ACCEPTED, "server: its certificate; client: the CA to trust"},
	{"VPN_SENTINEL_TLS_KEY_PATH", VS_ENV_ACCEPTED, "server: the key of its certificate"},
	{"IPINFO_URL", VS_ENV_ACCEPTED, "where ipinfo is asked, at each round too"},
	{"IPINFO_TOKEN", VS_ENV_ACCEPTED, "the token of the probe ipinfo"},
	{"IPINFO_API_TOKEN", VS_ENV_ALIAS, "IPINFO_TOKEN"},
	{"VPN_SENTINEL_LOCATE", VS_ENV_ACCEPTED, "who asks where exits are: server, client or off"},
	{"CLOUDFLARE_TRACE_URL", VS_ENV_ACCEPTED, "where the probe cloudflare_trace asks"},
	{"TZ", VS_ENV_ACCEPTED, "the time zone of messages, UTC"},

	{"VPN_SENTINEL_ZONE", VS_ENV_ACCEPTED, "the DNS zone that was delegated to the server"},
	{"VPN_SENTINEL_ZONE_NS", VS_ENV_ACCEPTED, "server: its name there"},
	{"VPN_SENTINEL_ZONE_LISTEN", VS_ENV_ACCEPTED, "server: where it answers DNS, 0.0.0.0:53"},
	{"VPN_SENTINEL_LOG_FILE", VS_ENV_ACCEPTED, "a file that gets every line of the log too"},
	{"VPN_SENTINEL_LOG_MAX_SIZE", VS_ENV_ACCEPTED, "its size before a new one is begun, 10MiB"},
	{"VPN_SENTINEL_LOG_MAX_BACKUPS", VS_ENV_ACCEPTED, "how many earlier ones are kept, 5"},

	/* The client. */
	{"VPN_SENTINEL_SERVER_API_BASE_URL", VS_ENV_ACCEPTED, "the server's URL without the API's path"},
	{"VPN_SENTINEL_URL", VS_ENV_ALIAS, "VPN_SENTINEL_SERVER_API_BASE_URL"},
	{"VPN_SENTINEL_SERVER_URL", VS_ENV_ALIAS, "VPN_SENTINEL_SERVER_API_BASE_URL"},
	{"VPN_SENTINEL_CLIENT_ID", VS_ENV_ACCEPTED, "the client's name"},
	{"VPN_SENTINEL_INTERVAL", VS_ENV_ACCEPTED, "time between keepalives; a bare number counts seconds"},
	{"INTERVAL", VS_ENV_ALIAS, "VPN_SENTINEL_INTERVAL"},
	{"VPN_SENTINEL_CHECK_INTERVAL", VS_ENV_ALIAS, "VPN_SENTINEL_INTERVAL"},
	{"VPN_SENTINEL_TIMEOUT", VS_ENV_ACCEPTED,
		"the longest a request may take; a bare number counts seconds"},
	{"TIMEOUT", VS_ENV_ALIAS, "VPN_SENTINEL_TIMEOUT"},
	{"VPN_SENTINEL_TLS_PIN", VS_ENV_ACCEPTED,
		"the server's key, as `vpn-sentinel cert show` prints its pin"},
	{"VPN_SENTINEL_TLS_CLIENT_CERT_PATH", VS_ENV_ACCEPTED,
		"a certificate of the client, for servers that ask for one"},
	{"VPN_SENTINEL_TLS_CLIENT_KEY_PATH", VS_ENV_ACCEPTED, "the key of the client's certificate"},
	{"VPN_SENTINEL_ALLOW_INSECURE", VS_ENV_ACCEPTED, "yes: do not verify the server's certificate"},

	{"VPN_SENTINEL_DNS", VS_ENV_ACCEPTED, "no: do not look through whom names are resolved"},
	{"VPN_SENTINEL_TUNNEL", VS_ENV_ACCEPTED, "the tunnel's devices, such as wg0, or auto: watch them"},
	{"VPN_SENTINEL_KILLSWITCH", VS_ENV_ACCEPTED, "yes: try to get past the tunnel every 15 minutes"},

	/* The server. */
	{"VPN_SENTINEL_SERVER_ADDRESS", VS_ENV_ACCEPTED, "the address it listens on, 0.0.0.0: all"},
	{"VPN_SENTINEL_SERVER_API_PORT", VS_ENV_ACCEPTED, "the port it listens on, 5000"},
	{"VPN_SENTINEL_SERVER_ALLOWED_IPS", VS_ENV_ACCEPTED,
		"addresses and prefixes that may ask; all when unset"},
	{"VPN_SENTINEL_ALLOWED_IPS", VS_ENV_ALIAS, "VPN_SENTINEL_SERVER_ALLOWED_IPS"},
	{"VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS", VS_ENV_ACCEPTED, "requests a minute and address, 30"},
	{"VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES", VS_ENV_ACCEPTED,
		"silence after which a client is lost, 15"},
	{"VPN_SENTINEL_ALERT_THRESHOLD_MINUTES", VS_ENV_ALIAS, "VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES"},
	{"VPN_SENTINEL_FAULT", VS_ENV_ACCEPTED,
		"debug builds only: the step at which the server kills itself, for tests"},
	{"DNS_LEAK_TOLERANCE", VS_ENV_ACCEPTED,
		"rounds, or countries, AS numbers and prefixes that are no leak"},
	{"TELEGRAM_BOT_TOKEN", VS_ENV_ACCEPTED, "the bot that sends alerts"},
	{"VPN_SENTINEL_TELEGRAM_BOT_TOKEN", VS_ENV_ALIAS, "TELEGRAM_BOT_TOKEN"},
	{"TELEGRAM_CHAT_ID", VS_ENV_ACCEPTED, "the chat that alerts go to"},
	{"VPN_SENTINEL_TELEGRAM_CHAT_ID", VS_ENV_ALIAS, "TELEGRAM_CHAT_ID"},
	{"TELEGRAM_API_URL", VS_ENV_ACCEPTED, "the Bot API, https://api.telegram.org"},
	{"VPN_SENTINEL_TELEGRAM_ENABLED", VS_ENV_ACCEPTED, "yes, no, or auto: when token and chat are set"},
	{"WEBHOOK_URL", VS_ENV_ACCEPTED, "where alerts are sent as JSON events"},
	{"WEBHOOK_KEY", VS_ENV_ACCEPTED, "what signs these events"},
	{"WEBHOOK_OLD_KEY", VS_ENV_ACCEPTED, "what signs them as well, while the key changes"},

	/* What libraries read by themselves. */
	{"SSL_CERT_FILE", VS_ENV_ACCEPTED, "certificates to trust in outgoing connections"},
	{"CURL_CA_BUNDLE", VS_ENV_ACCEPTED, "the same, as the curl tool has it"},
	{"REQUESTS_CA_BUNDLE", VS_ENV_OBSOLETE, "set SSL_CERT_FILE instead"},

	/* Read by earlier versions, or shipped in their files. */
	{"VPN_SENTINEL_SERVER_HEALTH_PORT", VS_ENV_OBSOLETE,
		"/health is served on every listener that says so"},
	{"VPN_SENTINEL_SERVER_DASHBOARD_PORT", VS_ENV_OBSOLETE, "the page is served on the API's port at /"},
	{"VPN_SENTINEL_SERVER_WEB_DASHBOARD_ENABLED", VS_ENV_OBSOLETE,
		"the page belongs to the API's listener"},
	{"VPN_SENTINEL_SERVER_DASHBOARD_ENABLED", VS_ENV_OBSOLETE, "the page belongs to the API's listener"},
	{"VPN_SENTINEL_SERVER_CHECK_INTERVAL_MINUTES", VS_ENV_OBSOLETE,
		"every client has a deadline of its own; set monitor.grace and monitor.lost_after"},
	{"VPN_SENTINEL_CLIENT_TIMEOUT_MINUTES", VS_ENV_OBSOLETE,
		"silent clients are kept and shown as lost; set monitor.forget_after"},
	{"VPN_SENTINEL_DEBUG", VS_ENV_OBSOLETE, "set log.level to debug"},
	{"VPN_SENTINEL_GEOLOCATION_SERVICE", VS_ENV_OBSOLETE,
		"the list 'probes' in client.yaml says who is asked"},
	{"VPN_SENTINEL_HEALTH_MONITOR", VS_ENV_OBSOLETE,
		"the command 'vpn-sentinel healthcheck' replaces it"},
	{"VPN_SENTINEL_HEALTH_PORT", VS_ENV_OBSOLETE, "the command 'vpn-sentinel healthcheck' replaces it"},
	{"VPN_SENTINEL_HEALTH_PIDFILE", VS_ENV_OBSOLETE,
		"the command 'vpn-sentinel healthcheck' replaces it"},
	{"VPN_SENTINEL_CLIENT_VERSION", VS_ENV_OBSOLETE, "the client reports the version that it is"},
	{"VPN_SENTINEL_TEST_CAPTURE_PATH", VS_ENV_OBSOLETE,
		"the command 'vpn-sentinel client --once' prints a report"},
	{"VERSION", VS_ENV_OBSOLETE, "the program reports the version that it is"},
	{"COMMIT_HASH", VS_ENV_OBSOLETE, "the program reports the version that it is"},
	{"ENVIRONMENT", VS_ENV_OBSOLETE, "there is one way to run"},
};

const struct vs_env_variable *vs_env_table(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}
