"""Where the exit may be, and what is known of it when nobody tells."""

import pytest

from harness import internet
from harness.vpnlab import OTHER_IP, STRANGE_IP, VPN_IP
from harness.vpnlab_roles import LOST_AFTER, Cast
from harness.vpnlab_tunnels import WireGuard
from harness.wait import holds

GEOLOCATION = ("ipinfo.io", "ip-api.com", "ipwho.is")
BUDGET = 10  # requests of one source in PERIOD
PERIOD = 30  # seconds


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.server.config["monitor"]["policy"] = [{"client": ["office-*"], "allow": ["RO"]}]
    for source in made.server.config["locate"]["sources"]:
        source["budget"] = {"requests": BUDGET, "per": f"{PERIOD}s"}
    made.world.kill_switch()
    return made.start()


def test_an_exit_in_an_allowed_country_is_secure(cast):
    record = cast.server.wait_client(cast.id, lambda r: r["verdicts"]["policy"]["verdict"] == "secure",
                                     "to be where it may be")
    assert record["country"] == "RO" and record["facts"]["exit.country"]["source"] == "located"


def test_an_exit_in_another_country_violates_the_policy(cast):
    chapter = cast.chapter()
    cast.world.exit_at(OTHER_IP)
    chapter.broken()
    incident = cast.server.wait_incident(cast.id, "policy")
    assert "CH" in incident["evidence"] and "RO" in incident["evidence"]
    assert cast.server.client(cast.id)["verdict"] == "violation"
    cast.world.exit_at(VPN_IP)
    chapter.healed()
    assert chapter.opened() == ["policy"]
    chapter.resolved("policy")


def test_services_that_all_refuse_raise_no_alarm_and_hold_up_no_keepalive(cast):
    """A new exit, and every service that could tell where it is answers 429 from here on."""
    chapter = cast.chapter()
    for host in GEOLOCATION:
        cast.world.internet.broken[host] = internet.LIMITED
    cast.world.exit_at(STRANGE_IP)
    cast.server.wait_client(cast.id, lambda r: r["public_ip"] == STRANGE_IP, "to be seen at the new exit")
    before = cast.server.client(cast.id)["last_seen"]
    holds(lambda: not cast.server.client(cast.id)["incidents"], "no incident", during=2 * LOST_AFTER)
    record = cast.server.client(cast.id)
    assert record["status"] == "alive" and record["last_seen"] > before
    assert record["verdicts"]["policy"]["verdict"] == "unknown"
    assert chapter.opened() == []
    for host in GEOLOCATION:
        assert 1 <= len(chapter.requests(host)) <= BUDGET, f"{host}: {len(chapter.requests(host))} requests"
