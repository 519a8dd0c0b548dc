"""What a client found while its server could not be reached: told once, afterwards."""

import re

from harness.lab import Usual
from harness.places import HOME, VPN
from harness.roles import INTERVAL
from harness.wait import holds, until

LATE = "reported late"


def world(lab):
    usual = Usual(lab)
    usual.server.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
    usual.until_secure()
    return usual


def rounds(usual, count):
    """So many rounds begin and end."""
    before = len(usual.client_trace.requests)
    until(lambda: len(usual.client_trace.requests) > before + count, f"{count} rounds of the client")


def go(usual, place):
    usual.client_trace.ip, usual.client_trace.country = place.ip, place.country
    usual.client_ipinfo.place = place


def delivered(usual, times):
    until(lambda: len(re.findall(r"\d+ reports? delivered late", usual.client.program.log())) >= times,
          "the late reports to be handed in")


def test_a_bypass_while_the_server_was_away_is_told_once(lab):
    usual = world(lab)
    usual.server.stop()
    go(usual, HOME)
    rounds(usual, 2)
    go(usual, VPN)
    rounds(usual, 2)
    usual.server.start()
    (message,) = usual.telegram.wait_for(LATE)
    assert "VPN bypass" in message.title and usual.id in message.title and HOME.ip in message.text
    assert "It is over" in message.text
    delivered(usual, 1)
    assert usual.server.wait_verdict(usual.id, "secure")["incidents"] == []

    # What is still handed in after another restart is of the same outage, or of one without a bypass.
    usual.server.kill()
    rounds(usual, 2)
    usual.server.start()
    delivered(usual, 2)
    assert len(usual.telegram.matching("bypass")) == 1, usual.telegram.texts()


def test_a_bypass_that_is_still_on_is_told_by_its_incident_alone(lab):
    usual = world(lab)
    usual.server.stop()
    go(usual, HOME)
    rounds(usual, 2)
    usual.server.start()
    usual.telegram.wait_for("VPN bypass")
    delivered(usual, 1)
    holds(lambda: not usual.telegram.matching(LATE), usual.telegram.texts, during=2 * INTERVAL)
    (incident,) = [i for i in usual.server.client(usual.id)["incidents"] if i["kind"] == "bypass"]
    assert incident["first_bad_at"] < incident["opened_at"], "it began before the server was back"
