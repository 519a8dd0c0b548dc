"""A server that was stopped, killed or away knows what it knew, tells what it owed, and accuses nobody."""

import time

import pytest

from harness import keepalive
from harness import telegram as bot_api
from harness.database import OUTBOX, TOLD, TRANSITIONS, Database
from harness.lab import CHAT
from harness.places import HOME, OTHER_VPN, VPN
from harness.story import CLIENT, LOST_AFTER, MARK, MONITOR, STEADY, Story, is_open
from harness.wait import holds, until

ends = pytest.mark.parametrize("end", ["stop", "kill"])


class World:
    """A server with a database, a client that we play, a chat."""

    def __init__(self, lab):
        self.lab = lab
        self.file = lab.folder / "sentinel.db"
        self.telegram = lab.telegram()
        self.server = lab.server(
            monitor=MONITOR, notifiers=[lab.notifier(self.telegram, name="oncall")],
            store={"plugin": "sqlite", "options": {"path": self.file}},
            auth=[{"plugin": "bearer", "control": "sufficient",
                   "options": {"keys": lab.key, "roles": ["report", "read", "admin"]}}])
        self.server.start()
        self.story = Story(self.server, self.telegram)

    def report(self, place, dns=None, client=CLIENT):
        body = keepalive.flat(client, place, dns or place.country)
        reply = self.server.post(keepalive.encode(body))
        assert reply.status == 200 and reply.json()["durable"], reply
        return reply.json()

    def restart(self, end, away=0):
        getattr(self.server, end)()
        time.sleep(away)
        self.server.start()

    def titles(self):
        return [message.title for message in list(self.telegram.messages)]

    def wait_told(self, *patterns):
        """Exactly these, in this order, and nothing is left to tell."""
        until(lambda: len(self.telegram.messages) >= len(patterns), lambda: f"{patterns}; came {self.titles()}", within=30)
        self.wait_stored()
        assert len(self.telegram.messages) == len(patterns), self.titles()
        for title, pattern in zip(self.titles(), patterns):
            assert pattern in title, self.titles()

    def channel(self):
        return self.server.get("/health").json()["channels"][0]

    def wait_stored(self):
        """That all was told is on the disk: from here on a kill repeats nothing."""
        until(lambda: not Database(self.file).table(OUTBOX), "an empty outbox")

    def await_written(self):
        """Routine states are written within a second."""
        time.sleep(1.2)


@pytest.fixture
def world(lab):
    return World(lab)


@ends
def test_clients_their_facts_and_their_history_survive(world, end):
    world.report(VPN)
    world.report(OTHER_VPN)
    world.report(VPN, client="second")
    world.await_written()
    before = world.server.status()
    history = Database(world.file).table(TRANSITIONS)
    world.restart(end)
    after = world.server.status()
    changed = {name: {key: (before[name][key], after[name].get(key)) for key in before[name]
                      if key != "status" and after[name].get(key) != before[name][key]} for name in before}
    assert changed == {"office": {}, "second": {}} and set(after) == set(before)
    assert Database(world.file).table(TRANSITIONS) == history
    world.wait_told("Connected: office", "Exit changed: office", "Connected: second")


@ends
def test_what_changed_without_a_transition_is_on_the_disk_a_second_later(world, end):
    world.report(VPN)
    world.report(VPN.__class__(**{**vars(VPN), "city": "Cluj"}))
    world.await_written()
    world.restart(end)
    assert world.server.client(CLIENT)["city"] == "Cluj"


@ends
def test_who_is_known_is_not_announced_again_and_nobody_is_lost_because_the_server_was_away(world, end):
    world.report(VPN)
    world.report(VPN, client=STEADY)
    world.wait_told("Connected: office", "Connected: steady")
    world.restart(end, away=LOST_AFTER + 1)
    back = time.monotonic()
    holds(lambda: world.server.client(CLIENT)["status"] == "alive" or time.monotonic() - back > 0.9, "alive", during=1)
    world.report(VPN, client=STEADY)
    (lost,) = world.telegram.wait_for("Lost: office")
    assert lost.at - back >= LOST_AFTER - 0.5, "not before one full period"
    assert not world.telegram.matching("again")
    assert len(world.telegram.matching("Connected")) == 2


