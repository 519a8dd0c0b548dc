"""A server whose store takes its time to open: it says so, takes nothing, loses nothing, and can be ended."""

import signal
import time

import pytest

from harness import keepalive
from harness.faultio import Disk
from harness.lab import Usual
from harness.places import VPN
from harness.program import run
from harness.roles import MONITOR
from harness.wait import holds, until

ENDS_WITHIN = 8  # seconds: what the server gives everything that is under way, and some


@pytest.fixture
def world(lab):
    return World(lab)


class World:
    """The usual cast with a database that was used before, on a disk that can be held."""

    def __init__(self, lab):
        self.lab = lab
        self.usual = Usual(lab)
        self.server = self.usual.server
        folder = lab.folder / "disk"
        folder.mkdir()
        self.disk = Disk(folder, lab.folder / "control")
        self.server.config["store"] = {"plugin": "sqlite", "options": {"path": folder / "sentinel.db"}}
        self.server.config["monitor"] = {**MONITOR, "lost_after": "20s"}
        self.server.program.environment = {**self.server.program.environment, **self.disk.environment}
        self.server.start()
        self.server.stop()

    def start_held(self):
        self.disk.hold()
        self.server.start(ready=False)
        until(self.health, "a first answer")

    def health(self):
        """(status, word), or None when nobody listens yet."""
        assert self.server.program.alive(), self.server.program.log()
        try:
            reply = self.server.get("/health", form="none", api="")
        except OSError:
            return None
        return reply.status, reply.json()["status"]

    def let_go(self):
        self.disk.release()
        self.server.wait_ready()


def test_while_the_store_opens_the_server_says_that_it_is_starting(world):
    world.start_held()
    assert world.health() == (503, "starting")
    for reply in (world.server.post(keepalive.encode(keepalive.flat("early", VPN, VPN.country))),
                  world.server.get("/status"), world.server.get("/health"), world.server.get("/metrics", api=""),
                  world.server.get("/", api=""), world.server.get("/nowhere", key="wrong")):
        assert reply.status == 503, reply
        assert reply.headers["retry-after"] == "1"
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["error"] == "not_ready"
    assert world.server.post(b" " * 70000).status == 503  # judged by its head, like everything else
    asked = run("healthcheck", "--url", world.server.url)
    assert (asked.returncode, asked.stdout) == (1, "starting\n")
    assert world.health() == (503, "starting")
    world.let_go()
    assert world.server.status() == {}


def test_a_second_server_at_the_same_place_leaves_before_it_touches_anything(world):
    world.start_held()
    calls = world.disk.calls
    second = world.lab.server(name="second", monitor=MONITOR, store=world.server.config["store"])
    second.config["server"] = world.server.config["server"]
    second.program.environment = {**second.program.environment, **world.disk.environment}
    second.start(ready=False)
    assert second.program.wait(10) == 1
    assert "in use" in second.program.log()
    assert world.disk.calls == calls
    world.let_go()


def test_a_client_is_taken_as_soon_as_the_store_is_open(world):
    world.start_held()
    world.usual.client.start()
    until(lambda: "503" in world.usual.client.program.log(), "the client to be put off")
    holds(lambda: world.health() == (503, "starting"), "starting", 2)
    released = time.monotonic()
    world.let_go()
    world.server.wait_verdict(world.usual.id, "secure", within=10)
    assert time.monotonic() - released < 10
    world.usual.telegram.wait_for("connected")
    assert not any("lost" in message.title for message in world.usual.telegram.messages)


@pytest.mark.parametrize("comes_back", [True, False], ids=["and the disk comes back", "and the disk does not"])
def test_a_signal_ends_the_server_while_its_store_opens(world, comes_back):
    world.start_held()
    world.server.program.process.send_signal(signal.SIGTERM)
    if comes_back:
        world.disk.release()
    assert world.server.program.wait(ENDS_WITHIN) == 0
    assert ("still being opened" in world.server.program.log()) == (not comes_back)
    world.disk.release()
    world.server.start()


def test_a_server_that_dies_while_it_reads_has_lost_nothing_and_tells_nothing_twice(world):
    world.server.start()
    names = [f"client-{number}" for number in range(5)]
    for name in names:
        reply = world.server.post(keepalive.encode(keepalive.flat(name, VPN, VPN.country)))
        assert reply.status == 200 and reply.json()["durable"], reply
    until(lambda: len(world.usual.telegram.messages) == len(names), "all to be announced")
    world.server.stop()
    environment = world.server.program.environment
    for count in (1, 3, 5):
        world.server.program.environment = {**environment, "VPN_SENTINEL_FAULT": f"record_restoring:{count}"}
        world.server.start(ready=False)
        assert world.server.program.wait() == -signal.SIGKILL
    world.server.program.environment = environment
    world.server.start()
    assert sorted(world.server.status()) == names
    for name in names:
        assert world.server.post(keepalive.encode(keepalive.flat(name, VPN, VPN.country))).status == 200
    holds(lambda: len(world.usual.telegram.messages) == len(names), "nothing to be told again", 1)
