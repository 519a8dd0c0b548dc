"""DNS that leaves beside a tunnel which carries everything else, and DNS that only looks as if it did."""

import pytest

from harness.vpnlab import (GOOGLE_EGRESS, ISP_EGRESS, ISP_RESOLVER, PUBLIC_RESOLVER, SERVER_EXITS, VPN_EGRESS, VPN_IP,
                            VPN_IP6)
from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.world.kill_switch(f"ip daddr {{ {ISP_RESOLVER}, {PUBLIC_RESOLVER} }} udp dport 53 accept",
                           f"ip daddr {{ {ISP_RESOLVER}, {PUBLIC_RESOLVER} }} tcp dport 53 accept")
    made.start()
    made.until_secure()
    return made


def resolvers(record):
    return record["facts"]["dns.resolvers"]["value"].split()


def asks(cast, address):
    """Waits until the client tells of a resolver, and gives its record."""
    return cast.server.wait_client(cast.id, lambda r: address in resolvers(r), f"to ask through {address}")


def test_the_providers_resolver_behind_the_tunnel_is_secure(cast):
    record = cast.until_secure()
    assert resolvers(record) == [VPN_EGRESS]
    assert record["verdicts"]["dns"]["verdict"] == "secure"


def test_a_resolver_outside_is_a_dns_leak_that_the_trace_alone_cannot_see(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.client.nameservers(ISP_RESOLVER)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "dns_leak")
    assert ISP_EGRESS in incident["evidence"]
    record = asks(cast, ISP_EGRESS)
    assert record["verdicts"]["dns"]["verdict"] == "leak" and record["verdicts"]["tunnel"]["verdict"] == "secure"
    assert record["facts"]["trace.ip"]["value"] == VPN_IP and record["dns_location"] == "RO", "the trace saw nothing"
    assert {request.peer for request in chapter.requests()} - SERVER_EXITS == {VPN_IP, VPN_IP6}, "all HTTP went inside"
    chapter.lasts()
    cast.world.client.nameservers(cast.world.tunnel.gateway)
    chapter.healed()
    assert chapter.opened() == ["dns_leak"]
    chapter.resolved("dns_leak")


def test_a_public_resolver_through_the_tunnel_is_a_third_party_and_no_leak(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.client.nameservers(PUBLIC_RESOLVER)
    asks(cast, GOOGLE_EGRESS)
    record = cast.server.wait_verdict(cast.id, "third_party")
    assert record["facts"]["dns.ecs"]["value"] == "198.51.100.0/24"
    assert chapter.opened() == []


def test_the_same_resolver_past_the_tunnel_is_a_leak_by_the_network_it_passes_on(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.client.ip("route", "add", PUBLIC_RESOLVER, "via", ISP_RESOLVER)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "dns_leak")
    assert "203.0.113.0/24" in incident["evidence"]
    assert cast.server.client(cast.id)["verdicts"]["dns"]["confidence"] == "high"
    cast.world.client.ip("route", "delete", PUBLIC_RESOLVER)
    cast.world.client.nameservers(cast.world.tunnel.gateway)
    chapter.healed()
    assert chapter.opened() == ["dns_leak"]
    chapter.resolved("dns_leak")


def test_a_resolver_that_died_is_unknown_with_its_cause_and_no_leak(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.vpn_resolver.stop()
    record = cast.server.wait_client(cast.id, lambda r: r["verdicts"]["dns"]["verdict"] == "unknown", "to be unknown")
    assert record["status"] == "alive" and "no nameserver answers" in record["verdicts"]["dns"]["evidence"]
    cast.world.vpn_resolver.start()
    chapter.healed()
    assert chapter.opened() == []
