"""
Databases that earlier versions left behind, opened by this one: what they knew is known, what they owed is told.
Each was the database of a whole server that was killed; fixtures/README.md says what lies in it.
"""

import json
import re
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from harness import keepalive
from harness.database import ASIDE, OUTBOX, Database
from harness.places import HOME, OTHER_VPN, VPN
from harness.program import ROOT
from harness.story import MARK
from harness.wait import holds, until
from harness.wallclock import WallClock

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("server-*.db"))
AWAY = 600  # seconds between the end of the fixture's server and its next start
LATE = "This message is late"
SLACK = 60  # seconds that a test may take


def stamp(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text):
    return datetime.fromisoformat(text).timestamp()


def lacks(known, shown, where):
    """What was known and is not shown: new members may join, none may go or change."""
    if isinstance(known, dict) and isinstance(shown, dict):
        for name, value in known.items():
            yield from lacks(value, shown[name], f"{where}.{name}") if name in shown else [f"{where}.{name} is gone"]
    elif isinstance(known, list) and isinstance(shown, list) and len(known) == len(shown):
        for index, value in enumerate(known):
            yield from lacks(value, shown[index], f"{where}[{index}]")
    elif known != shown:
        yield f"{where}: {known!r} became {shown!r}"


def settled(shown):
    """Without the messages that wait, and when others come: what becomes of them goes on."""
    if isinstance(shown, list):
        return [settled(one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    return {name: [one for one in value if one["state"] not in ("queued", "sending")] if name == "deliveries"
            else settled(value) for name, value in shown.items() if name != "next_reminder"}


def may_have_arrived(waiting):
    """Of one told alone. Older records count the attempts, and say of none that it surely failed."""
    return waiting["under_way"] if "under_way" in waiting else waiting["attempts"] > 0


class World:
    """A server that goes on with a copy of the fixture, ten minutes later."""

    def __init__(self, lab, fixture):
        self.lab = lab
        self.known = json.loads(fixture.with_suffix(".json").read_text(encoding="utf-8"))
        self.file = lab.folder / "sentinel.db"
        shutil.copy(fixture, self.file)
        self.clock = WallClock(lab.folder / "clock")
        self.clock.jump(int(self.known["made_at"] + AWAY - time.time()))
        self.chats = {name: lab.telegram(chat_id=chat, encrypted=False) for name, chat in self.known["chats"].items()}
        self.chats["pager"].migrate(self.known["moved"]["old"], self.known["moved"]["new"])
        self.server = lab.server(
            monitor={"interval": "1h", "grace": "0s", "lost_after": "9h", "home": {"addresses": [self.known["home"]]}},
            store={"plugin": "sqlite", "options": {"path": self.file}},
            notifiers=[lab.notifier(self.chats[name], chat_id=chat, name=name, route=self.known["routes"][name] or {},
                                    group=self.known.get("grouped", {}).get(name, {"by": "none"}))
                       for name, chat in self.known["chats"].items()])
        program = self.server.program
        program.environment = {**program.environment, **self.clock.environment}

    def hold_back(self):
        """Nobody is told anything yet: what the chats owe stays owed."""
        for chat in self.chats.values():
            chat.stop()
        return self

    def now(self):
        return time.time() + self.clock.ahead / 1000

    def report(self, client, place, dns=None, **more):
        at = stamp(self.now())
        body = keepalive.own(client, place, dns or place.country, timestamp=at, observed_at=at, started_at=at,
                             seq=time.monotonic_ns(), **{"interval_seconds": 3600, **more})
        return self.post(body)

    def post(self, body):
        reply = self.server.post(keepalive.encode(body))
        assert reply.status == 200 and reply.json()["durable"], reply
        return reply.json()

    def get(self, path):
        reply = self.server.get(path)
        assert reply.status == 200, reply
        return reply.json()

    def wait_told(self):
        until(lambda: not Database(self.file).table(OUTBOX), lambda: f"all to be told\n{self.server.program.log()[-3000:]}",
              within=40)

    def incident(self, kind, client):
        (found,) = [i for i in self.known["incidents"] if (i["kind"], i["client"]) == (kind, client)]
        return found

    def titles(self, chat="oncall"):
        return [message.title for message in list(self.chats[chat].messages)]


@pytest.fixture(params=FIXTURES, ids=lambda file: file.stem)
def world(lab, request):
    return World(lab, request.param)


def test_there_is_a_database_of_this_schema():
    assert FIXTURES and all(file.with_suffix(".json").exists() for file in FIXTURES)
    assert all(file.stat().st_size < 100 * 1024 for file in FIXTURES)
    assert {Database(file).integrity for file in FIXTURES} == {"ok"}
    # Each table that the present build writes stands in one of them; what could not be read is in none.
    written = re.findall(r"^\tX\(\w+,[\s\\]*(\d+)\)", (ROOT / "core/server/unit.h").read_text(), re.MULTILINE)
    kept = {tab for file in FIXTURES for tab, _key, _value in Database(file).records}
    assert len(written) >= 8 and kept == {int(tab) for tab in written} - {ASIDE}


def test_clients_incidents_and_history_are_shown_as_they_were(world):
    world.hold_back().server.start()
    shown = world.server.status()
    # Who was late has a full period again, and is judged by its own interval of a second.
    assert world.known["status"]["late"]["status"] == "late"
    world.known["status"]["late"]["status"] = shown["late"]["status"]
    assert shown.keys() == world.known["status"].keys()
    faults = list(lacks(world.known["status"], shown, "status"))
    order = {i["id"]: i for i in world.get("/incidents")}
    faults += lacks(settled({i["id"]: i for i in world.known["incidents"]}), settled(order), "incidents")
    assert order.keys() == {i["id"] for i in world.known["incidents"]}
    for client, history in world.known["history"].items():
        now = world.get(f"/clients/{client}/history")
        faults += lacks(settled(history), settled(now), f"history of {client}")
    assert not faults, "\n".join(faults)
    said = world.server.program.log()
    assert not re.search(r"left alone|cannot be read|[1-9]\d* unreadable|set aside", said), said
    world.server.wait_client("late", lambda record: record["status"] == "late", "to be late by its own interval")
    assert world.server.client("lost")["status"] == "lost" and world.server.client("office")["status"] == "alive"
    world.server.stop()
    assert Database(world.file).integrity == "ok"


def test_what_was_owed_is_told_once_and_marked_where_it_must_be(world):
    world.server.start()
    world.wait_told()
    for name, chat in world.chats.items():
        owed = [one for one in world.known["waiting"] if one["channel"] == name]
        together = world.known.get("together", {}).get(name, [])  # told as one
        assert len(chat.messages) == len(owed) - len(together[1:]), chat.texts()
        for one in owed:
            transition = json.loads(one["transition"])
            client = transition["client"]
            title = {"connected": "Connected", "bypass": "VPN bypass", "tunnel_lost": "Lost"}[transition["kind"]]
            head = together[0] if client in together else client
            (message,) = [m for m in chat.messages if re.search(rf"{title}: {head}\b", m.title)]
            assert LATE in message.text and client in message.text, message.text
            assert (MARK in message.text) == (client in together or may_have_arrived(one)), message.text
    kinds = {(one["channel"], one["attempts"] > 0) for one in world.known["waiting"]}
    assert kinds >= {("oncall", False), ("oncall", True), ("pager", True)}, "what the fixture is for"
    assert any(one["attempts"] > 0 and one["patience_ms"] > 0 for one in world.known["waiting"])
    assert {may_have_arrived(one) for one in world.known["waiting"]} == {True, False}


def test_the_wish_of_a_channel_to_be_left_alone_is_kept(world):
    world.hold_back()
    (patient,) = [one for one in world.known["waiting"] if one["patience_ms"] > 0 and one["attempts"] > 0]
    (other,) = {one["channel"] for one in world.known["waiting"] if one["attempts"] > 0} - {patient["channel"]}
    for chat in world.chats.values():
        chat.start()
    world.clock.jump(-AWAY + 30)
    world.server.start()
    world.chats[other].wait_for("VPN bypass")
    holds(lambda: not world.chats[patient["channel"]].requests, lambda: world.titles(), during=2)


def test_a_chat_that_moved_is_written_to_where_it_is(world):
    world.server.start()
    (message,) = world.chats["pager"].wait_for("VPN bypass")
    assert message.chat_id == world.known["moved"]["new"]
    assert len(world.chats["pager"].requests) == 1, "the old chat was not tried again"


def test_nobody_is_connected_again(world):
    world.server.start()
    world.wait_told()
    before = len(world.titles())
    world.report("office", VPN, client_version="1.4.2")
    world.report("six", VPN.at("2001:db8:77::7"))
    world.report("healed", OTHER_VPN)
    world.report("late", VPN)
    world.wait_told()
    assert len(world.titles()) == before, world.titles()


def test_a_new_exit_and_a_new_version_are_told_beside_those_that_were_told_before(world):
    world.server.start()
    world.report("upgraded", OTHER_VPN, client_version="3.0.0")
    (changed,) = world.chats["oncall"].wait_for("Exit changed: upgraded")
    assert VPN.ip in changed.text and OTHER_VPN.ip in changed.text
    until(lambda: [m for m in world.chats["oncall"].messages if "3.0.0" in m.text and "2.0.0" in m.text], "the new version")


def test_an_open_incident_ends_with_its_whole_duration_where_it_was_told(world):
    world.server.start()
    world.wait_told()
    world.report("bypass", VPN)
    world.report("lost", VPN)
    world.report("owed", VPN)
    ends = {("bypass", "bypass"): "VPN bypass is over", ("tunnel_lost", "lost"): "Recovered",
            ("bypass", "owed"): "VPN bypass is over"}
    for (kind, client), title in ends.items():
        (message,) = world.chats["oncall"].wait_for(f"{title}: {client}\\b")
        assert world.chats["pager"].wait_for(f"{title}: {client}\\b"), "it was told there, too"
        begun = world.incident(kind, client)
        (end,) = [t for t in world.get(f"/clients/{client}/history") if t["transition"] == "resolved"]
        assert end["incident"] == begun["id"] and end["since"] == begun["first_bad_at"], end
        lasted = world.now() - seconds_of(begun["first_bad_at"])
        assert lasted - SLACK < end["duration_ms"] / 1000 <= lasted + 1, (lasted, end)
        assert re.search(r"\b1\d ?m", message.text), message.text
        assert world.server.client(client)["incidents"] == []
    crowd = {client for client in world.known["status"] if client.startswith("crowd-")}
    assert {i["client"] for i in world.get("/incidents")} - {"silenced"} == {"healing", "", *crowd}
    for client in crowd:
        world.report(client, VPN)
    if crowd:  # together with those that come at once, or alone: each was told there that it was lost
        until(lambda: all(any("Recovered" in m.title and client in m.text for m in list(world.chats["crowd"].messages))
                          for client in crowd), lambda: world.titles("crowd"), within=30)


def test_a_round_of_good_evidence_counts_still_and_the_same_report_is_no_second_one(world):
    world.server.start()
    world.post(world.known["bodies"]["healing"])
    assert [i["kind"] for i in world.server.client("healing")["incidents"]] == ["dns_leak"]
    world.report("healing", OTHER_VPN)
    assert world.server.client("healing")["incidents"] == []
    world.chats["oncall"].wait_for("DNS leak is over: healing")


def test_a_channel_that_was_broken_is_so_until_it_works(world):
    world.server.start()
    (dead,) = [channel for channel in world.get("/health")["channels"] if channel["name"] == "dead"]
    assert dead["state"] == "broken"
    world.wait_told()
    assert not [title for title in world.titles() if "Channel" in title]
    world.report("office", HOME)
    world.chats["dead"].wait_for("VPN bypass: office")
    world.chats["oncall"].wait_for("Channel works again")
    until(lambda: "channel_broken" not in {i["kind"] for i in world.get("/incidents")}, "the trouble to end")
