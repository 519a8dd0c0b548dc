"""One instance of every channel that there is, all at once, each with its strict stand-in."""

import json

from .broker import PASSWORD as BROKER_PASSWORD
from .broker import USER as BROKER_USER
from .broker import Broker
from .channel_discord import Discord
from .channel_gotify import Gotify
from .channel_matrix import Matrix
from .channel_ntfy import Ntfy
from .channel_pushover import Pushover
from .channel_slack import Slack
from .channel_webhook import Webhook
from .mail import PASSWORD, STARTTLS, USER, Mail
from .system_log import Log
from .wait import until

HTTP = (Webhook, Ntfy, Discord, Slack, Gotify, Matrix, Pushover)

_KEEP = """#!/bin/sh
cat >FOLDER/$VPN_SENTINEL_DELIVERY.tmp && mv FOLDER/$VPN_SENTINEL_DELIVERY.tmp FOLDER/$VPN_SENTINEL_DELIVERY.json
"""


class EveryChannel:
    """`notifiers` is their configuration; the console's messages are on the server's standard output."""

    def __init__(self, lab):
        self.lab = lab
        self.telegram = lab.telegram()
        self.http = {made.plugin: lab._kept(made(lab.authority)) for made in HTTP}
        self.mail = lab._kept(Mail(lab.authority, STARTTLS))
        self.broker = lab._kept(Broker(lab, encrypted=True).listen())
        self.log = lab._kept(Log())
        self.folder = lab.folder / "exec"
        self.folder.mkdir()
        self.program = self.folder / "on-alert"
        self.program.write_text(_KEEP.replace("FOLDER", str(self.folder)))
        self.program.chmod(0o755)
        ca_file = str(lab.authority.ca_file)
        self.notifiers = [
            lab.notifier(self.telegram, name="telegram"),
            *(channel.notifier(name=name) for name, channel in self.http.items()),
            {"plugin": "email", "options": {
                "host": "localhost", "port": self.mail.port, "user": USER, "password": PASSWORD, "ca_file": ca_file,
                "from": "VPN Sentinel <sentinel@vpn.example>", "to": ["anna@example.org"]}},
            {"plugin": "mqtt", "options": {"host": "localhost", "port": self.broker.port.number, "tls": True,
                                           "ca_file": ca_file, "user": BROKER_USER, "password": BROKER_PASSWORD}},
            {"plugin": "exec", "options": {"command": [str(self.program)]}},
            {"plugin": "syslog", "options": {"transport": "tcp", "host": "localhost", "port": self.log.port}},
            {"plugin": "console"},
        ]

    @property
    def names(self):
        return [notifier.get("name", notifier["plugin"]) for notifier in self.notifiers]

    def shown(self, server):
        """{channel: [text of each message, as people or programs see it]}"""
        programs = [json.loads(file.read_text()) for file in self.folder.glob("*.json")]
        return {
            "telegram": self.telegram.texts(),
            **{name: channel.texts() for name, channel in self.http.items()},
            "email": [message.subject + "\n" + message.text for message in list(self.mail.messages)],
            "mqtt": [event["text"] for event in self.broker.heard()],
            "exec": [event["text"] for event in programs],
            "syslog": list(self.log.records),
            "console": server.program.output().split("\n"),
        }

    def with_text(self, server, part, count=1):
        """{channel: the messages that hold part}, once every channel has so many."""
        def found():
            return {name: [text for text in texts if part in text] for name, texts in self.shown(server).items()}

        until(lambda: all(len(texts) >= count for texts in found().values()), lambda: f"{part!r} on each of {found()}", within=45)
        return found()
