"""Texts that mean harm, in every field that a client or an operator can set, on every channel, in every language."""

import json
import os
import re
import unicodedata

from harness import keepalive
from harness.every_channel import EveryChannel
from harness.places import HOME, VPN
from harness.program import run

ALL = bool(os.environ.get("VPN_SENTINEL_TEST_ALL"))
LANGUAGES = ("en", "de", "es", "fr", "pt", "ro")
HOSTILE = ["<b>bold</b>", "A & B &amp; C", "{{7*7}} ${7*7}", "%s%n%1$s", "{client} {evidence} {headline}", "\u202ertl\u202c \u200f",
           "\U0001f480\U0001f1f7\U0001f1f4 \U00010348", "one\r\ntwo\n\nBcc: x", "@everyone <@1> *y* _z_ `x` [l](http://x.y)",
           "'; DROP TABLE clients; --", "z" * 1024, "東京 ţăr"]
LONGEST = {"client_version": 25}  # more is refused
FIELDS = ("city", "region", "provider", "country", "dns_location", "client_version")


def shown(text):
    """How a value is shown: what acts on the line it stands in is a blank; long ones may be cut."""
    blank = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in "\u202e\u202c\u200f" else c for c in text)
    return re.sub(r"\s+", " ", blank).strip()[:60]


def one_line(text):
    return re.sub(r"\s+", " ", text)


def everywhere(every, server, mark, values):
    """Each channel has a message with mark, and in one of them each of values, as it is."""
    for name, texts in every.with_text(server, mark, len(LANGUAGES) if ALL else 1).items():
        for text in map(one_line, texts):
            for value in values:
                assert shown(value) in text, (name, value, text)


def each_language(every):
    """Every channel once in each language; the first instance keeps its name."""
    spoken = []
    for notifier in every.notifiers:
        for language in LANGUAGES if ALL else (LANGUAGES[len(spoken) % 6],):
            spoken.append({**notifier, "name": f"{notifier.get('name', notifier['plugin'])}-{language}",
                           "locale": {"language": language}, "group": {"by": "none"}})
    return spoken


def test_values_are_shown_as_they_are_on_every_channel_in_every_language(lab):
    every = EveryChannel(lab)
    server = lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
                        notifiers=each_language(every), rate_limit={"requests": 1000})
    server.start()
    rounds = range(len(HOSTILE)) if ALL else range(0, len(HOSTILE), len(FIELDS) - 2)
    for turn in rounds:
        values = {field: HOSTILE[(turn + i) % len(HOSTILE)][:LONGEST.get(field)] for i, field in enumerate(FIELDS)}
        body = {**keepalive.flat(f"client-{turn}.", VPN, "RO"), **values}
        reply = server.post(keepalive.encode(body))
        if reply.status == 400:  # a country is no text: what it is not is refused, or unknown
            body.update(country="RO", dns_location="RO")
            reply = server.post(keepalive.encode(body))
        assert reply.status == 200, reply
        told = ("city", "provider") if len(values["city"]) > 200 else ("city", "region", "provider")  # one line, cut
        everywhere(every, server, f"client-{turn}.", [values[field] for field in told])


def test_what_operators_write_is_shown_as_it_is_on_every_channel_in_every_language(lab):
    every = EveryChannel(lab)
    server = lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
                        notifiers=each_language(every), rate_limit={"requests": 1000})
    server.start()
    environment = {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}
    for turn, text in enumerate(HOSTILE if ALL else HOSTILE[:6]):
        wanted = f"note-{turn}- {text}"[:900]
        done = run("notify", wanted, environment=environment)
        assert done.returncode == 0, (text, done.stdout, done.stderr)
        everywhere(every, server, f"note-{turn}-", [wanted])
    reply = server.post(keepalive.encode(keepalive.flat("office", HOME, HOME.country)))
    assert reply.status == 200
    every.with_text(server, "office")
    (incident,) = [i["id"] for i in json.loads(run("incidents", "--json", environment=environment).stdout)]
    note = "<b>mine</b> & {{7*7}} %s {client} \u202e \U0001f480"
    done = run("ack", incident, "--note", note, environment=environment)
    assert done.returncode == 0, done.stderr
    everywhere(every, server, shown(note)[:20], [note])


def test_why_something_is_silenced_is_shown_as_it_was_written_and_breaks_no_line(lab):
    server = lab.server(monitor={"interval": "1h", "lost_after": "9h"}, rate_limit={"requests": 1000})
    server.start()
    environment = {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}
    wanted = {}
    for text in HOSTILE:
        comment = text[:400]
        done = run("silence", "add", "lab-*", "--for", "1h", "--tag", "<b>,{{7*7}},%s", f"--comment={comment}", environment=environment)
        assert done.returncode == 0, (comment, done.stderr)
        wanted[done.stdout.strip()] = comment
    kept = json.loads(run("silence", "list", "--json", environment=environment).stdout)
    assert {silence["id"]: silence["comment"] for silence in kept} == wanted
    lines = run("silence", "list", environment=environment).stdout.splitlines()
    assert len(lines) == len(HOSTILE) + 1, lines
    for line in lines[1:]:
        assert not any(unicodedata.category(c) == "Cc" or c in "\u202e\u202c\u200f" for c in line), line
        plain = one_line(line.replace("?", " "))  # what acts on a terminal is a question mark there
        assert one_line(shown(wanted[line.split()[0]]).replace("?", " "))[:30] in plain, line
        assert "{{7*7}}" in line and "%s" in line
