"""The core of what WireGuard shows, with OpenVPN: it works, it dies with and without a kill switch."""

import pytest

from harness.vpnlab import HOME_IP, VPN_IP
from harness.vpnlab_roles import Cast
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
    cast.world.disconnect()
    cast.server.wait_incident(cast.id, "tunnel_lost")
    assert cast.incident_kinds() == {"tunnel_lost"}
    cast.world.connect()
    assert cast.until_secure()["incidents"] == []


def test_a_tunnel_that_dies_without_one_is_a_bypass_at_once(cast):
    cast.world.no_kill_switch()
    cast.world.disconnect(restore_dns=True)
    incident = cast.server.wait_incident(cast.id, "bypass")
    assert incident["severity"] == "critical"
    assert HOME_IP in str(incident)
    cast.world.connect()
    cast.until_secure()
