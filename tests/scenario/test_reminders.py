"""What nobody acknowledges: told again, and by others, over kills and reloads, until somebody looks after it."""

import json
import re
import signal
from datetime import datetime

from harness.keepalive import encode, flat
from harness.lab import CHAT
from harness.mortal import Mortal
from harness.places import HOME, VPN
from harness.program import run
from harness.roles import MONITOR
from harness.story import MARK
from harness.wait import holds, until

FEW = ["lab-0", "lab-1"]
BOSS = CHAT + 1
AWAKE = {**MONITOR, "interval": "1h", "lost_after": "3h", "home": {"addresses": [HOME.ip]}}  # nobody is lost meanwhile

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def when(text):
    return datetime.fromisoformat(text).timestamp()


def world(lab, oncall, boss=None, plan=()):
    """A server with one channel, or with a step after it too."""
    chats = {"oncall": lab.telegram()}
    alike = {"route": {"kind": ["bypass"]}, "group": {"by": "none"}}  # each message is about one
    notifiers = [{**lab.notifier(chats["oncall"], name="oncall", **alike), **oncall}]
    if boss is not None:
        chats["boss"] = lab.telegram(chat_id=BOSS)
        notifiers.append({**lab.notifier(chats["boss"], chat_id=BOSS, name="boss", **alike), **boss})
    server = lab.server(monitor=AWAKE, notifiers=notifiers,
                        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    return chats, server, Mortal(server, plan)


def report(server, name, place):
    reply = server.post(encode(flat(name, place, place.country)))
    assert reply.status < 300, reply


def leak(server, mortal, names):
    for name in names:
        mortal.call(lambda: report(server, name, VPN))  # noqa: B023
        mortal.call(lambda: report(server, name, HOME))  # noqa: B023


def incidents(server):
    return {incident["client"]: incident for incident in server.get("/incidents").json()}


def about(chat, name, title):
    return [message for message in list(chat.messages) if title in message.title and name in message.title]


def command(server, *words):
    done = run(*words, environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
    assert done.returncode == 0, done
    return done.stdout


def test_what_nobody_acknowledges_is_told_again_and_by_the_next_channel(lab):
    chats, server, mortal = world(lab, {"remind": ["9s", "1d"]}, {"escalate": {"after": "10s"}})
    mortal.start()
    leak(server, mortal, FEW)
    open_ones = incidents(server)
    assert all(one["next_reminder"] < one["escalates_at"] for one in open_ones.values()), open_ones
    command(server, "ack", open_ones["lab-0"]["id"], "-m", "on it")
    assert "next_reminder" not in incidents(server)["lab-0"] and "escalates_at" not in incidents(server)["lab-0"]
    due = when(incidents(server)["lab-1"]["next_reminder"])
    (row,) = [line for line in command(server, "incidents").splitlines() if "lab-1" in line]
    assert any(abs(when(text) - due) < 0.1 for text in TIME.findall(row)), row  # clocks are read anew for each answer
    until(lambda: about(chats["boss"], "lab-1", "Still"), "the next channel to hear of it", within=30)
    (told,) = about(chats["boss"], "lab-1", "Still")
    assert re.search(r"Still: VPN bypass: lab-1, for 1\ds", told.title), told.title
    assert "Nobody has acknowledged it" in told.text and re.search(r"Told before.*oncall", told.text), told.text
    until(lambda: about(chats["oncall"], "lab-1", "Still"), "the first channel to be reminded")
    report(server, "lab-0", VPN)
    report(server, "lab-1", VPN)
    until(lambda: about(chats["boss"], "lab-1", "is over"), "the end to be told there")
    until(lambda: len([text for text in chats["oncall"].texts() if "is over" in text]) == 2, "both ends")
    assert not about(chats["boss"], "lab-0", ""), chats["boss"].texts()
    assert not about(chats["oncall"], "lab-0", "Still"), chats["oncall"].texts()
    history = [one["transition"] for one in server.get("/clients/lab-1/history").json()]
    assert history.count("reminded") == 2


def test_a_server_killed_while_it_reminds_tells_each_once(lab):
    chats, server, mortal = world(lab, {"remind": ["1s", "1d"]}, {"escalate": {"after": "2s"}},
                                  plan=["reminder_storing:1", "reminder_stored:1"])
    mortal.start()
    leak(server, mortal, FEW)
    for chat in chats.values():
        for name in FEW:
            until(lambda: mortal.call(lambda: server.get("/incidents")) and about(chat, name, "Still"),  # noqa: B023
                  f"{name} to be told again")
    assert len(mortal.kills) == 2
    until(lambda: all(channel["queued"] == 0 for channel in server.get("/health").json()["channels"]), "all to be told")
    holds(lambda: all(len(about(chat, name, "Still")) == 1 for chat in chats.values() for name in FEW),
          lambda: [chat.texts() for chat in chats.values()], during=0.5)
    assert not any(MARK in text for chat in chats.values() for text in chat.texts())


def test_a_reload_with_other_gaps_counts_for_what_is_open(lab):
    chats, server, mortal = world(lab, {})
    mortal.start()
    leak(server, mortal, FEW)
    until(lambda: len(chats["oncall"].messages) == 2, "both to be told")
    assert "next_reminder" not in incidents(server)["lab-0"]
    server.config["notifiers"][0]["remind"] = ["1s", "1d"]
    server.write()
    server.program.signal(signal.SIGHUP)
    for name in FEW:
        until(lambda: about(chats["oncall"], name, "Still"), f"{name} to be told again")  # noqa: B023
    assert json.dumps(incidents(server)).count("next_reminder") == 2
