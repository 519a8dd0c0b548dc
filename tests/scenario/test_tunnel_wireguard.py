"""What WireGuard's life looks like from outside: it works, it dies with and without a kill switch, it comes back."""

import pytest

from harness.vpnlab import HOME_IP, VPN_IP
from harness.vpnlab_roles import INTERVAL, Cast
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
    chapter = cast.chapter("tunnel_lost")
    cast.world.disconnect()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert incident["cause"] == "client_silent", "as far as the server can know"
    assert cast.open_kinds() == {"tunnel_lost"}
    chapter.lasts()
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
    chapter.lasts()
    cast.world.connect()
    chapter.healed()
    assert chapter.opened() == ["bypass"]
    chapter.resolved("bypass")


def test_a_dead_tunnel_whose_resolver_stays_set_tells_what_leaves_beside_it(cast):
    """No name can be resolved, so no witness that is asked by its name sees anything: those asked by address do."""
    chapter = cast.chapter("tunnel_lost")
    cast.world.disconnect()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert incident["severity"] == "critical" and incident["cause"] == "tunnel_down"
    record = cast.server.wait_client(cast.id, lambda r: r["verdicts"]["dns"]["verdict"] == "leak", "to leak queries")
    assert HOME_IP in record["verdicts"]["dns"]["evidence"]
    assert cast.open_kinds() == {"tunnel_lost"}, "one cause, one incident"
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert "leak" in incident["evidence"], "which names what came with it"
    cast.world.connect()
    chapter.healed()
    assert chapter.opened() == ["tunnel_lost"]
    assert int(chapter.resolved("tunnel_lost")["details"]["exposed"]) > 0
