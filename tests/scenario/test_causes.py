"""Why a client is lost or leaks, and how often that is told: one cause, one message."""

import pytest

from harness.keepalive import encode
from harness.lab import Usual
from harness.places import HOME, VPN
from harness.roles import INTERVAL, LOST_AFTER
from harness.wait import holds

QUIET = 3 * INTERVAL
UP = {"tunnel.up": True, "net.devices": 2}
DOWN = {"tunnel.up": False, "net.devices": 1}
OPEN = {"killswitch.tested": "eth0", "killswitch.open": "eth0"}


class Reporter:
    """A client of the tests' own, which says what it likes. It reports over loopback, a private network."""

    def __init__(self, server, client_id):
        self.server, self.id, self.seq = server, client_id, 0

    def say(self, exit_ip=None, interval=3600, **facts):
        self.seq += 1
        seen = {"source": "ipify", "status": "pass", "facts": {"exit.ip": exit_ip}}
        if exit_ip is None:
            seen = {"source": "ipify", "status": "unknown", "reason": "timed out", "facts": {}}
        body = {"client_id": self.id, "v": 2, "seq": self.seq, "started_at": "2026-11-23T00:00:00Z",
                "interval_seconds": interval, "observations": [seen, {"source": "tunnel", "status": "pass", "facts": facts}]}
        reply = self.server.post(encode(body))
        assert reply.status == 200, reply
        return reply.json()


def start(usual):
    """The server, until it knows its own exit."""
    usual.server.start()
    usual.server.program.wait_for_log("own probes measured something")
    return usual


@pytest.fixture
def world(lab):
    """A server that knows its own exit, and nobody else."""
    usual = Usual(lab)
    return start(usual)


def told_once(world, pattern):
    (message,) = world.telegram.wait_for(pattern)
    holds(lambda: len(world.telegram.matching(pattern)) == 1, world.telegram.texts, during=QUIET)
    return message


def test_a_tunnel_that_its_client_calls_down_is_lost_at_once_with_the_cause(world):
    client = Reporter(world.server, "office-vpn")
    client.say(VPN.ip, **UP)
    world.telegram.wait_for("connected")
    assert client.say(**DOWN)["verdict"] == "down"
    lost = told_once(world, "lost")
    assert "Cause: the tunnel is down" in lost.text and "its tunnel carries nothing" in lost.text
    record = world.server.client(client.id)
    assert record["status"] == "alive" and record["verdicts"]["tunnel"]["verdict"] == "down"
    (incident,) = record["incidents"]
    assert (incident["kind"], incident["cause"]) == ("tunnel_lost", "tunnel_down")
    client.say(VPN.ip, **UP)
    world.telegram.wait_for("recovered")
    assert world.server.client(client.id)["incidents"] == []


def test_a_bypass_is_one_message_however_much_it_brings_with_it(world):
    client = Reporter(world.server, "office-vpn")
    client.say(VPN.ip, **UP, **{"beside.tx_bytes": 1000})
    client.say(HOME.ip, **DOWN, **OPEN, **{"beside.tx_bytes": 4405019})
    bypass = told_once(world, "bypass")
    assert "along with it: an open kill switch" in bypass.text and "Cause: the tunnel is down" in bypass.text
    assert "at most 4.2 MiB left beside the tunnel so far" in bypass.text
    (incident,) = world.server.client(client.id)["incidents"]
    assert incident["exposed_bytes"] == 4404019
    client.say(VPN.ip, **UP, **OPEN)
    world.telegram.wait_for("bypass is over")
    assert world.server.client(client.id)["incidents"] == [], "that may have been tried before the tunnel was back"
    client.say(VPN.ip, **UP, **OPEN)
    told_once(world, "kill switch open")


def test_all_clients_of_an_exit_that_fall_silent_are_told_as_that(world):
    for name in ("office-vpn", "lab-vpn"):
        Reporter(world.server, name).say(VPN.ip, interval=1, **UP)
    lost = world.telegram.wait_for("lost", count=2, within=10 * LOST_AFTER)
    assert all("All clients of this exit fell silent together" in message.text for message in lost)
    assert {world.server.client(n)["incidents"][0]["cause"] for n in ("office-vpn", "lab-vpn")} == {"exit_silent"}


def test_who_is_silent_alone_is_told_as_that(world):
    Reporter(world.server, "office-vpn").say(VPN.ip, interval=1, **UP)
    Reporter(world.server, "lab-vpn").say(VPN.ip, **UP)
    lost = told_once(world, "lost")
    assert "The client has fallen silent" in lost.text
    assert world.server.client("office-vpn")["incidents"][0]["cause"] == "client_silent"


def test_the_clients_own_word_is_told_when_it_is_back(world):
    client = Reporter(world.server, "office-vpn")
    client.say(VPN.ip, interval=1, **UP)
    world.telegram.wait_for("lost")
    client.say(VPN.ip, **UP, **{"outage.cause": "tunnel_down", "outage.duration": "2s"})
    (back,) = world.telegram.wait_for("recovered")
    assert "the client says: tunnel down for 2s" in back.text and "Cause: the tunnel is down" in back.text


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_cause_is_known_over_a_restart_of_the_server(lab, end):
    usual = Usual(lab)
    usual.server.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
    start(usual)
    client = Reporter(usual.server, "office-vpn")
    client.say(VPN.ip, **UP)
    client.say(**DOWN)
    usual.telegram.wait_for("lost")
    getattr(usual.server, end)()
    start(usual)
    (incident,) = usual.server.wait_client(client.id)["incidents"]
    assert incident["cause"] == "tunnel_down"
    said = usual.server.get(f"/clients/{client.id}/why").json()
    assert [q["rule"] for q in said["questions"] if q["question"] == "tunnel"] == ["tunnel_device_down"]
    client.say(VPN.ip, **UP)
    usual.telegram.wait_for("recovered")
    again = usual.telegram.matching("lost")[1:]
    assert all("can be a duplicate" in message.text for message in again) and (end == "kill" or not again)
