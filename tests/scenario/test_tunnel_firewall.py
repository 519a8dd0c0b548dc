"""The firewall rules of docs/hardening.md, loaded between network namespaces: what they let through, and what not."""

import errno
import socket

import pytest

from blocks import block
from harness import vpnlab_netns
from harness.vpnlab_netns import Netns, address, wire

ENDPOINT, ELSEWHERE, ELSEWHERE6 = "198.51.100.1", "203.0.113.9", "2001:db8:77::9"


@pytest.fixture(scope="module")
def cable():
    """A host with a way out, eth0, and a tunnel, wg0; at the other end of both the world."""
    reason = vpnlab_netns.why_not()
    if reason:
        pytest.skip(reason)
    vpnlab_netns.sweep()
    host, world = Netns("host"), Netns("world")
    try:
        wire(host, "eth0", world, "eth0")
        wire(host, "wg0", world, "wg0")
        address(host, "eth0", "192.168.1.10/24", "2001:db8:1::10/64")
        address(host, "wg0", "10.9.0.2/24", "2001:db8:9::2/64")
        address(world, "eth0", "192.168.1.1/24", "2001:db8:1::1/64", f"{ENDPOINT}/32", f"{ELSEWHERE}/32", f"{ELSEWHERE6}/128",
                "192.0.2.7/32")
        address(world, "wg0", "10.9.0.1/24")
        host.ip("route", "add", "default", "via", "192.168.1.1")
        host.ip("-6", "route", "add", "default", "via", "2001:db8:1::1")
        yield host, world
    finally:
        host.close()
        world.close()


@pytest.fixture
def rules(cable):
    """Loads rules of the page into the host until the end of the test."""
    host, _ = cable
    yield host.nft
    host.run("nft", "flush", "ruleset")


def send(host, device, target, port, source_port=0):
    """0, or the error that the kernel has for a datagram by that device."""
    def work():
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as out:
            out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
            out.bind(("", source_port))
            try:
                out.sendto(b"x", (target, port))
            except OSError as error:
                return error.errno
            return 0
    return host.inside(work)


def test_the_kill_switch_lets_out_the_tunnel_and_what_carries_it_and_nothing_else(cable, rules):
    host, _ = cable
    for target in (ELSEWHERE, ELSEWHERE6, ENDPOINT):
        assert send(host, "eth0", target, 53) == 0, "without rules everything gets out"
    rules(block("docs/hardening.md", "file: killswitch.nft").text)
    for target in (ELSEWHERE, ELSEWHERE6, ENDPOINT):
        assert send(host, "eth0", target, 53) == errno.EPERM, target
    assert send(host, "eth0", ENDPOINT, 51820) == 0
    assert send(host, "eth0", "192.168.1.1", 53) == 0
    assert send(host, "eth0", ELSEWHERE, 67, source_port=68) == 0
    assert send(host, "wg0", "10.9.0.1", 53) == 0


def connects(world, source, patience):
    def work():
        with socket.socket() as out:
            out.settimeout(patience)
            out.bind((source, 0))
            try:
                out.connect(("192.168.1.10", 5000))
            except OSError:
                return False
            return True
    return world.inside(work)


def test_the_servers_firewall_lets_in_whom_it_knows_and_some_others(cable, rules):
    host, world = cable
    rules(block("docs/hardening.md", "file: server.nft").text)
    with host.inside(lambda: socket.create_server(("0.0.0.0", 5000), backlog=200)):
        strangers = 0
        while strangers < 100 and connects(world, "192.168.1.1", 0.5):
            strangers += 1
        assert 30 <= strangers < 100
        assert all(connects(world, "192.0.2.7", 10) for _ in range(40))
        host.inside(lambda: socket.create_connection(("127.0.0.1", 5000), 10).close())
