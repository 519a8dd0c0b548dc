"""A kill switch that is gone while the tunnel is up: nothing leaks yet, and nothing would stop it."""

import pytest

from harness.vpnlab_roles import Cast, probe
from harness.vpnlab_tunnels import WireGuard


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.client.config["probes"].append(probe("killswitch", every="2s", wait="1s", targets=[
        "1.1.1.1:53", "1.1.1.1:443/tcp"]))
    made.world.kill_switch()
    return made.start()


def test_a_kill_switch_that_holds_is_secure(cast):
    record = cast.server.wait_client(cast.id, lambda r: r["verdicts"]["killswitch"]["verdict"] == "secure",
                                     "to have a kill switch that holds")
    assert record["facts"]["killswitch.tested"]["value"] == "eth0"


@pytest.mark.parametrize("how", ["reject", "meta l4proto tcp reject with tcp reset"])
def test_a_kill_switch_that_rejects_holds_as_well(cast, how):
    chapter = cast.chapter()
    cast.world.kill_switch(how)
    chapter.broken()
    chapter.lasts()
    record = cast.server.client(cast.id)
    assert record["verdicts"]["killswitch"]["verdict"] == "secure", record["verdicts"]["killswitch"]
    assert not chapter.opened()
    cast.world.kill_switch()


def test_a_kill_switch_removed_while_the_tunnel_is_up_is_told(cast):
    chapter = cast.chapter()
    cast.world.no_kill_switch()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "killswitch_open")
    assert incident["severity"] == "critical" and "eth0" in incident["evidence"]
    record = cast.server.client(cast.id)
    assert record["verdicts"]["tunnel"]["verdict"] == "secure"
    assert record["verdicts"]["killswitch"]["verdict"] == "exposed"
    assert record["facts"]["canary.device"]["value"] == "eth0", "the server has seen it itself"
    chapter.lasts()
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["killswitch_open"]
    chapter.resolved("killswitch_open")
