"""A kill switch that is tried for real: closed, removed while the tunnel is up, and put back."""

import pytest

from harness.vpnlab_roles import Cast, probe
from harness.vpnlab_tunnels import WireGuard
from harness.wait import until


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.client.config["probes"].append(probe("killswitch", every="1s", wait="800ms"))
    made.world.kill_switch()
    made.start()
    made.until_secure()
    return made


def verdict(cast):
    return cast.server.client(cast.id)["verdicts"]["killswitch"]


def facts(cast):
    return {name: fact["value"] for name, fact in cast.server.client(cast.id)["facts"].items()
            if name.startswith(("killswitch.", "canary."))}


def test_a_kill_switch_that_lets_nothing_out_is_secure(cast):
    until(lambda: verdict(cast)["verdict"] == "secure", lambda: f"a closed kill switch; is: {verdict(cast)}")
    assert facts(cast) == {"killswitch.tested": "eth0"}


def test_one_that_was_removed_is_open_while_everything_else_is_well(cast):
    chapter = cast.chapter("killswitch_open")
    cast.world.no_kill_switch()
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "killswitch_open")
    assert incident["severity"] == "critical" and "eth0" in incident["evidence"]
    until(lambda: facts(cast).get("killswitch.open") == "eth0", lambda: f"the probe to see it; is: {facts(cast)}")
    until(lambda: facts(cast).get("canary.device") == "eth0", lambda: f"the canary to arrive; is: {facts(cast)}")
    record = cast.server.client(cast.id)
    assert record["verdicts"]["tunnel"]["verdict"] == "secure"
    assert cast.open_kinds() == {"killswitch_open"}
    cast.world.kill_switch()
    chapter.healed()
    assert chapter.opened() == ["killswitch_open"]
    assert facts(cast) == {"killswitch.tested": "eth0"}
