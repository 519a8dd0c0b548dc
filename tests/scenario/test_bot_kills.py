"""Killed at any step between what was said and the answer, the server does nothing twice."""

import pytest

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
