"""A tunnel that dies long before the next round is due: it is noticed, told and acted upon at once."""

import time

import pytest

from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard
from harness.wait import until

INTERVAL = 40  # seconds between rounds, when nothing happens


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.ran = tunnel_lab.folder / "ran"
    script = tunnel_lab.folder / "stop-torrents"
    script.write_text(f'#!/bin/sh\necho "$VPN_SENTINEL_BEFORE>$VPN_SENTINEL_VERDICT" >>{made.ran}\n')
    script.chmod(0o755)
    made.client.config["client"].update(interval=f"{INTERVAL}s", dense={"interval": "2s", "for": "20s"},
                                        on_verdict={"command": [str(script)]})
    made.start()
    made.server.wait_verdict(made.id, "secure")
    until(lambda: made.ran.exists(), "the first verdict to be told")
    return made


def told(cast):
    """The verdicts that the program was told, in order."""
    return [line.split(">")[1] for line in cast.ran.read_text().split()]


def test_the_end_of_the_tunnel_is_told_and_acted_upon_within_seconds(cast):
    died = time.monotonic()
    cast.world.disconnect(restore_dns=True)
    cast.server.wait_incident(cast.id, "bypass")
    until(lambda: told(cast)[-1] == "leak", lambda: f"the program to be told; was: {told(cast)}")
    assert time.monotonic() - died < INTERVAL / 3
    assert "tunnel: the tunnel or a route changed" in cast.client.program.log()


def test_so_is_its_return(cast):
    back = time.monotonic()
    cast.world.connect()
    cast.server.wait_verdict(cast.id, "secure")
    until(lambda: told(cast)[-1] == "secure", lambda: f"the program to be told; was: {told(cast)}")
    assert time.monotonic() - back < INTERVAL / 3
