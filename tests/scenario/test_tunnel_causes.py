"""Two clients behind one exit: why they fell silent, by what the server can tell and by what they say afterwards."""

import pytest

from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard
from harness.wait import until

OTHER = "office-two"


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.other = made.another_client("other", OTHER)
    made.world.kill_switch()
    made.start()
    made.other.start()
    made.until_secure()
    made.server.wait_verdict(OTHER, "secure")
    return made


def causes(cast):
    return {client_id: [incident.get("cause") for incident in record["incidents"]]
            for client_id, record in cast.server.status().items()}


def test_one_of_two_that_falls_silent_is_silent_itself(cast):
    chapter = cast.chapter("tunnel_lost")
    cast.client.stop()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "tunnel_lost")
    assert incident["cause"] == "client_silent"
    assert cast.server.client(OTHER)["verdict"] == "secure"
    cast.client.start()
    chapter.healed()
    chapter.resolved("tunnel_lost")


def test_both_that_fall_silent_are_an_exit_that_did_until_they_say_more(cast):
    chapter = cast.chapter("tunnel_lost")
    cast.world.disconnect()
    chapter.broken()
    cast.server.wait_incident(OTHER, "tunnel_lost")
    cast.server.wait_incident(cast.id, "tunnel_lost")
    assert "exit_silent" in {*causes(cast)[cast.id], *causes(cast)[OTHER]}
    cast.world.connect()
    chapter.healed()
    over = chapter.resolved("tunnel_lost")
    assert over["details"]["cause"] == "tunnel_down", "the client's own word"
    assert chapter.opened() == ["tunnel_lost"]


def test_a_namespace_that_lost_its_devices_says_so_when_they_return(cast):
    chapter = cast.chapter("tunnel_lost")
    cast.world.take_devices()
    chapter.broken()
    cast.server.wait_incident(cast.id, "tunnel_lost")
    cast.world.return_devices()
    chapter.healed()
    over = chapter.resolved("tunnel_lost")
    assert over["details"]["cause"] == "namespace_dead"


def test_a_peer_that_falls_silent_is_a_black_hole_behind_a_tunnel_that_is_up(cast):
    chapter = cast.chapter("tunnel_lost")
    cast.world.tunnel.fall_silent()
    chapter.broken()
    cast.server.wait_incident(cast.id, "tunnel_lost")
    cast.world.tunnel.listen()
    before = cast.world.tunnel.handshake()
    until(lambda: cast.world.tunnel.handshake() > before, "WireGuard to find its peer again")
    chapter.healed()
    chapter.resolved("tunnel_lost")
