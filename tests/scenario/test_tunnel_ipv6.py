"""IPv6 beside a tunnel that carries IPv4: leaking, and merely open."""

import pytest

from harness.vpnlab import HOME_IP6, VPN_IP, VPN_IP6
from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.world.kill_switch("meta nfproto ipv6 accept")
    made.start()
    made.until_secure()
    return made


def test_ipv6_through_the_tunnel_is_secure(cast):
    record = cast.until_secure()
    assert record["facts"]["exit6.ip"]["value"] == VPN_IP6
    assert record["verdicts"]["ipv6"]["verdict"] == "secure"


def test_ipv6_past_the_tunnel_is_a_leak_of_its_own(cast):
    chapter = cast.chapter()
    cast.world.ipv6_beside()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "ipv6_leak")
    assert incident["severity"] == "critical" and HOME_IP6 in incident["evidence"]
    record = cast.server.client(cast.id)
    assert record["public_ip"] == VPN_IP, "IPv4 goes on through the tunnel"
    assert record["verdicts"]["ipv6"] == {**record["verdicts"]["ipv6"], "verdict": "leak", "confidence": "high"}
    chapter.lasts()
    cast.world.ipv6_beside(False)
    chapter.healed()
    assert chapter.opened() == ["ipv6_leak"]
    chapter.resolved("ipv6_leak")


def test_a_way_beside_the_tunnel_that_nothing_answers_on_is_exposed(cast):
    chapter = cast.chapter()
    cast.world.cut_home_ipv6()
    cast.world.ipv6_beside()
    chapter.broken()
    cast.server.wait_incident(cast.id, "ipv6_exposed")
    record = cast.server.client(cast.id)
    assert record["verdicts"]["ipv6"]["verdict"] == "exposed" and "eth0" in record["verdicts"]["ipv6"]["evidence"]
    cast.world.ipv6_beside(False)
    cast.world.cut_home_ipv6(False)
    chapter.healed()
    assert chapter.opened() == ["ipv6_exposed"]
    chapter.resolved("ipv6_exposed")
