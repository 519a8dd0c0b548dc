"""
A language that was made a minute ago: each text of the catalogs is stretched and stands in brackets. What people read
has no word of ours outside of brackets, whatever they are told and whatever they ask.
"""

import os
import re
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from harness import keepalive
from harness.channel_ntfy import Ntfy
from harness.places import HOME, VPN
from harness.program import ROOT, binary, run
from harness.wait import until
from harness.wallclock import WallClock

MONITOR = {"interval": "1s", "grace": "1s", "lost_after": "3s", "home": {"addresses": [HOME.ip]}}

# Values, which are the same in every language: names, addresses, times, units, ids, commands.
VALUES = re.compile("|".join((
    r"\b(?:office|lab|home|silent|c)[-\w]*\b", r"\b\d+(?:\.\d+){3}(?:/\d+)?\b", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+(?: \([+-]\d\d:\d\d\))?",
    r"\b[A-Z0-9]{26}\b", r"/[a-z]+\b", *(re.escape(part) for place in (VPN, HOME) for part in (
        place.city, place.region, place.org, place.country)), r"\bAS\d+\b", r"\bMiB\b|\bKiB\b|\bGiB\b")))


def pseudo(text):
    """Letters are stretched, holes and the rest stay."""
    return "\u27e6" + re.sub(r"(\{\w+\})|([aeiou])", lambda m: m.group(1) or m.group(2) * 2, text) + "\u27e7"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def catalog(folder):
    """The domain vs-de in that folder, from the template."""
    template = (ROOT / "po/vpn-sentinel.pot").read_text(encoding="utf-8")
    entry = re.compile(r'^(msgid|msgid_plural) ("(?:[^"\\]|\\.)*"(?:\n"(?:[^"\\]|\\.)*")*)', re.MULTILINE)
    lines = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n']
    for block in template.split("\n\n")[1:]:
        found = dict(entry.findall(block))
        texts = {key: "".join(eval(part) for part in value.split("\n")) for key, value in found.items()}  # noqa: S307
        if "msgid_plural" in texts:
            lines.append(f'msgid {quoted(texts["msgid"])}\nmsgid_plural {quoted(texts["msgid_plural"])}\n'
                         f'msgstr[0] {quoted(pseudo(texts["msgid"]))}\nmsgstr[1] {quoted(pseudo(texts["msgid_plural"]))}\n')
        elif texts.get("msgid"):
            lines.append(f'msgid {quoted(texts["msgid"])}\nmsgstr {quoted(pseudo(texts["msgid"]))}\n')
    folder.mkdir(parents=True)
    source = folder / "pseudo.po"
    source.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run(["msgfmt", "--check-format", "-o", folder / "vs-de.mo", source], check=True)
    return len(lines)


@pytest.fixture
def speaks_pseudo(tmp_path, monkeypatch):
    """The program under test, installed beside that catalog."""
    built = binary()
    here = tmp_path / "installed"
    (here / "bin").mkdir(parents=True)
    try:
        os.link(built, here / "bin/vpn-sentinel")
    except OSError:
        (here / "bin/vpn-sentinel").write_bytes(built.read_bytes())
        (here / "bin/vpn-sentinel").chmod(0o755)
    for folder in ("lib", "tests"):  # plugins, and libraries to preload
        (here / folder).symlink_to(built.parent.parent / folder)
    assert catalog(here / "share/vpn-sentinel/locale/C.UTF-8/LC_MESSAGES") > 150
    monkeypatch.setenv("VPN_SENTINEL_BIN", str(here / "bin/vpn-sentinel"))


def outside(text):
    """What stands outside of all brackets, and is no value."""
    kept, depth = [], 0
    for character in text:
        depth += {"\u27e6": 1, "\u27e7": -1}.get(character, 0)
        if depth == 0 and character != "\u27e7":
            kept.append(character)
    assert depth == 0, text
    return VALUES.sub("", "".join(kept))


def assert_ours(text):
    left = outside(text)
    assert not re.search(r"[A-Za-z]{2}", left), f"written past the catalogs: {left!r} in {text!r}"


