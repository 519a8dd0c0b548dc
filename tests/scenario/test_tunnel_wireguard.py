"""What WireGuard's life looks like from outside: it works, it dies with and without a kill switch, it comes back."""

import pytest

from harness.vpnlab import HOME_IP, VPN_IP
from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.world.kill_switch()
    return made.start()


def test_a_healthy_tunnel_is_secure(cast):
    record = cast.until_secure()
    assert record["public_ip"] == VPN_IP and record["source_address"] == VPN_IP
    assert record["verdicts"]["tunnel"]["confidence"] == "high"
    assert record["incidents"] == []


def test_a_tunnel_that_dies_behind_a_kill_switch_is_lost_and_no_leak(cast):
    cast.world.disconnect()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert cast.incident_kinds() == {"tunnel_lost"}
    cast.world.connect()
    record = cast.until_secure()
    assert record["incidents"] == []
    print(incident)


def test_a_tunnel_that_dies_without_one_is_a_bypass_at_once(cast):
    cast.world.no_kill_switch()
    cast.world.disconnect(restore_dns=True)
    incident = cast.server.wait_incident(cast.id, "bypass")
    assert incident["severity"] == "critical"
    assert HOME_IP in str(incident)
    cast.world.connect()
    cast.until_secure()
