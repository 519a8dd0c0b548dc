"""SIGHUP of the server: another configuration, all of it or none, and nobody notices but those it is about."""

import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from harness import keepalive
from harness.database import OUTBOX, TOLD, Database
from harness.foreign import Workshop
from harness.places import HOME, VPN
from harness.ports import Port
from harness.stand_in import Answer
from harness.wait import holds, until

LATER = {"interval": "1h", "grace": "30s", "lost_after": "9h"}  # nobody is late in these tests


def body(client, place=VPN):
    return keepalive.encode(keepalive.flat(client, place, place.country))


def reload(server):
    """Another configuration, which the server must take; the line that says what changed."""
    file = server.write()
    before = server.program.log().count("reloaded: ")
    server.program.signal(signal.SIGHUP)
    until(lambda: server.program.log().count("reloaded: ") > before,
          lambda: f"{file} to be taken\n{server.program.log()[-4000:]}")
    return [line for line in server.program.log().splitlines() if "reloaded: " in line][-1].split("reloaded: ")[1]


def refused(server):
    """Another configuration, which the server must refuse; what it says about that."""
    server.write()
    mark = len(server.program.log())
    server.program.signal(signal.SIGHUP)
    until(lambda: "the configuration is not taken" in server.program.log()[mark:],
          lambda: f"a refusal\n{server.program.log()[mark:]}")
    return server.program.log()[mark:]


def configuration(server):
    return server.get("/health").json()["configuration"]


# -- taken or refused


def test_an_unchanged_file_changes_nothing_and_counts(lab):
    server = lab.server().start()
    assert configuration(server)["generation"] == 1
    assert reload(server) == "nothing changed"
    assert configuration(server)["generation"] == 2


def test_the_log_level_and_the_limit_change_in_place(lab):
    server = lab.server(log={"level": "info"}, rate_limit={"requests": 10, "per": "1h"}).start()
    for _ in range(5):
        reply = server.get("/status")
    assert (reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == ("10", "5")
    server.config["rate_limit"] = {"requests": 100, "per": "1h"}
    server.config["log"] = {"level": "debug", "format": "json"}
    assert reload(server).startswith("rate_limit; log")
    reply = server.get("/status")
    assert (reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == ("100", "49")
