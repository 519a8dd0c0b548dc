"""The database is damaged under a running server: it is set aside, and what the server knows goes into a new one."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from harness import keepalive
from harness.database import OUTBOX, Database
from harness.faultio import ERRORS, Disk
from harness.mortal import BROKEN
from harness.places import HOME, OTHER_VPN, VPN
from harness.program import run
from harness.story import CLIENT, MONITOR, is_open
from harness.wait import holds, until

PATIENT = {**MONITOR, "lost_after": "1h"}
OTHERS = [f"other{i:03}" for i in range(18)]  # with CLIENT fewer than Telegram takes at once
PAGE = 4096
FOR_GOOD = 2**32


def spoil(path):
    """Garbage for all pages but the first; that another process wrote makes the server read them again."""
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("INSERT INTO records VALUES(63, x'00', x'00')")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xa5" * (size - PAGE))
    return path.read_bytes()


class World:
    """A server that knows many, has an open incident, and could not tell of it yet."""

    def __init__(self, lab):
        self.lab = lab
        self.folder = lab.folder / "disk"
        self.folder.mkdir()
        self.file = self.folder / "sentinel.db"
        self.disk = Disk(self.folder, lab.folder / "control")
        self.telegram = lab.telegram()
        self.server = lab.server(
            monitor=PATIENT, notifiers=[lab.notifier(self.telegram, name="oncall")],
            store={"plugin": "sqlite", "options": {"path": self.file}})
        self.server.program.environment = {**self.server.program.environment, **self.disk.environment}
        self.server.start()
        for client in [CLIENT, *OTHERS]:
            assert self.report(VPN, client)["durable"]
        until(lambda: not Database(self.file).table(OUTBOX), "all to be told", within=30)
        self.connected = len(self.telegram.matching("Connected"))
        self.telegram.stop()
        assert self.report(HOME)["durable"]
        until(lambda: self.health()["channels"][0]["state"] == "retrying", "an attempt to fail")
        time.sleep(1.2)  # routine states are written

    def report(self, place, client=CLIENT):
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
        assert reply.status == 200, reply
        return reply.json()

    def health(self):
        return self.server.get("/health").json()

    def spoil(self):
        return spoil(self.file)

    def wait_healthy(self):
        until(lambda: self.health()["status"] == "healthy", lambda: f"to be healthy; {self.health()}", within=30)
        until(lambda: self.report(OTHER_VPN, OTHERS[0])["durable"], "keepalives to be durable")

    def check_aside(self, damaged):
        (aside,) = self.folder.glob("sentinel.db.corrupt-*Z")
        assert aside.read_bytes() == damaged, "it is kept as it was"
        said = self.server.program.log()
        assert said.count(f"It was set aside as {aside}") == 1
        assert said.count("Closed incidents and the history of before are not") >= 1

    def check_all_is_known_after_a_kill(self):
        self.server.kill()
        assert Database(self.file).integrity == "ok"
        self.server.start()
        clients = self.server.status()
        assert set(clients) == {CLIENT, *OTHERS}
        assert is_open("bypass")(clients[CLIENT])
        self.telegram.start()
        (told,) = self.telegram.wait_for(f"VPN bypass: {CLIENT}", within=30)
        for client in OTHERS:
            self.report(VPN, client)
        self.report(VPN)
        self.telegram.wait_for("VPN bypass is over", within=30)
        until(lambda: not Database(self.file).table(OUTBOX), "all to be told", within=30)
        assert len(self.telegram.matching(f"VPN bypass: {CLIENT}")) == 1
        assert len(self.telegram.matching("Connected")) == self.connected, "nobody is connected again"


@pytest.fixture
def world(lab):
    return World(lab)


def test_the_server_goes_on_and_everything_it_knows_is_in_a_new_database(world):
    damaged = world.spoil()
    answer = world.report(HOME, OTHERS[1])
    assert answer["verdict"] == "leak" and not answer["durable"]
    for client in OTHERS[2:]:
        world.report(VPN, client)
    world.wait_healthy()
    world.check_aside(damaged)
    until(lambda: "store_failing opened" in world.server.program.log(), "the loss to be an incident")
    copy = world.lab.folder / "copy.db"
    done = run("backup", copy, environment={"VPN_SENTINEL_STATE_DIR": world.server.config["state_dir"]})
    assert done.returncode == 0, done
    assert Database(copy).integrity == "ok"
    assert is_open("bypass")(world.server.client(OTHERS[1]))
    world.report(VPN, OTHERS[1])
    world.check_all_is_known_after_a_kill()
    until(lambda: "sentinel.db.corrupt-" in "\n".join(world.telegram.texts()), "people to be told which file was set aside")


def test_on_a_disk_that_refuses_as_well_the_server_is_degraded_until_the_disk_is_back(world):
    damaged = world.spoil()
    world.disk.fail(world.disk.calls + 1, ERRORS["EIO"], FOR_GOOD)
    assert not world.report(OTHER_VPN, OTHERS[1])["durable"]
    until(lambda: world.health()["status"] == "degraded", "to be degraded")
    holds(lambda: world.server.get("/health", form="none", api="").status == 200, "answers", during=2)
    health = world.health()
    assert health["store"]["state"] == "failing" and str(world.file) in health["store"]["last_error"], health
    assert world.file.read_bytes() == damaged, "nothing is written over it"
    world.disk.heal()
    world.wait_healthy()
    world.check_aside(damaged)
    world.check_all_is_known_after_a_kill()


def test_killed_in_the_middle_the_incident_is_known_and_told(world):
    """The server dies when the first chunk of the new file is written."""
    world.server.kill()
    sound = dict(world.server.program.environment)
    world.server.program.environment = {**sound, "VPN_SENTINEL_FAULT": "store_rewritten"}
    world.server.start()
    damaged = world.spoil()
    with pytest.raises(BROKEN):
        while True:
            world.report(OTHER_VPN, OTHERS[1])
            time.sleep(0.05)
    world.server.program.wait()
    world.check_aside(damaged)
    world.server.program.environment = sound
    world.check_all_is_known_after_a_kill()


FLEET = 1500  # more than two chunks


def test_killed_between_two_chunks_the_next_start_says_so_and_marks_who_seems_new(lab):
    folder = lab.folder / "disk"
    folder.mkdir()
    telegram = lab.telegram()
    server = lab.server(monitor=PATIENT, notifiers=[], store={"plugin": "sqlite", "options": {"path": folder / "sentinel.db"}})

    def report(client, place=VPN):
        return server.post(keepalive.encode(keepalive.flat(client, place, place.country))).json()

    server.start()
    with ThreadPoolExecutor(8) as pool:
        assert all(answer["durable"] for answer in pool.map(lambda i: report(f"c{i:04}"), range(FLEET)))
    server.stop()
    sound = dict(server.program.environment)
    server.program.environment = {**sound, "VPN_SENTINEL_FAULT": "store_rewritten"}
    server.config["notifiers"] = [lab.notifier(telegram, name="oncall")]
    server.start()
    spoil(folder / "sentinel.db")
    with pytest.raises(BROKEN):
        while True:
            report("c0000", OTHER_VPN)
            time.sleep(0.05)
    server.program.wait()
    server.program.environment = sound
    server.start()
    known = server.status()
    assert 0 < len(known) < FLEET
    (aside,) = folder.glob("sentinel.db.corrupt-*Z")
    (line,) = [line for line in server.program.log_since_start().splitlines() if "only a part of what the server knew" in line]
    assert "WARN" in line and str(aside) in line
    seems_new = next(f"c{i:04}" for i in range(FLEET) if f"c{i:04}" not in known)
    report(seems_new)
    (told,) = telegram.wait_for(f"Connected: {seems_new}", within=30)
    assert "this can be a duplicate" in told.text
