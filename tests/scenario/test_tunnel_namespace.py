"""The namespace of docs/deployment.md, made by its commands: whoever lives there has the tunnel and nothing else."""

import subprocess

import pytest

from blocks import block
from harness import vpnlab_netns

# Names of namespaces and sockets are files: they get folders of their own, and everything ends with the shell.
ALONE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
BEFORE = """set -eu
ip link set lo up
for folder in /run/netns /etc/netns /run/wireguard; do mkdir -p $folder; mount -t tmpfs none $folder; done
"""
MADE = """wireguard-go -f wg0 >/dev/null 2>&1 &
until ip link show wg0 >/dev/null 2>&1; do sleep 0.05; done
"""
AFTER = """
echo "devices: $(ip -n vpn -o link show | cut -d: -f2 | tr -d '\\n')"
echo "way: $(ip -n vpn route get 203.0.113.9 | head -n 1)"
echo "names: $(ip netns exec vpn cat /etc/resolv.conf)"
echo "outside: $(ip -o link show | cut -d: -f2 | tr -d '\\n')"
"""


def test_who_lives_there_has_the_tunnel_and_nothing_else():
    reason = vpnlab_netns.why_not()
    if reason:
        pytest.skip(reason)
    commands = block("docs/deployment.md", "run: namespace").text
    assert "ip link add wg0 type wireguard\n" in commands
    # The same device, made by a program where the kernel has no module for it.
    commands = commands.replace("ip link add wg0 type wireguard\n", MADE)
    done = subprocess.run([*ALONE, "sh", "-c", BEFORE + commands + AFTER], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert said["devices"].split() == ["lo", "wg0"]
    assert "dev wg0" in said["way"] and said["names"] == "nameserver 10.9.0.1"
    assert said["outside"].split() == ["lo"]
