"""Silence that proves nothing, and a client that speaks beside its tunnel."""

import pytest

from harness.vpnlab import SERVER_LAN, SIDE_URL, VPN_IP
from harness.vpnlab_roles import LOST_AFTER, Cast
from harness.vpnlab_tunnels import WireGuard
from harness.wait import holds


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.world.kill_switch(f"ip daddr {SERVER_LAN} tcp dport 5000 accept")
    made.start()
    made.until_secure()
    return made


def test_nobody_is_accused_while_the_servers_own_line_is_cut(cast):
    chapter = cast.chapter()
    cast.world.cut_home()
    cast.server.program.wait_for_log("the server itself seems cut off")
    holds(lambda: cast.server.client(cast.id)["status"] != "lost", "nobody to be lost", during=2 * LOST_AFTER)
    cast.world.cut_home(False)
    chapter.healed()
    assert chapter.opened() == []
    assert chapter.messages("lost") == []


def test_a_client_that_reports_beside_the_tunnel_is_on_a_side_path(cast):
    cast.client.stop()
    cast.client.config["client"]["server"] = SIDE_URL
    cast.client.start()
    record = cast.server.wait_client(cast.id, lambda r: r["side_path"] == "side_path" and r["verdict"] == "secure",
                                     "on a side path")
    assert record["source_address"].startswith("192.168.1.") and record["public_ip"] == VPN_IP
    assert "a private address beside the tunnel" in record["verdicts"]["tunnel"]["evidence"]
    chapter = cast.chapter("tunnel_lost")
    cast.world.disconnect()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert incident["cause"] == "tunnel_down", "the client is there to say it"
    record = cast.server.client(cast.id)
    assert record["status"] == "alive" and record["verdicts"]["tunnel"]["verdict"] == "down"
    assert cast.open_kinds() == {"tunnel_lost"}
    cast.world.connect()
    chapter.healed()
    assert chapter.opened() == ["tunnel_lost"]
    chapter.resolved("tunnel_lost")
