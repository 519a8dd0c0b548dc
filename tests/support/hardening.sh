#!/bin/sh
# Checks that the release in BUILD is what it says: PIE, full RELRO, stack protector, fortified,
# no writable and executable segment.
set -eu
program=$1/bin/vpn-sentinel
fail() {
	printf 'hardening: %s: %s\n' "$program" "$1" >&2
	exit 1
}
readelf -hW "$program" | grep -q 'Type:.*DYN' || fail "is not position independent"
readelf -lW "$program" | grep -q GNU_RELRO || fail "has no RELRO segment"
readelf -dW "$program" | grep -Eq 'BIND_NOW|FLAGS.*NOW' || fail "binds lazily"
readelf -sW "$program" | grep -q __stack_chk_fail || fail "has no stack protector"
readelf -sW "$program" | grep -Eq '__[a-z]+_chk' || fail "is not fortified"
if readelf -lW "$program" | grep GNU_STACK | grep -q RWE; then
	fail "has an executable stack"
fi
"$program" version >/dev/null
for plugin in "$1"/lib/vpn-sentinel/*/*.so; do
	readelf -dW "$plugin" | grep -Eq 'BIND_NOW|FLAGS.*NOW' || fail "$plugin binds lazily"
done
printf 'hardening: PIE, full RELRO, stack protector, fortified\n'