@ends
def test_open_incidents_stay_open_and_end_where_they_were_told(world, end):
    world.report(VPN)
    world.report(HOME)
    world.wait_told("Connected", "VPN bypass: office")
    before = world.server.client(CLIENT)["incidents"]
    world.restart(end)
    assert world.server.client(CLIENT)["incidents"] == before
    world.report(HOME)
    world.report(VPN)
    world.wait_told("Connected", "VPN bypass: office", "VPN bypass is over")


@ends
def test_who_was_lost_is_told_once_and_recovers_once(world, end):
    world.report(VPN)
    world.wait_told("Connected", "Lost: office")
    world.restart(end)
    assert world.server.client(CLIENT)["status"] == "lost"
    world.restart(end)
    world.report(VPN)
    world.wait_told("Connected", "Lost", "Recovered")
    assert world.server.client(CLIENT)["incidents"] == []


@ends
def test_messages_that_waited_are_told_and_none_is_marked_that_never_left(world, end):
    world.telegram.stop()
    world.report(VPN)
    world.report(OTHER_VPN)
    world.report(HOME)
    until(lambda: world.channel()["state"] == "retrying", "an attempt to fail")
    world.restart(end)
    world.telegram.start()
    world.wait_told("VPN bypass", "Connected", "Exit changed")
    assert not [message.title for message in world.telegram.messages if MARK in message.text]


@ends
def test_a_message_that_was_refused_is_not_marked_and_one_that_may_have_arrived_is(world, end):
    world.telegram.script(world.telegram.too_many(2), bot_api.RESTARTING)
    world.report(VPN)
    until(lambda: world.channel()["state"] == "retrying", "to be asked for patience")
    world.await_written()
    world.restart(end)
    until(lambda: len(world.telegram.requests) == 2, "the second attempt, which fails")
    world.await_written()
    world.restart(end)
    world.wait_told("Connected")
    texts = [request.body.decode() for request in world.telegram.requests]
    assert [MARK in text for text in texts] == [False, False, True]


def deliveries(items, **which):
    """[(channel, state, attempts)] of the one item that is such"""
    (item,) = [item for item in items if all(item[key] == value for key, value in which.items())]
    return [(one["channel"], one["state"], one["attempts"]) for one in item["deliveries"]]


@ends
def test_what_became_of_each_message_can_be_asked_later_too(world, end):
    def history():
        return world.server.get(f"/clients/{CLIENT}/history").json()

    world.report(VPN)
    world.wait_told("Connected: office")
    world.telegram.always(world.telegram.too_many(2))
    world.report(HOME)
    until(lambda: world.channel()["state"] == "retrying", "an attempt to be refused")
    assert deliveries(history(), kind="connected") == [("oncall", "sent", 1)]
    assert deliveries(history(), kind="bypass") == [("oncall", "queued", 1)]
    (waiting,) = world.server.get("/incidents").json()[0]["deliveries"]
    assert waiting["transition"] == "opened" and "429" in waiting["reason"]
    world.report(VPN)
    world.telegram.always(None)
    world.wait_told("Connected: office", "VPN bypass is over: office")
    world.telegram.always(bot_api.BLOCKED)
    world.report(HOME)
    until(lambda: world.channel()["state"] == "broken", "the channel to break")
    world.wait_stored()
    world.restart(end)
    assert deliveries(history(), kind="bypass", transition="resolved") == [("oncall", "sent", 1)]
    first, last = [one for one in reversed(history()) if one["kind"] == "bypass" and one["transition"] != "resolved"]
    assert [(one["state"], one["reason"]) for one in first["deliveries"]] == [("superseded", "its end tells it too")]
    (failed,) = last["deliveries"]
    assert failed["state"] == "failed" and "blocked" in failed["reason"]
    assert failed in world.server.get("/incidents").json()[0]["deliveries"]


