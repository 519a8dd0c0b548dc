"""What leaks beside OpenVPN while it is up: names, IPv6, a kill switch that is gone, an exit where it must not be."""

import pytest

from harness.vpnlab import (HOME_IP6, ISP_EGRESS, ISP_RESOLVER, OTHER_IP, PUBLIC_RESOLVER, SERVER_EXITS, VPN_EGRESS,
                            VPN_IP, VPN_IP6)
from harness.vpnlab_roles import Cast, probe
from harness.vpnlab_tunnels import OpenVpn

LETS_DNS_OUT = f"ip daddr {ISP_RESOLVER} udp dport 53 accept", f"ip daddr {ISP_RESOLVER} tcp dport 53 accept"
WORLD6 = ("2000::/4", "3000::/4")  # what OpenVPN takes of the IPv6 internet


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, OpenVpn(tunnel_lab.world))
    made.server.config["monitor"]["policy"] = [{"allow": ["RO"]}]
    made.client.config["probes"].append(probe("killswitch", every="2s", wait="1s"))
    made.world.kill_switch()
    return made.start()


def verdicts(record):
    return {question: answer["verdict"] for question, answer in record["verdicts"].items()}


def test_every_question_is_answered_by_secure(cast):
    cast.until_secure()
    record = cast.server.wait_client(cast.id, lambda r: set(verdicts(r).values()) == {"secure"}, "to be secure in all")
    facts = {name: fact["value"] for name, fact in record["facts"].items()}
    assert (facts["exit.ip"], facts["exit6.ip"], facts["dns.resolvers"]) == (VPN_IP, VPN_IP6, VPN_EGRESS)
    assert (facts["tunnel.interface"], facts["path.exit"], facts["path.exit6"]) == ("tun0", "tunnel", "tunnel")


def test_a_resolver_outside_is_a_dns_leak_that_the_trace_alone_cannot_see(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.kill_switch(*LETS_DNS_OUT)
    cast.world.client.nameservers(ISP_RESOLVER)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "dns_leak")
    assert ISP_EGRESS in incident["evidence"]
    record = cast.server.client(cast.id)
    assert verdicts(record) == {**verdicts(record), "tunnel": "secure", "dns": "leak"}
    assert record["facts"]["trace.ip"]["value"] == VPN_IP and record["dns_location"] == "RO", "the trace saw nothing"
    assert {request.peer for request in chapter.requests()} - SERVER_EXITS == {VPN_IP, VPN_IP6}, "all HTTP went inside"
    chapter.lasts()
    cast.world.client.nameservers(cast.world.tunnel.gateway)
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["dns_leak"]
    chapter.resolved("dns_leak")


def test_a_public_resolver_past_the_tunnel_is_a_leak_by_the_network_it_passes_on(cast):
    chapter = cast.chapter("dns_leak")
    cast.world.kill_switch(f"ip daddr {PUBLIC_RESOLVER} udp dport 53 accept")
    cast.world.client.ip("route", "add", PUBLIC_RESOLVER, "via", ISP_RESOLVER)
    cast.world.client.nameservers(PUBLIC_RESOLVER)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "dns_leak")
    assert "203.0.113.0/24" in incident["evidence"]
    chapter.lasts()
    cast.world.client.ip("route", "delete", PUBLIC_RESOLVER)
    cast.world.client.nameservers(cast.world.tunnel.gateway)
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["dns_leak"]
    chapter.resolved("dns_leak")


def test_ipv6_past_the_tunnel_is_a_leak_of_its_own(cast):
    chapter = cast.chapter()
    cast.world.kill_switch("meta nfproto ipv6 accept")
    for network in WORLD6:
        cast.world.client.ip("-6", "route", "delete", network, "dev", "tun0")
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "ipv6_leak")
    assert incident["severity"] == "critical" and HOME_IP6 in incident["evidence"]
    record = cast.server.client(cast.id)
    assert verdicts(record) == {**verdicts(record), "tunnel": "secure", "ipv6": "leak"}
    chapter.lasts()
    for network in WORLD6:
        cast.world.client.ip("-6", "route", "add", network, "dev", "tun0")
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["ipv6_leak"]
    chapter.resolved("ipv6_leak")


def test_a_kill_switch_removed_while_the_tunnel_is_up_is_told(cast):
    chapter = cast.chapter()
    cast.world.no_kill_switch()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "killswitch_open")
    assert incident["severity"] == "critical" and "eth0" in incident["evidence"]
    assert verdicts(cast.server.client(cast.id))["tunnel"] == "secure"
    chapter.lasts()
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["killswitch_open"]
    chapter.resolved("killswitch_open")


def test_an_exit_in_another_country_violates_the_policy(cast):
    chapter = cast.chapter()
    cast.world.exit_at(OTHER_IP)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "policy")
    assert "CH" in incident["evidence"] and "RO" in incident["evidence"]
    chapter.lasts()
    cast.world.exit_at(VPN_IP)
    chapter.healed()
    assert chapter.opened() == ["policy"]
    chapter.resolved("policy")
