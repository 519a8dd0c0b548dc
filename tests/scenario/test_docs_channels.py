"""What the READMEs of channels show of messages and of programs that take them, at a server that tells of a bypass."""

import hashlib
import hmac
import json
import re
import time

import pytest

from blocks import block
from harness import channel_webhook, keepalive
from harness.channel_webhook import Webhook
from harness.places import HOME
from harness.system_log import Datagrams, Log
from harness.wait import until


@pytest.fixture
def tell(lab):
    """tell(plugin, options): a server that tells this channel of office's bypass."""
    def start(plugin, options):
        server = lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}},
                            notifiers=[{"plugin": plugin, "name": "channel", "options": options}]).start()
        assert server.post(keepalive.encode(keepalive.flat("office", HOME, HOME.country))).status == 200
        until(lambda: server.get("/health").json()["channels"][0]["sent"] >= 2, "two messages")
    return start


# -- syslog


def pattern(shown):
    """What a record that is shown looks like: times, hosts and processes are others each time, ... is anything."""
    parts = re.split(r"(\.\.\.|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=Z )host|(?<= )4242(?= )|(?<=\[)4242(?=\]))", shown)
    return "".join(".*" if at % 2 and part == "..." else r"\S+" if at % 2 else re.escape(part) for at, part in enumerate(parts))


@pytest.mark.parametrize("line, made, options", [
    (0, Log, lambda log: {"transport": "tcp", "host": "localhost", "port": log.port}),
    (1, Datagrams, lambda log: {"path": log.path})], ids=["of-another-machine", "of-this-machine"])
def test_a_record_of_the_system_log_looks_as_it_is_shown(lab, tell, line, made, options):
    log = lab._kept(made())
    tell("syslog", options(log))
    shown = block("plugins/notifiers/syslog/README.md", "output: records").text.splitlines()
    assert len(shown) == 2
    until(lambda: any(re.fullmatch(pattern(shown[line]), record) for record in log.records),
          lambda: f"{pattern(shown[line])} among {log.records}")


# -- webhook


def test_an_event_has_the_members_that_are_shown(lab, tell):
    hook = lab._kept(Webhook(lab.authority))
    tell("webhook", hook.options())
    shown = json.loads(block("plugins/notifiers/webhook/README.md", "output: event").text)
    assert set(shown) == set(channel_webhook.MEMBERS)
    (opened,) = [one.raw for one in hook.messages if one.raw["event"] == shown["event"]]
    assert {name: type(value) for name, value in opened.items()} == {name: type(value) for name, value in shown.items()}
    assert {frozenset(field) for field in opened["fields"]} == {frozenset(field) for field in shown["fields"]}


def test_the_receiver_that_is_shown_takes_our_events_and_no_others(lab, tell):
    hook = lab._kept(Webhook(lab.authority))
    tell("webhook", hook.options())
    scope = {"hmac": hmac, "hashlib": hashlib, "time": time}
    exec(block("plugins/notifiers/webhook/README.md", "file: receiver.py").text, scope)  # what a reader would do
    is_ours, (request, *_) = scope["is_ours"], hook.requests
    header = request.headers["x-sentinel-signature"]
    assert is_ours(channel_webhook.KEY.encode(), header, request.body)
    assert is_ours(channel_webhook.KEY.encode(), f"{header},v1={'0' * 64}", request.body)
    assert not is_ours(b"another", header, request.body)
    assert not is_ours(channel_webhook.KEY.encode(), header, request.body + b" ")
    assert not is_ours(channel_webhook.KEY.encode(), re.sub(r"t=\d+", f"t={int(time.time()) - 1000}", header), request.body)


# -- exec


def test_the_program_that_is_shown_tells_what_is_critical(tmp_path, tell):
    program, wall, heard = (tmp_path / name for name in ("on-alert", "wall", "heard"))
    wall.write_text(f"#!/bin/sh\ncat >>{heard}\n", encoding="utf-8")
    program.write_text(block("plugins/notifiers/exec/README.md", "file: on-alert").text.replace("| wall", f"| {wall}"), encoding="utf-8")
    for file in (program, wall):
        file.chmod(0o755)
    tell("exec", {"command": [str(program), "--room", "kitchen"]})
    assert "VPN bypass: office" in heard.read_text(encoding="utf-8") and "Connected" not in heard.read_text(encoding="utf-8")
