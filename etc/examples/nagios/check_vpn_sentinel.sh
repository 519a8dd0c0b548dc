#!/bin/sh
# A plugin for Nagios and Icinga: one line, and the exit code 0 ok, 1 warning, 2 critical or 3 unknown.
#   check_vpn_sentinel.sh exit CONFIG        measures on this host, inside the tunnel, and reports
#   check_vpn_sentinel.sh server URL [CA]    asks a server how it is; CA: certificates to trust
set -u
program=${VPN_SENTINEL:-vpn-sentinel}

check_exit() {
	said=$("$program" client --once -c "$1" 2>&1)
	code=$?
	line=$(printf '%s\n' "$said" | sed -n 's/^verdict *//p' | head -n 1)
	[ -n "$line" ] || line=$(printf '%s\n' "$said" | tail -n 1)
	# Whatever else ends a program, such as a signal, says nothing about the tunnel.
	[ "$code" -le 3 ] || code=3
	printf 'VPN: %s\n' "$line" | tr '|' '/' # what follows a bar would be performance data
	exit "$code"
}

check_server() {
	said=$(curl -sS --max-time 10 ${2:+--cacert "$2"} "$1/health" 2>&1) || {
		printf 'VPN Sentinel: no answer: %s\n' "$said" | head -n 1 | tr '|' '/'
		exit 2
	}
	case $said in
	'{"status":"healthy"'*) echo 'VPN Sentinel: healthy' && exit 0 ;;
	'{"status":"degraded"'*) echo 'VPN Sentinel: degraded; vpn-sentinel doctor tells more' && exit 1 ;;
	'{"status":"'*) echo 'VPN Sentinel: not healthy; its log tells more' && exit 2 ;;
	esac
	echo 'VPN Sentinel: something else answers there'
	exit 3
}

case ${1:-}${2:+ argument} in
'exit argument') check_exit "$2" ;;
'server argument') check_server "${2%/}" "${3:-}" ;;
*) echo 'usage: check_vpn_sentinel.sh exit CONFIG | server URL [CA]' && exit 3 ;;
esac
