"""Silences, acknowledgments and messages about many: by the command line, for a crowd, and killed at each step."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from harness.channel_webhook import Webhook
from harness.commands import own_name
from harness.keepalive import encode, flat
from harness.mortal import Mortal
from harness.places import VPN
from harness.program import run
from harness.roles import MONITOR
from harness.story import MARK
from harness.wait import holds, until
from harness.wallclock import WallClock

CROWD = [f"lab-{i:03}" for i in range(500)]
FEW = CROWD[:8]  # few enough that a message about them names each
HEALED = "It was silenced until now"


def say_alive(server, names):
    with ThreadPoolExecutor(8) as pool:
        for reply in pool.map(lambda name: server.post(encode(flat(name, VPN, VPN.country))), names):
            assert reply.status < 300, reply


def world(lab, monitor=None, plan=(), **notifier):
    """A server that is told to die as `plan` says; only what is lost, or worse, is told."""
    telegram = lab.telegram()
    server = lab.server(monitor=monitor or MONITOR, notifiers=[{**lab.notifier(telegram, name="oncall"), **notifier}],
                        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    return telegram, server, Mortal(server, plan)


def told(server, mortal):
    """Waits until the channel owes nothing."""
    until(lambda: mortal.call(lambda: server.get("/health").json())["channels"][0]["queued"] == 0,
          "everything to be told")


def ask(server, *words):
    return run(*words, environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})


def said(done):
    assert done.returncode == 0, done
    return done.stdout


def lost(server):
    return [incident for incident in server.get("/incidents").json() if incident["kind"] == "tunnel_lost"]


def names_in(message):
    return set(re.findall(r"lab-\d{3}", message.text))


def count_in(message):
    more = re.search(r"\(\+(\d+)\)", message.title)
    return 1 + (int(more.group(1)) if more else 0)


def check_told(telegram, names):
    """Each of them in a message, and in a second one only with the mark."""
    seen = set()
    for message in telegram.messages:
        assert MARK in message.text or not seen & names_in(message), telegram.texts()
        seen |= names_in(message)
    assert seen == set(names), telegram.texts()


def test_the_command_line_silences_lists_acknowledges_and_ends(lab):
    telegram, server, mortal = world(lab, route={"kind": ["tunnel_lost"]})
    mortal.start()
    silence = said(ask(server, "silence", "add", "lab-*", "--for", "1h", "-m", "new kernel")).strip()
    listed = said(ask(server, "silence", "list"))
    assert silence in listed and "new kernel" in listed and "lab-*" in listed
    say_alive(server, FEW[:1])
    (incident,) = until(lambda: lost(server), "it to be lost")
    shown = said(ask(server, "incidents"))
    assert incident["id"] in shown and "(silenced)" in shown
    holds(lambda: not telegram.messages, telegram.texts, during=0.5)
    said(ask(server, "silence", "end", silence))
    assert "nothing is silenced" in said(ask(server, "silence", "list"))
    until(lambda: len(telegram.messages) == 1, "what was held back")
    assert HEALED in telegram.messages[0].text
    said(ask(server, "ack", incident["id"], "-m", "on it"))
    assert lost(server)[0]["acknowledged_by"] == own_name()
    assert own_name() in said(ask(server, "incidents"))
    until(lambda: any("on it" in text for text in telegram.texts()), "the acknowledgment to be told")
    again = ask(server, "ack", incident["id"])
    assert again.returncode != 0 and "already" in again.stderr
    assert ask(server, "silence", "end", silence).returncode != 0


def test_a_crowd_that_is_lost_at_once_is_told_in_five_messages_at_most(lab):
    telegram, server, mortal = world(lab, {**MONITOR, "lost_after": "8s"}, route={"kind": ["tunnel_lost"]},
                                     group={"by": "kind", "wait": "1s", "interval": "6s"})
    mortal.start()
    say_alive(server, CROWD)
    until(lambda: len(lost(server)) == len(CROWD), "all to be lost", within=25)
    told(server, mortal)
    messages = list(telegram.messages)
    assert len(messages) <= 5, telegram.texts()
    assert sum(map(count_in, messages)) == len(CROWD), telegram.texts()
    named = [name for message in messages for name in names_in(message)]
    assert len(named) == len(set(named)) and set(named) <= set(CROWD)
    assert all(len(names_in(message)) == min(count_in(message), 10) for message in messages), telegram.texts()


def test_people_are_told_of_a_crowd_at_once_and_programs_of_each_unless_the_configuration_says_more(lab):
    people, program = lab.telegram(), lab._kept(Webhook(lab.authority))
    alike = {"route": {"kind": ["tunnel_lost"]}, "group": None}
    server = lab.server(notifiers=[{**lab.notifier(people, name="people"), **alike},
                                   program.notifier(name="program", **alike)]).start()
    say_alive(server, FEW)
    until(lambda: len(program.messages) == len(FEW), program.texts)
    assert {message.raw["client"] for message in program.messages} == set(FEW), program.texts()
    until(lambda: people.messages and set().union(*map(names_in, people.messages)) == set(FEW), people.texts)
    assert len(people.messages) < len(FEW), people.texts()


def test_who_is_lost_within_the_interval_is_one_message_that_says_who_is_back(lab):
    telegram, server, mortal = world(lab, {**MONITOR, "lost_after": "8s"}, route={"kind": ["tunnel_lost"]},
                                     group={"by": "kind", "wait": "500ms", "interval": "2m"})
    mortal.start()
    say_alive(server, FEW)
    until(lambda: len(lost(server)) == len(FEW), "all to be lost", within=25)
    until(lambda: telegram.messages and count_in(telegram.messages[0]) == len(FEW), telegram.texts)
    assert len(telegram.messages) == 1 and names_in(telegram.messages[0]) == set(FEW), telegram.texts()
    say_alive(server, FEW)
    until(lambda: len(telegram.messages) > 1, telegram.texts)
    assert "All 8 are back." in telegram.messages[1].text and telegram.messages[1].reply_to == 1, telegram.texts()
    assert "All 8 are back." in telegram.messages[0].text, telegram.texts()


def test_a_silence_that_was_answered_as_stored_outlives_a_kill(lab):
    telegram, server, mortal = world(lab, plan=["silence_storing:2"])
    mortal.start()
    first = said(ask(server, "silence", "add", "lab-*", "--for", "1h")).strip()
    assert ask(server, "silence", "add", "x-*", "--for", "1h").returncode != 0
    mortal.call(lambda: server.get("/silences"))
    assert len(mortal.kills) == 1
    assert [silence["id"] for silence in server.get("/silences").json()] == [first]


def test_an_acknowledgment_that_was_answered_outlives_a_kill(lab):
    telegram, server, mortal = world(lab, plan=["ack_storing:2"])
    mortal.start()
    say_alive(server, FEW[:2])
    one, other = until(lambda: len(lost(server)) == 2 and lost(server), "both to be lost")
    said(ask(server, "ack", one["id"]))
    assert ask(server, "ack", other["id"]).returncode != 0
    mortal.call(lambda: server.get("/incidents"))
    assert len(mortal.kills) == 1
    after = {incident["id"]: incident.get("acknowledged_by") for incident in lost(server)}
    assert after[one["id"]] and not after[other["id"]]


def test_what_a_silence_held_back_is_told_once_after_a_kill_at_its_end(lab):
    telegram, server, mortal = world(lab, plan=["held_telling:1"], route={"kind": ["tunnel_lost"]})
    mortal.start()
    silence = said(ask(server, "silence", "add", "lab-*", "--for", "1h")).strip()
    say_alive(server, FEW[:3])
    until(lambda: len(lost(server)) == 3, "all to be lost")
    ask(server, "silence", "end", silence)
    until(lambda: not server.program.alive(), "the kill")
    mortal.call(lambda: server.get("/silences"))
    if server.get("/silences").json():
        said(ask(server, "silence", "end", silence))
    until(lambda: len(telegram.messages) == 3, telegram.texts)
    told(server, mortal)
    assert sorted(name for message in telegram.messages for name in names_in(message)) == FEW[:3]
    assert len(mortal.kills) == 1 and not any(MARK in text for text in telegram.texts())


@pytest.mark.parametrize("point", ["group_sent:1", "group_settling:1"])
def test_a_message_about_many_reaches_everybody_and_comes_twice_only_marked(lab, point):
    telegram, server, mortal = world(lab, plan=[point], route={"kind": ["tunnel_lost"]},
                                     group={"by": "kind", "wait": "500ms", "interval": "2s"})
    mortal.start()
    say_alive(server, FEW)
    until(lambda: mortal.call(lambda: len(lost(server))) == len(FEW), "all to be lost")
    until(lambda: mortal.call(lambda: server.get("/incidents")) and mortal.kills, f"a kill at {point}")
    told(server, mortal)
    assert len(mortal.kills) == 1
    check_told(telegram, FEW)


@pytest.mark.parametrize("point", ["delivery_recorded:2", "delivery_sent:2"])
def test_a_change_of_a_message_that_is_killed_loses_nobody_and_tells_twice_only_marked(lab, point):
    telegram, server, mortal = world(lab, plan=[point], route={"kind": ["tunnel_lost"]},
                                     group={"by": "kind", "wait": "500ms", "interval": "2m"})
    mortal.start()
    say_alive(server, FEW[:1])
    until(lambda: telegram.messages, "the first to be told")
    say_alive(server, FEW[1:])
    until(lambda: mortal.call(lambda: len(lost(server))) == len(FEW), "all to be lost")
    until(lambda: mortal.call(lambda: server.get("/incidents")) and mortal.kills, f"a kill at {point}")
    told(server, mortal)
    assert len(mortal.kills) == 1
    check_told(telegram, FEW)


@pytest.mark.parametrize("point", ["delivery_recorded:1", "delivery_sent:1", "group_sent:1", "group_settling:1"])
def test_a_kill_while_people_are_told_of_the_night_loses_nobody_and_tells_twice_only_marked(lab, point):
    clock = WallClock(lab.folder / "clock")
    telegram = lab.telegram(encrypted=False)  # certificates have dates
    now, hour = datetime.now(timezone.utc), timedelta(hours=1)
    quiet = {"hours": f"{now - hour:%H:%M}-{now + hour:%H:%M}", "zone": "UTC", "severity": ["info", "warning"]}
    server = lab.server(notifiers=[{**lab.notifier(telegram, name="oncall"), "quiet": quiet}],
                        monitor={"interval": "1h", "lost_after": "1d"},
                        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    server.program.environment = {**server.program.environment, **clock.environment}
    server.start()
    say_alive(server, FEW)
    until(lambda: server.get("/health").json()["channels"][0]["queued"] == len(FEW), "all to wait")
    server.kill()
    server.start()
    holds(lambda: not telegram.messages, telegram.texts, during=1)
    server.kill()
    clock.jump(3 * 3600)
    mortal = Mortal(server, [point])
    mortal.start()
    until(lambda: mortal.call(lambda: server.get("/health")) and mortal.kills, f"a kill at {point}")
    told(server, mortal)
    assert len(mortal.kills) == 1
    check_told(telegram, FEW)
    assert all(f"{len(FEW)} messages waited" in text for text in telegram.texts()), telegram.texts()
    assert len(telegram.messages) <= (1 if point == "delivery_recorded:1" else 2), telegram.texts()
