"""A message about many grows, and says who is back, where messages can be changed; who is lost again is a new one."""

import time

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


class Chat:
    """A server whose Telegram tells bypasses, grouped as when nobody says; `rings` are messages, not changes."""

    def __init__(self, lab):
        self.telegram = lab.telegram()
        self.server = lab.server(
            monitor={"interval": "1s", "grace": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
            notifiers=[lab.notifier(self.telegram, name="oncall", route={"kind": ["bypass"]}, group=None)],
            store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}).start()

    def report(self, clients, place):
        for client in clients:
            reply = self.server.post(encode(flat(client, place, place.country)))
            assert reply.status == 200, reply

    def stay_back(self):
        """Longer than three intervals: what comes then is another incident, and not the old one again."""
        time.sleep(4)

    def rings(self, count):
        until(lambda: len(self.telegram.messages) == count, self.telegram.texts)
        return self.telegram.messages[-1]

    def until_told(self, what):
        until(what, self.telegram.texts)
        until(lambda: self.server.get("/health").json()["channels"][0]["queued"] == 0, self.telegram.texts)


def test_one_client_that_is_lost_back_and_lost_again_within_the_minute_rings_each_time(lab):
    chat = Chat(lab)
    for count, place in enumerate([HOME, VPN, HOME, VPN], 1):
        if count == 3:
            chat.stay_back()
        chat.report(["office"], place)
        told = chat.rings(count)
        assert "office" in told.text and "(+" not in told.text and "again" not in told.title, chat.telegram.texts()
    chat.until_told(lambda: True)
    assert not chat.telegram.edits, chat.telegram.texts()


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_who_was_told_to_be_back_and_is_lost_again_is_no_change_of_the_message_about_many(lab, restarted):
    chat = Chat(lab)
    chat.report(["office"], HOME)
    chat.rings(1)
    chat.report(["home", "attic"], HOME)
    chat.until_told(lambda: "(+2)" in chat.telegram.messages[0].title)
    chat.report(["office"], VPN)
    chat.until_told(lambda: "1 of 3 are over." in chat.telegram.messages[0].text)
    chat.stay_back()
    if restarted:
        chat.server.kill()
        chat.server.start()
    chat.report(["office"], HOME)
    again = chat.rings(2)
    assert "office" in again.text and "(+" not in again.title, chat.telegram.texts()
    chat.report(["home", "attic"], VPN)
    all_over = chat.rings(3)
    assert "All 3 are over." in all_over.text and all_over.reply_to == 1, chat.telegram.texts()
    chat.report(["office"], VPN)
    assert "office" in chat.rings(4).text
    chat.until_told(lambda: True)
