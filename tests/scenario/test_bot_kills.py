"""Killed at any step between what was said and the answer, the server does nothing twice."""

import pytest

from harness.audit import Audit
from harness.keepalive import encode, flat
from harness.places import HOME, VPN
from harness.wait import holds, until

# Where the server is killed, and how many answers may come after all.
POINTS = {
    "command_marking:1": {1},  # nothing is stored yet: it is read again
    "command_marked:1": {0},  # it counts as heard from here on
    "command_done:1": {0},
    **{f"unit_committing:{count}": {0, 1} for count in (1, 2, 3)},
    **{f"store_committed:{count}": {0, 1} for count in (1, 2, 3)},
}


@pytest.fixture
def stored(lab, usual):
    """The usual server, whose store outlives it, with a channel that is told nothing but answers."""
    usual.server.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
    usual.server.config["notifiers"][0]["route"] = {"severity": "critical"}
    return usual


def _listen(world):
    """The server runs, has nothing else to write, and waits for what is said."""
    before = len(world.telegram.bot.offsets)
    world.server.start()
    until(lambda: len(world.telegram.bot.offsets) > before, "a poll")


@pytest.mark.parametrize("point", POINTS)
def test_what_was_said_is_done_at_most_once(stored, point):
    _listen(stored)
    number = stored.telegram.bot.say("/ping")
    stored.telegram.bot.wait_polled(beyond=number)
    assert len(stored.telegram.messages) == 1
    stored.server.stop()
    number = stored.telegram.bot.say("/help")
    stored.server.program.environment["VPN_SENTINEL_FAULT"] = point
    stored.server.start(ready=False)
    until(lambda: not stored.server.program.alive() or stored.telegram.bot.has_polled(number), f"a death at {point}")
    del stored.server.program.environment["VPN_SENTINEL_FAULT"]
    assert not point.startswith("command") or not stored.server.program.alive()
    stored.server.kill()
    _listen(stored)
    stored.telegram.bot.wait_polled(beyond=number)
    holds(lambda: len(stored.telegram.messages) - 1 in POINTS[point], stored.telegram.texts, during=1)


def test_what_was_said_while_the_server_was_away_is_done_once(stored):
    _listen(stored)
    stored.telegram.bot.wait_polled(beyond=stored.telegram.bot.say("/ping"))
    stored.server.kill()
    number = stored.telegram.bot.say("/help")
    for _ in range(2):
        _listen(stored)
        stored.telegram.bot.wait_polled(beyond=number)
        assert len(stored.telegram.messages) == 2
        stored.server.kill()
    assert [message.text.split()[0] for message in stored.telegram.messages] == ["pong:", "/status"]


def test_a_store_that_keeps_nothing_does_nothing_twice_either(stored):
    stored.server.config["store"] = {"plugin": "memory"}
    _listen(stored)
    stored.telegram.bot.say("/ping")
    stored.telegram.wait_for("pong")
    stored.server.kill()
    _listen(stored)
    stored.telegram.bot.say("/help")
    until(lambda: len(stored.telegram.messages) == 2, "the answer to the second command")
    holds(lambda: len(stored.telegram.messages) == 2, stored.telegram.texts, during=1)
    assert stored.telegram.messages[1].text.startswith("/status")


# -- what changes something


class Acting:
    """One of the commands that act: how it is said, and how often it was done so far."""

    def __init__(self, world):
        self.world = world

    def say(self):
        """Its words; what they are about is there when the server listens."""
        raise NotImplementedError

    def done(self):
        """How often it took effect, as the server that runs now has it."""
        raise NotImplementedError


class Ack(Acting):
    def say(self):
        def incidents():
            assert self.world.server.post(encode(flat("lab", HOME, "ES"))).status == 200
            return self.world.server.client("lab")["incidents"]

        (incident,) = until(incidents, "a bypass")
        return f"/ack {incident['id']} on it"

    def done(self):
        history = self.world.server.get("/clients/lab/history").json()
        return sum(told["transition"] == "acknowledged" for told in history)


class Silence(Acting):
    def say(self):
        return "/silence lab 1h they move house"

    def done(self):
        return len(self.world.server.get("/silences").json())


class Probe(Acting):
    """A wish lives in memory: a kill may lose it, and never doubles it."""

    def say(self):
        return "/probe lab"

    def done(self):
        reply = self.world.server.post(encode(flat("lab", VPN, "RO"))).json()
        return sum("probe" in str(wish) for wish in reply.get("requests", []))


# Whether it may be done, and must be, after a kill there.
ACT_POINTS = {
    "command_marking:1": {1},
    "command_marked:1": {0},
    "command_done:1": {0, 1},
}


@pytest.mark.parametrize("point", ACT_POINTS)
@pytest.mark.parametrize("command", [Ack, Silence, Probe])
def test_what_changes_something_is_done_at_most_once_and_noted(stored, command, point):
    _listen(stored)
    assert stored.server.post(encode(flat("lab", VPN, "RO"))).status == 200
    act = command(stored)
    text = act.say()
    stored.telegram.bot.wait_polled(beyond=stored.telegram.bot.say("/ping"))
    stored.server.stop()
    number = stored.telegram.bot.say(text)
    stored.server.program.environment["VPN_SENTINEL_FAULT"] = point
    stored.server.start(ready=False)
    until(lambda: not stored.server.program.alive(), f"a death at {point}")
    del stored.server.program.environment["VPN_SENTINEL_FAULT"]
    stored.server.kill()
    _listen(stored)
    stored.telegram.bot.wait_polled(beyond=number)
    until(lambda: act.done() in ACT_POINTS[point], lambda: f"{ACT_POINTS[point]} times {text}, not {act.done()}")
    begun = [detail for name, detail in Audit(stored.server.folder / "audit.log").events()
             if name == "command_begun" and text in detail]
    assert 1 <= len(begun) <= 2 and "Ana (42)" in begun[0]
