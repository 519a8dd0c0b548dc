"""A message about many grows, and says who is back, on every channel over HTTP whose messages can be changed."""

import pytest

from harness.channel_discord import Discord
from harness.channel_matrix import Matrix
from harness.channel_ntfy import Ntfy
from harness.keepalive import encode, flat
from harness.places import HOME, VPN
from harness.wait import until

CROWD = [f"lab-{number}" for number in range(1, 7)]
GROUP = {"by": "kind", "wait": "300ms", "interval": "10m"}


class World:
    """A server with one channel that tells bypasses; clients report by hand."""

    def __init__(self, lab, made, **more):
        self.channel = lab._kept(made(lab.authority))
        self.server = lab.server(
            monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
            notifiers=[self.channel.notifier(group=GROUP, route={"kind": ["bypass"]}, **more)]).start()

    def report(self, clients, place):
        for client in clients:
            reply = self.server.post(encode(flat(client, place, place.country)))
            assert reply.status == 200, reply

    def begin(self):
        """The first of them was told."""
        self.report(CROWD[:1], HOME)
        (message,) = self.channel.wait_for("bypass")
        return message

    def until_told(self, what):
        until(what, self.channel.texts)
        until(lambda: self.server.get("/health").json()["channels"][0]["queued"] == 0, self.channel.texts)


@pytest.fixture(params=[Ntfy, Discord, Matrix], ids=lambda made: made.plugin)
def made(request):
    return request.param


def test_who_joins_and_who_is_back_stands_in_the_message_and_the_end_is_one_of_its_own(lab, made):
    world = World(lab, made)
    message = world.begin()
    world.report(CROWD[1:], HOME)
    world.until_told(lambda: "(+5)" in message.title and all(name in message.text for name in CROWD))
    assert len(world.channel.messages) == 1 and message.edits > 0
    world.report(CROWD[:2], VPN)
    world.until_told(lambda: "2 of 6 are over." in message.text)
    assert len(world.channel.messages) == 1
    world.report(CROWD[2:], VPN)
    world.until_told(lambda: len(world.channel.messages) > 1)
    over = world.channel.messages[1]
    assert "All 6 are over." in over.text and "All 6 are over." in message.text, world.channel.texts()
    assert len(world.channel.messages) == 2


def test_who_joins_while_a_change_is_made_again_is_in_it_too(lab, made):
    world = World(lab, made)
    message = world.begin()
    world.channel.spoil_answers = 1
    world.report(CROWD[1:3], HOME)
    until(lambda: not world.channel.spoil_answers, "an answer to be lost")
    world.report(CROWD[3:], HOME)
    world.until_told(lambda: "(+5)" in message.title and all(name in message.text for name in CROWD))
    assert len(world.channel.messages) == 1


def test_a_channel_whose_messages_stay_as_they_are_tells_in_messages(lab, made):
    world = World(lab, made, options={"edit": "never"})
    world.begin()
    world.report(CROWD[1:], HOME)
    world.until_told(lambda: all(any(name in text for text in world.channel.texts()) for name in CROWD))
    assert world.channel.messages[0].edits == 0 and len(world.channel.messages) <= 3
    assert world.server.get("/health").json()["channels"][0]["state"] == "ok"


def test_who_joins_a_message_that_somebody_deleted_is_told_anew(lab):
    world = World(lab, Discord)
    world.begin()
    world.channel.messages.clear()
    world.report(CROWD[1:], HOME)
    world.until_told(lambda: all(any(name in text for text in world.channel.texts()) for name in CROWD[1:]))
    assert all(message.edits == 0 for message in world.channel.messages)
    assert world.server.get("/health").json()["channels"][0]["state"] == "ok"
