"""The wall clock of the server jumps: nobody is lost by it, nothing is forgotten, nothing is told that was not."""

import re
import time
from datetime import datetime, timezone

import pytest

from harness import keepalive
from harness.ipinfo import Ipinfo
from harness.places import HOME, OTHER_VPN, VPN
from harness.story import CLIENT, LOST_AFTER, MARK, MONITOR, STEADY, STEPS, Story, is_open
from harness.wait import until
from harness.wallclock import WallClock

DAY = 24 * 3600
JUMPS = {"a day ahead": DAY, "a day back": -DAY, "ten years ahead": 3653 * DAY}
DURATION = r"((?:[\d.]+(?:ms|s|m|h|d) ?)+)"
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": DAY}
all_jumps = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())


def seconds(text, before):
    """The duration that follows `before` in a message."""
    found = re.search(before + DURATION, text)
    assert found, text
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[smhd])", found.group(1)))


class World:
    """A server whose wall clock is ours, a client that we play, a chat over plain HTTP: certificates have dates."""

    def __init__(self, lab, **config):
        self.lab = lab
        self.clock = WallClock(lab.folder / "clock")
        self.telegram = lab.telegram(encrypted=False)
        self.server = lab.server(**{
            "monitor": MONITOR, "notifiers": [lab.notifier(self.telegram, name="oncall")],
            "store": {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}, **config})
        program = self.server.program
        program.environment = {**program.environment, **self.clock.environment}
        self.server.start()
        self.story = Story(self.server, self.telegram)

    def live(self, seconds, client=True):
        """Both clients report for so long; or only the other one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if client:
                self.report(VPN, "RO")
            self.story.breathe()

    def report(self, place, dns):
        reply = self.server.post(keepalive.encode(keepalive.flat(CLIENT, place, dns)))
        assert reply.status == 200, reply
        return reply.json()

    def headlines(self, of=CLIENT):
        return [headline for headline, client, _ in self.story.messages() if client == of]

    def message(self, headline):
        """The text of the one with that headline about the client."""
        (message,) = [m for found, client, m in self.story.messages() if (found, client) == (headline, CLIENT)]
        return message.text

    def wait_for(self, *headlines):
        self.story.wait(lambda: self.headlines() == list(headlines), f"{headlines}")

    def end(self):
        """The other client was announced, and nothing else is told of it."""
        self.story.wait(lambda: self.headlines(STEADY) == ["Connected"], "the other client to be announced, once")
        assert not [m.text for m in self.telegram.messages if MARK in m.text]
        assert not re.search(r"-\d+(\.\d+)? ?(ms|s|m|h|d)\b", "\n".join(self.telegram.texts())), "a negative duration"
        assert self.server.stop() < 5


@pytest.fixture
def world(lab):
    return World(lab)


@all_jumps
def test_the_whole_story_is_told_as_ever_with_a_jump_before_each_step(world, jump):
    for step in STEPS:
        world.story.steps = STEPS[: STEPS.index(step) + 1]
        world.clock.jump(jump if abs(jump) == DAY else jump // len(STEPS))
        world.story.live_step(step)
        world.story.wait(lambda step=step: step.headline in world.story.told(), step.headline)
    world.story.judge()
    world.end()


def test_a_client_that_is_alive_stays_so_and_is_lost_by_its_own_silence_only(world):
    world.live(0.5)
    for jump in JUMPS.values():
        world.clock.jump(jump)
        world.live(1.2)
        assert world.server.client(CLIENT)["status"] == "alive"
    assert world.headlines() == ["Connected"]
    silent_since = time.monotonic()
    for jump in JUMPS.values():
        world.live(0.25 * LOST_AFTER, client=False)
        world.clock.jump(-jump)
    assert world.headlines() == ["Connected"]
    world.wait_for("Connected", "Lost")
    assert 0.9 * LOST_AFTER < time.monotonic() - silent_since < 2 * LOST_AFTER
    world.end()


def test_a_client_that_is_lost_is_neither_forgotten_nor_told_again_and_recovers(world):
    world.live(0.3)
    world.story.wait(lambda: "Lost" in world.headlines(), "the loss")
    for jump in JUMPS.values():
        world.clock.jump(jump)
        world.live(1.2, client=False)
        assert world.server.client(CLIENT)["status"] == "lost"
    assert world.headlines() == ["Connected", "Lost"]
    world.live(0.3)
    world.wait_for("Connected", "Lost", "Recovered")
    world.end()


@pytest.mark.parametrize("jump", [3653 * DAY, -3653 * DAY], ids=["ten years ahead", "ten years back"])
def test_a_loss_and_its_end_say_how_long_they_were_and_the_history_has_them(world, jump):
    world.live(0.5)
    silent_since = time.monotonic()
    world.live(0.5 * LOST_AFTER, client=False)
    world.clock.jump(jump)
    world.wait_for("Connected", "Lost")
    told = seconds(world.message("Lost"), "no keepalive for ")
    assert 0.9 * LOST_AFTER < told < time.monotonic() - silent_since + 0.5
    world.clock.jump(-2 * jump)
    world.live(1.5, client=False)
    (incident,) = world.server.client(CLIENT)["incidents"]
    world.clock.jump(jump)
    world.report(VPN, "RO")
    silent = time.monotonic() - silent_since
    world.wait_for("Connected", "Lost", "Recovered")
    assert abs(seconds(world.message("Recovered"), "no keepalive for ") - silent) < 1.5
    history = world.server.get(f"/clients/{CLIENT}/history").json()
    changes = {(t["kind"], t["transition"]): t for t in history}
    assert set(changes) == {("connected", "notice"), ("tunnel_lost", "opened"), ("tunnel_lost", "resolved")}
    assert changes["tunnel_lost", "resolved"]["incident"] == incident["id"]
    assert abs(changes["tunnel_lost", "resolved"]["duration_ms"] / 1000 - silent) < 1.5
    world.end()


@pytest.mark.parametrize("jump", [3653 * DAY, -3653 * DAY], ids=["ten years ahead", "ten years back"])
def test_the_exits_that_the_server_has_learned_stay_home(lab, jump):
    ipinfo = Ipinfo(HOME)  # over plain HTTP, as the chat
    lab.stand_ins.append(ipinfo)
    world = World(lab, monitor={key: value for key, value in MONITOR.items() if key != "home"}, probes=[
        {"plugin": "ipinfo", "interval": "1s", "timeout": "2s", "options": {"url": ipinfo.url}}])
    until(lambda: world.report(VPN, "RO")["verdict"] == "secure", "the server to know its exit")
    ipinfo.place = HOME.at("203.0.113.21")
    world.clock.jump(jump)
    until(lambda: world.report(ipinfo.place, "PL")["verdict"] == "leak", "the server to learn another exit")
    assert world.report(HOME, "PL")["verdict"] == "leak", "the one before is forgotten"
    assert world.report(VPN, "RO")["verdict"] == "secure"


@all_jumps
def test_a_message_that_waits_is_delivered_whatever_time_it_is(world, jump):
    world.live(0.3)
    world.wait_for("Connected")
    world.telegram.stop()
    world.report(HOME, "PL")
    until(lambda: world.story.health()["channels"][0]["state"] == "retrying", "the delivery to fail")
    world.clock.jump(jump)
    world.story.wait(lambda: world.story.health()["channels"][0]["last_error"], "another attempt")
    world.telegram.start()
    until(lambda: world.telegram.matching("VPN bypass"), "the message", within=30)
    assert world.headlines() == ["Connected", "VPN bypass"]


@pytest.mark.parametrize("jump", [*JUMPS.values(), -3653 * DAY], ids=[*JUMPS.keys(), "ten years back"])
def test_a_message_that_waits_is_delivered_after_a_crash_and_a_jump(world, jump):
    world.live(0.3)
    world.wait_for("Connected")
    world.telegram.stop()
    world.report(HOME, "PL")
    world.server.kill()
    world.clock.jump(jump)
    world.server.start()
    world.telegram.start()
    until(lambda: world.telegram.matching("VPN bypass"), "the message", within=30)
    assert [i["kind"] for i in world.server.client(CLIENT)["incidents"]] == ["bypass"]
    world.live(0.3)
    until(lambda: world.telegram.matching("VPN bypass is over"), "its end")
    assert world.headlines() == ["Connected", "VPN bypass", "VPN bypass is over"]


@all_jumps
def test_two_rounds_are_two_rounds_whatever_lies_between_them(world, jump):
    world.report(OTHER_VPN, "CH")
    world.report(OTHER_VPN, "RO")
    world.clock.jump(jump)
    assert world.server.client(CLIENT)["incidents"] == []
    world.report(OTHER_VPN, "RO")
    assert is_open("dns_leak")(world.server.client(CLIENT))
    world.story.wait(lambda: world.headlines() == ["Connected", "DNS leak"], "the leak")
    world.end()


@all_jumps
def test_an_incident_that_flapped_ends_when_all_has_been_well_for_a_while(world, jump):
    for place in (VPN, HOME, VPN, HOME, VPN):
        world.report(place, place.country)
    assert is_open("bypass")(world.server.client(CLIENT)), "one that came back does not end at once"
    world.live(0.5)
    world.clock.jump(jump)
    world.story.wait(lambda: world.report(VPN, "RO") and is_open()(world.server.client(CLIENT)), "its end")
    world.end()


@all_jumps
def test_facts_of_a_client_whose_clock_is_right_count_when_ours_is_not(world, jump):
    world.clock.jump(jump)
    for place, verdict in ((VPN, "secure"), (HOME, "leak"), (VPN, "secure")):
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = keepalive.own(CLIENT, place, place.country, observed_at=now, timestamp=now)
        reply = world.server.post(keepalive.encode(body)).json()
        assert reply["verdict"] == verdict, reply
    world.end()
