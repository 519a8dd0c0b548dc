"""A hundred reloads while keepalives flow: none fails, and at the end the server holds what it held before."""

import http.client
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from harness import keepalive
from harness.foreign import Workshop
from harness.log_book import LogBook
from harness.places import HOME, VPN
from harness.ports import Port
from harness.wait import until

RELOADS = 100
SENDERS = 4
PACE = 0.02  # seconds between two keepalives of one sender


class Sender(threading.Thread):
    """Keepalives at a steady pace, over one connection or one each; whatever is not a 200 is a failure."""

    def __init__(self, server, key, name, keep):
        super().__init__(daemon=True)
        self.server, self.key, self.client_id, self.keep = server, key, name, keep
        self.done, self.failures, self.ending = 0, [], False

    def run(self):
        body = keepalive.encode(keepalive.flat(self.client_id, VPN, VPN.country))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        connection = None
        while not self.ending:
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.server.port.number, timeout=10)
            try:
                connection.request("POST", "/api/v1/keepalive", body, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200:
                    self.failures.append((answer.status, said))
                if not self.keep or answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection = None
            self.done += 1
            time.sleep(PACE)
        if connection:
            connection.close()


def descriptors(pid):
    """What is open, without the numbers."""
    links = []
    for entry in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.append(re.sub(r":\[\d+\]", "", os.readlink(f"/proc/{pid}/fd/{entry}")))
        except FileNotFoundError:
            continue  # closed between the two looks
    return sorted(links)


def resident(pid):
    """MiB."""
    return int(re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE).group(1)) / 1024


class World:
    """Two configurations that differ in whatever can differ, but for one listener and one key."""

    def __init__(self, lab, folder):
        self.book = LogBook(Workshop(folder / "workshop"), folder / "plugins", folder / "book")
        self.book.build()
        self.exclusive = LogBook(self.book.workshop, folder / "plugins", folder / "exclusive")
        self.telegram = lab.telegram()
        self.ipinfo = lab.ipinfo(HOME)
        self.extra = [Port(), Port()]
        self.lab = lab
        self.server = lab.server(plugins={"path": [folder / "plugins"]})
        # A sanitizer keeps what was freed for a while: not more than this, so that what grows can be seen.
        self.server.program.environment = {**lab.environment, "ASAN_OPTIONS": "exitcode=97:quarantine_size_mb=1"}
        self.first = self.server.config | self.variant(0)
        self.second = self.server.config | self.variant(1)
        self.server.config = self.first

    def variant(self, n):
        keys = [self.lab.key] + ["another-key-0123456789abcdef"] * n
        check = {"plugin": "bearer", "control": "sufficient", "options": {"keys": keys}}
        cidr = {"plugin": "cidr", "control": "required", "options": {"allow": "127.0.0.0/8"}}
        return {
            "server": {"listen": [{"address": self.server.port.address, "serve": ["api", "health", "metrics"]},
                                  {"address": self.extra[n].address, "serve": ["api"]}]},
            "rate_limit": {"requests": 100000 + n, "per": "1m"},
            "monitor": {"interval": "1h", "grace": "30s", "lost_after": f"{9 + n}h"},
            "auth": [cidr, check] if n else [check],
            "notifiers": [self.book.notifier(mode=f"good{n}"), self.lab.notifier(self.telegram, name=f"oncall{n}"),
                          {"plugin": "telegram", "name": "auto", "enabled": "auto"}],
            "probes": [{"plugin": "ipinfo", "name": f"probe{n}", "interval": "1h", "options": {"url": self.ipinfo.url}}],
            "log": {"level": "info" if n else "debug"},
        }

    def take(self, config):
        self.server.config = config
        self.server.write()
        count = self.taken()
        self.server.program.signal(signal.SIGHUP)
        until(lambda: self.taken() > count, lambda: f"a reload\n{self.server.program.log()[-3000:]}")

    def taken(self):
        return self.server.program.log().count("] reloaded: ")


def rest(server):
    """No connection but the one that asks, no instance that is still ending."""
    until(lambda: server.get("/health").json()["channels"][0]["queued"] == 0, "all to be told")
    time.sleep(0.5)


@pytest.mark.timeout(240)
def test_a_hundred_reloads_under_load_fail_nobody_and_leave_nothing(lab, tmp_path):
    world = World(lab, tmp_path)
    server = world.server.start()
    pid = server.program.process.pid
    for n in range(8):  # what is made once and kept, such as connections to the services
        server.post(keepalive.encode(keepalive.flat(f"warm-up-{n}", VPN, VPN.country)))
        world.telegram.wait_for(f"warm-up-{n}")  # the channel that goes now keeps what it has not told until it is back
        world.take(world.first if n % 2 else world.second)
    senders = [Sender(server, lab.key, f"client-{n}", keep=n % 2 == 0) for n in range(SENDERS)]
    rest(server)
    before, size = descriptors(pid), resident(pid)
    for sender in senders:
        sender.start()
    for n in range(RELOADS):
        world.take(world.first if n % 2 else world.second)
    done = [sender.done for sender in senders]
    until(lambda: all(s.done > d + 5 for s, d in zip(senders, done)), "keepalives to go on")
    for sender in senders:
        sender.ending = True
    for sender in senders:
        sender.join(20)
    assert [sender.failures for sender in senders] == [[]] * SENDERS
    assert sum(sender.done for sender in senders) > RELOADS
    rest(server)
    assert descriptors(pid) == before
    assert resident(pid) < size + 24, f"MiB; it was {size:.0f} before"
    assert server.get("/health").json()["configuration"]["generation"] == 1 + 8 + RELOADS
    told = world.telegram.matching("Connected: client-")
    assert sorted(message.title.split()[2] for message in told) == [f"client-{n}" for n in range(SENDERS)]
    assert sorted(line.split()[3] for line in world.book.lines() if "client-" in line) == [
        f"client-{n}" for n in range(SENDERS)]
    server.stop()