@ends
def test_who_heard_of_an_incident_hears_that_its_client_was_deleted(world, end):
    """What nobody can have heard is not told any more, and nothing is left of either."""
    world.report(VPN)
    world.wait_told("Connected: office")
    world.report(HOME)
    world.wait_told("Connected: office", "VPN bypass: office")
    world.telegram.always(world.telegram.too_many(2))
    world.report(VPN, client="third")
    world.report(HOME, client="third")
    until(lambda: world.channel()["state"] == "retrying", "an attempt to be refused")
    for client in (CLIENT, "third"):
        reply = keepalive.call(f"{world.server.url}/api/v1/clients/{client}", "DELETE",
                               headers=keepalive.key_headers(world.lab.key))
        assert reply.status == 204, reply
    world.await_written()
    world.telegram.always(None)
    world.restart(end)
    world.wait_told("Connected: office", "VPN bypass: office", "No longer watched: office")
    assert "deleted by an operator" in world.telegram.messages[-1].text
    left = Database(world.file)
    assert not left.table(TOLD) and not left.transitions(CLIENT) and not left.transitions("third")


@ends
def test_an_incident_that_was_over_before_it_could_be_told_is_one_message_after_a_restart_too(world, end):
    world.report(VPN)
    world.wait_told("Connected")
    world.telegram.stop()
    world.report(HOME)
    until(lambda: world.channel()["state"] == "retrying", "an attempt to fail")
    world.report(VPN)
    world.restart(end)
    world.telegram.start()
    world.wait_told("Connected", "VPN bypass is over")


@ends
def test_a_chat_that_asked_for_patience_is_given_it_by_the_next_process_too(world, end):
    """The stand-in complains about a message that comes too early."""
    world.telegram.script(world.telegram.too_many(4))
    world.report(VPN)
    until(lambda: world.channel()["state"] == "retrying", "to be asked for patience")
    asked = world.telegram.requests[0].at
    world.await_written()
    world.restart(end)
    world.wait_told("Connected")
    assert 4 <= world.telegram.messages[0].at - asked < 8


@ends
def test_a_chat_that_moved_is_remembered(world, end):
    world.telegram.migrate(CHAT, -1001234567890)
    world.report(VPN)
    world.wait_told("Connected")
    world.await_written()
    world.restart(end)
    world.report(HOME)
    world.wait_told("Connected", "VPN bypass")
    assert len([r for r in world.telegram.requests if str(CHAT).encode() in r.body]) == 1


@ends
def test_a_channel_that_was_broken_is_mended_by_the_first_success(lab, end):
    world = World(lab)
    backup = lab.telegram(chat_id=99)
    world.server.config["notifiers"].append(lab.notifier(backup, chat_id=99, name="backup"))
    world.restart("stop")
    world.telegram.always(bot_api.BLOCKED)
    world.report(VPN)
    backup.wait_for("Channel broken")
    world.wait_stored()
    world.restart(end)
    assert world.channel()["state"] == "broken"
    world.telegram.always(None)
    world.report(HOME)
    backup.wait_for("Channel works again")
    assert len(backup.matching("Channel")) == 2, backup.texts()


@ends
def test_who_was_deleted_stays_deleted(world, end):
    world.report(VPN)
    world.report(VPN, client="second")
    reply = keepalive.call(f"{world.server.url}/api/v1/clients/{CLIENT}", "DELETE",
                           headers=keepalive.key_headers(world.lab.key))
    assert reply.status in (200, 204), reply
    until(lambda: not Database(world.file).transitions(CLIENT), "its history to go")
    world.restart(end)
    assert set(world.server.status()) == {"second"}


def tear_out_the_middle(file):
    content = bytearray(file.read_bytes())
    content[4096 : len(content)] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)


def write_something_else(file):
    file.write_bytes(b"this was never a database\n" * 400)


def cut_off(file):
    file.write_bytes(file.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [tear_out_the_middle, write_something_else, cut_off])
def test_a_damaged_file_is_set_aside_with_a_message_and_the_server_goes_on(world, damage):
    world.report(VPN)
    world.wait_told("Connected")
    world.server.stop()
    damage(world.file)
    damaged = world.file.read_bytes()
    world.server.start()
    said = world.server.program.log_since_start()
    (aside,) = world.file.parent.glob("sentinel.db.corrupt-*")
    assert str(aside) in said and "set aside" in said
    assert aside.read_bytes() == damaged, "it is kept as it was"
    assert world.server.get("/health").json()["status"] == "healthy"
    world.report(HOME)
    world.restart("kill")
    assert is_open("bypass")(world.server.client(CLIENT)), "the new file is kept"
