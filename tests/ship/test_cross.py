"""Packages for arm64, made on this machine as packaging/README.md says; what is in them runs in an emulator."""

import platform
import re
import shutil

import pytest

from blocks import block
from engine import packages
from engine.machine import Machine

EMULATED = "qemu-aarch64-static /opt/arm64/usr/bin/vpn-sentinel"
ROUND_TRIP = f"""
ip link set lo up
umask 077
export VPN_SENTINEL_API_KEY=0123456789abcdef0123456789abcdef VPN_SENTINEL_DNS=no VPN_SENTINEL_STATE_DIR=/root/server
mkdir /root/server /root/client
{EMULATED} server -c /etc/vpn-sentinel/server.yaml >/root/server.log 2>&1 &
tries=300
until {EMULATED} healthcheck --role server >/dev/null 2>&1; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || {{ cat /root/server.log; exit 1; }}
	sleep 0.2
done
VPN_SENTINEL_STATE_DIR=/root/client VPN_SENTINEL_SERVER_API_BASE_URL=http://127.0.0.1:5000 VPN_SENTINEL_CLIENT_ID=arm \\
	{EMULATED} client --once -c /etc/vpn-sentinel/client.yaml || echo "code $?"
{EMULATED} status
kill $!
wait $! && echo "ended well"
"""


@pytest.fixture(scope="module")
def machine(bare_debian, made_packages, tmp_path_factory):
    """With the packages of its own architecture installed, and those for arm64 made."""
    if platform.machine() != "x86_64":
        pytest.skip("the README's commands are those of amd64")
    made = Machine(tmp_path_factory.mktemp("cross") / "root")
    try:
        made.copy_of(bare_debian)
        made.install(made_packages["vpn-sentinel"])
        made.file("/etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n', encoding="ascii")
        packages.copy_sources(made.file("/source"))
        made.run("cd /source && " + block("packaging/README.md", "run: cross").text)
        made.run("apt-get install -q -y --no-install-recommends qemu-user-static iproute2")
        yield made
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)


def test_the_packages_are_those_of_the_other_architecture(machine):
    made = machine.run("cd /source/build/arm64/deb && for file in *.deb; do dpkg-deb --field $file Package Architecture; done").stdout
    found = dict(re.findall(r"Package: (\S+)\nArchitecture: (\S+)\n", made))
    assert found.pop("python3-vpn-sentinel-client") == "all" and len(found) == 4 and set(found.values()) == {"arm64"}


def test_they_hold_the_same_manual_pages_and_completions(machine):
    machine.run("dpkg-deb -x /source/build/arm64/deb/vpn-sentinel_*_arm64.deb /opt/arm64")
    for folder in ("man", "bash-completion", "zsh", "fish"):
        kept = machine.run(f"cd / && find usr/share/{folder} -name '*vpn-sentinel*' -type f | sort | xargs sha256sum").stdout
        assert kept and kept == machine.run(f"cd /opt/arm64 && find usr/share/{folder} -name '*vpn-sentinel*' -type f | sort | "
                                            "xargs sha256sum").stdout


def test_every_plugin_is_loaded_in_an_emulator(machine):
    listed = machine.run(f"{EMULATED} plugin list").stdout
    own = machine.run("vpn-sentinel plugin list").stdout
    assert listed.count("  ok  ") == own.count("  ok  ") > 20


def test_both_roles_work_in_an_emulator(machine):
    done = machine.run(f"exec unshare --net sh -c '{ROUND_TRIP}'")
    assert "code 3" in done.stdout and re.search(r"^arm +alive", done.stdout, re.MULTILINE), done.stdout
    assert done.stdout.endswith("ended well\n"), done.stdout
