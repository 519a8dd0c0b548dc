#!/bin/sh
# Sends one keepalive with curl alone. See README.md for its variables and exit codes.
set -eu
fail() {
	printf 'keepalive.sh: %s\n' "$1" >&2
	exit 2
}
server=${VPN_SENTINEL_SERVER_API_BASE_URL:-${VPN_SENTINEL_URL:-}}
key=${VPN_SENTINEL_API_KEY:-}
path=${VPN_SENTINEL_API_PATH:-/api/v1}
id=${VPN_SENTINEL_CLIENT_ID:-$(uname -n)}
[ -n "$server" ] || fail "set VPN_SENTINEL_SERVER_API_BASE_URL, such as https://vpn.example.net:5000"
[ -n "$key" ] || [ -z "${VPN_SENTINEL_API_KEY_FILE:-}" ] || key=$(cat "$VPN_SENTINEL_API_KEY_FILE")
[ -n "$key" ] || fail "set VPN_SENTINEL_API_KEY or VPN_SENTINEL_API_KEY_FILE"
case $key in *[![:graph:]]*) fail "the key has other characters than a key can have" ;; esac
case $id in *[!A-Za-z0-9._-]*) fail "VPN_SENTINEL_CLIENT_ID may have letters, digits, dots, - and _" ;; esac

# Who sees this host tells its address and country; what cannot be measured is unknown, and the keepalive goes out.
trace=$(curl -sS --max-time 10 "${CLOUDFLARE_TRACE_URL:-https://www.cloudflare.com/cdn-cgi/trace}" || true)
ip=$(printf '%s\n' "$trace" | sed -n 's/^ip=\([0-9A-Fa-f.:]*\)\r*$/\1/p')
country=$(printf '%s\n' "$trace" | sed -n 's/^loc=\([A-Z][A-Z]\)\r*$/\1/p')

set -- -sS --fail-with-body --max-time "${VPN_SENTINEL_TIMEOUT:-30}" --retry 3 -H 'Content-Type: application/json'
[ -z "${VPN_SENTINEL_TLS_CERT_PATH:-}" ] || set -- "$@" --cacert "$VPN_SENTINEL_TLS_CERT_PATH"
[ -z "${VPN_SENTINEL_TLS_PIN:-}" ] || set -- "$@" --pinnedpubkey "$VPN_SENTINEL_TLS_PIN"
# The key goes in by standard input: arguments are seen by everybody on the machine.
printf 'X-API-Key: %s\n' "$key" | curl "$@" -H @- "${server%/}/${path#/}/keepalive" -d \
	"{\"client_id\":\"$id\",\"public_ip\":\"${ip:-unknown}\",\"country\":\"${country:-unknown}\"}"
