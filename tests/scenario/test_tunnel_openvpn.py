"""The core of what WireGuard shows, with OpenVPN: it works, it dies with and without a kill switch."""

import pytest

from harness.vpnlab import HOME_IP, VPN_IP
from harness.vpnlab_roles import INTERVAL, Cast
from harness.vpnlab_tunnels import OpenVpn


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, OpenVpn(tunnel_lab.world))
    made.world.kill_switch()
    return made.start()


def test_a_healthy_tunnel_is_secure(cast):
    record = cast.until_secure()
    assert record["public_ip"] == VPN_IP and record["source_address"] == VPN_IP
    assert record["verdicts"]["tunnel"]["confidence"] == "high"
    assert record["incidents"] == []


def test_a_tunnel_that_dies_behind_a_kill_switch_is_lost_and_no_leak(cast):
    chapter = cast.chapter("tunnel_lost")
    cast.world.disconnect()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert incident["cause"] == "client_silent", "as far as the server can know"
    assert cast.open_kinds() == {"tunnel_lost"}
    cast.world.connect()
    chapter.healed()
    over = chapter.resolved("tunnel_lost")
    assert over["details"]["cause"] == "tunnel_down", "as the client says afterwards"
    assert chapter.opened() == ["tunnel_lost"]


def test_a_tunnel_that_dies_without_one_is_a_bypass_at_once(cast):
    cast.world.no_kill_switch()
    chapter = cast.chapter()
    cast.world.disconnect(restore_dns=True)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "bypass", within=3 * INTERVAL)
    assert incident["severity"] == "critical" and HOME_IP in incident["evidence"]
    assert cast.open_kinds() == {"bypass"}
    cast.world.connect()
    chapter.healed()
    assert chapter.opened() == ["bypass"]
    chapter.resolved("bypass")