def report(server, client, place):
    reply = server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
    assert reply.status == 200, reply


def report_late(server, client, place):
    """What it found ten minutes ago, when nobody could be told."""
    now = datetime.now(timezone.utc)
    body = {**keepalive.own(client, place, place.country), "late": True, "timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "observed_at": f"{now - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"}
    reply = server.post(keepalive.encode(body))
    assert reply.status == 200, reply


def channels(lab):
    """By name: who hears of all, and again; who hears of what nobody acknowledged; who sleeps for another hour."""
    now, hour = datetime.now(timezone.utc), timedelta(hours=1)
    own = {"c-people": {"remind": ["1s", "1d"]}, "c-boss": {"escalate": {"after": "2s"}},
           "c-night": {"quiet": {"hours": f"{now - hour:%H:%M}-{now + hour:%H:%M}", "zone": "UTC",
                                 "severity": ["info", "warning", "critical"]}}}
    heard = {name: lab._kept(Ntfy(lab.authority)) for name in own}
    return heard, [heard[name].notifier(name=name, locale={"language": "de", "timezone": "Europe/Bucharest"},
                                        group={"by": "kind", "wait": "1s"}, **more) for name, more in own.items()]


def told(channel, pattern):
    until(lambda: re.search(pattern, "\n".join(channel.texts())), lambda: f"{pattern}: {channel.texts()}", within=30)


def test_whatever_people_are_told_passed_the_catalogs(lab, speaks_pseudo):
    clock = WallClock(lab.folder / "clock")
    heard, notifiers = channels(lab)
    people = heard["c-people"]
    server = lab.server(monitor=MONITOR, rate_limit={"requests": 1000}, notifiers=notifiers,
                        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    server.program.environment = {**server.program.environment, **clock.environment}
    server.start()
    environment = {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}
    report(server, "office", HOME)
    told(people, "VPN bypaass.*office")
    report(server, "office", VPN)
    for number in range(8):
        report(server, f"lab-{number}", VPN)
    told(people, "Loost")
    report(server, "office", VPN.at("198.51.100.9"))
    until(lambda: people.matching("Reecooveereed") or any(message.edits for message in people.messages),
          lambda: people.texts(), within=30)
    report_late(server, "office", HOME)
    told(people, "Reepoorteed laatee")
    told(people, "Stiill")
    told(heard["c-boss"], "Nooboody haas aacknoowleedgeed iit")
    assert run("notify", "-n", "c-night", "77", environment=environment).returncode == 0  # it has nothing else to send
    told(heard["c-night"], "Teest")

    # All the rest it is told when its hours are over.
    assert not re.search("lab|office", "".join(heard["c-night"].texts()))
    server.stop()
    clock.jump(3 * 3600)
    server.start()
    told(heard["c-night"], "waaiiteed foor thee eend oof thee quuiieet hoouurs")
    for channel in heard.values():
        for text in channel.texts():
            assert_ours(text)
    assert any("(+" in text or "lab-0" in text for text in people.texts())


def test_the_bot_answers_in_that_language_too(lab, speaks_pseudo):
    telegram = lab.telegram()
    server = lab.server(monitor={"interval": "1h", "lost_after": "9h", "home": {"addresses": [HOME.ip]}},
                        notifiers=[lab.notifier(telegram, name="c-bot", locale={"language": "de"})])
    server.start()
    telegram.bot.wait_polled()
    report(server, "office", HOME)
    telegram.wait_for("VPN bypaass")
    for said in ("/ping", "/help", "/status", "/status office", "/why office", "/incidents", "/history office", "/status nobody",
                 "/ack nothing", "/silence office 1h", "/probe office", "/nonsense"):
        before = len(telegram.messages)
        telegram.bot.say(said)
        until(lambda: len(telegram.messages) > before, f"an answer to {said}")
        answer = telegram.messages[before]
        assert "\u27e6" in answer.text, (said, answer.text)
        for label, _ in answer.buttons or []:
            assert_ours(label)
