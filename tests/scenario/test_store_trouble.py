"""What people do to a database while the server runs, and a restore that is killed."""

import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from harness import keepalive
from harness.database import TRANSITIONS, Database
from harness.faultio import Disk
from harness.places import HOME, VPN
from harness.program import run
from harness.story import CLIENT, MONITOR, is_open
from harness.wait import until

PATIENT = {**MONITOR, "lost_after": "1h"}
LARGE = 200 << 20


class World:
    def __init__(self, lab):
        self.lab = lab
        self.folder = lab.folder / "disk"
        self.folder.mkdir()
        self.file = self.folder / "sentinel.db"
        self.server = lab.server(monitor=PATIENT, store={"plugin": "sqlite", "options": {"path": self.file}})

    def start(self):
        self.server.start()
        return self

    def report(self, client=CLIENT, place=VPN):
        """The answer, and how long it took."""
        begun = time.monotonic()
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
        assert reply.status == 200, reply
        return reply.json(), time.monotonic() - begun

    def health(self):
        return self.server.get("/health").json()

    def wait_healthy(self):
        until(lambda: self.health()["status"] == "healthy", lambda: f"to be healthy; {self.health()}", within=30)

    def backup(self, file):
        done = run("backup", file, environment={"VPN_SENTINEL_STATE_DIR": self.server.config["state_dir"]}, timeout=120)
        assert done.returncode == 0, done


@pytest.fixture
def world(lab):
    return World(lab)


def test_while_another_process_holds_the_database_everybody_is_answered(world):
    world.start().report()
    with closing(sqlite3.connect(world.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda i: world.report(f"new{i}"), range(20)))
        assert not any(answer["durable"] for answer, _ in answers)
        assert max(took for _, took in answers) < 4, answers
        health = world.health()
        assert health["status"] == "degraded" and "another process has the file locked" in health["store"]["last_error"]
        while time.monotonic() - begun < 10:
            answer, took = world.report(f"late{int(time.monotonic() * 4)}")
            assert not answer["durable"] and took < 1
            time.sleep(0.25)
        other.execute("ROLLBACK")
    world.wait_healthy()
    assert world.report("afterwards")[0]["durable"]
    known = set(world.server.status())
    world.server.kill()
    assert set(world.start().server.status()) == known


def test_a_log_that_is_deleted_takes_nothing_along(world):
    world.start().report()
    os.unlink(f"{world.file}-wal")
    assert world.report(CLIENT, HOME)[0]["durable"]
    assert "was removed while in use" in world.server.program.log()
    world.server.kill()
    assert Database(world.file).integrity == "ok"
    assert Database(world.file).transitions(CLIENT) == ["connected notice", "bypass opened"]
    assert is_open("bypass")(world.start().server.client(CLIENT))


def test_a_second_server_that_comes_in_without_a_lock_ends_the_first_ones_writing(world):
    world.start().report()
    os.unlink(f"{world.file}.lock")
    other = world.lab.server(name="other", monitor=PATIENT, store={"plugin": "sqlite", "options": {"path": world.file}})
    other.start()
    answer, _ = world.report("new")
    assert not answer["durable"] and "in use by another server" in world.health()["store"]["last_error"]
    other.stop()
    world.wait_healthy()
    assert world.report("newer")[0]["durable"]


def test_somebody_elses_file_is_not_touched(world):
    world.file.write_text("127.0.0.1 localhost\n")
    world.file.chmod(0o644)
    world.server.start(ready=False)
    assert world.server.program.wait() == 1
    assert "is left alone: choose another path" in world.server.program.log()
    assert world.file.read_text() == "127.0.0.1 localhost\n" and world.file.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in world.folder.iterdir()] == ["sentinel.db"]


def test_a_database_that_was_moved_away_is_missed_at_the_start(world):
    world.start().report()
    assert "a new database is begun at" in world.server.program.log()
    world.server.stop()
    world.file.rename(world.lab.folder / "elsewhere")
    world.start()
    assert f"there was a database at {world.file}, but it is gone" in world.server.program.log_since_start()


def told_of_an_interruption(world):
    """The start is refused with the sentence, and the next restore works."""
    world.server.start(ready=False)
    assert world.server.program.wait() == 1
    assert f"a restore of {world.file} was interrupted" in world.server.program.log()
    done = run("restore", "-c", world.server.write(), world.lab.folder / "copy.db")
    assert done.returncode == 0, done


@pytest.mark.parametrize("end", ("stopped", "killed"))
def test_a_restore_that_is_killed_at_any_renaming_never_ends_in_an_empty_database(world, end, capsys):
    disk = Disk(world.folder, world.lab.folder / "control")
    world.start().report("then")
    world.backup(world.lab.folder / "copy.db")
    world.report("later")
    getattr(world.server, "stop" if end == "stopped" else "kill")()
    kept = {entry.name: entry.read_bytes() for entry in world.folder.iterdir()}
    refused = renaming = 0
    killed = True
    while killed:
        renaming += 1
        for entry in world.folder.iterdir():
            if entry.is_file():
                entry.unlink()
        for name, content in kept.items():
            (world.folder / name).write_bytes(content)
        disk.kill(disk.renames + renaming)
        done = run("restore", "-c", world.server.write(), world.lab.folder / "copy.db", environment=disk.environment)
        disk.heal()
        killed = done.returncode == -9
        assert killed or done.returncode == 0, done
        if not world.file.exists():
            refused += 1
            told_of_an_interruption(world)
        known = set(world.start().server.status())
        assert known == {"then"} or (killed and known == {"then", "later"}), (renaming, known)
        world.server.stop()
    with capsys.disabled():
        print(f"\nrestore of a server that was {end}: killed at {renaming - 1} renamings, "
              f"{refused} left no database, which the next start said")
    assert renaming > 2
    assert refused == 0 or end == "killed", "without a log there is a database at every moment"


def grow(file):
    """A history of 200 MB that nobody asks for."""
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("BEGIN")
        base.executemany("INSERT INTO records VALUES(?, ?, zeroblob(20000))",
                         ((TRANSITIONS, f"zz{i}\0{i:026}".encode()) for i in range(LARGE // 20000 + 1)))
        base.execute("COMMIT")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("end", ("kill", "stop"))
def test_a_log_that_is_deleted_while_a_backup_is_made_costs_the_backup_alone(world, end):
    world.start().report("first")
    world.server.stop()
    grow(world.file)
    world.start()
    clients = [f"before{i}" for i in range(10)]
    assert all(world.report(client)[0]["durable"] for client in clients)
    environment = {"VPN_SENTINEL_STATE_DIR": world.server.config["state_dir"]}
    with ThreadPoolExecutor(1) as pool:
        copying = pool.submit(run, "backup", world.lab.folder / "copy.db", environment=environment, timeout=120)
        until(lambda: list(world.lab.folder.glob("copy.db.part*")), "a backup under way")
        assert world.report("during")[0]["durable"]
        os.unlink(f"{world.file}-wal")
        done = copying.result()
    assert done.returncode != 0 and "begin the backup again" in done.stderr
    assert world.report("after")[0]["durable"] and world.health()["status"] == "healthy"
    assert not list(world.lab.folder.glob("copy.db*"))
    getattr(world.server, end)()
    assert Database(world.file).integrity == "ok"
    assert set(world.start().server.status()) == {"first", "during", "after", *clients}


def test_a_backup_after_one_that_failed_is_of_today(world):
    world.start().report("first")
    world.server.stop()
    grow(world.file)
    world.start()
    away = world.file.with_suffix(".away")
    environment = {"VPN_SENTINEL_STATE_DIR": world.server.config["state_dir"]}
    with ThreadPoolExecutor(1) as pool:
        copying = pool.submit(run, "backup", world.lab.folder / "copy.db", environment=environment, timeout=120)
        until(lambda: list(world.lab.folder.glob("copy.db.part*")), "a backup under way")
        world.file.rename(away)
        assert copying.result().returncode != 0
    away.rename(world.file)
    assert world.report("later")[0]["durable"]
    world.backup(world.lab.folder / "copy.db")
    with closing(sqlite3.connect(world.lab.folder / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM records WHERE tab = 1").fetchone()[0] == 2


def test_while_the_target_of_a_backup_hangs_everybody_is_answered_and_told(world):
    target = world.lab.folder / "target"
    target.mkdir()
    disk = Disk(target, world.lab.folder / "control")
    world.server.program.environment = {**world.server.program.environment, **disk.environment}
    world.start().report()
    disk.hold()
    environment = {"VPN_SENTINEL_STATE_DIR": world.server.config["state_dir"]}
    with ThreadPoolExecutor(1) as pool:
        copying = pool.submit(run, "backup", target / "copy.db", environment=environment, timeout=120)
        until(lambda: list(target.glob("copy.db.part*")), "a backup under way")
        answer, took = world.report("new")
        assert not answer["durable"] and took < 9
        assert world.health()["status"] == "degraded"
        disk.release()
        assert copying.result().returncode == 0
    world.wait_healthy()
    assert world.report("new")[0]["durable"]


def test_keepalives_become_durable_while_a_large_backup_is_made(world, capsys):
    world.start().report()
    world.server.stop()
    grow(world.file)
    world.start()
    before = [world.report(f"before{i}") for i in range(20)]
    copied = threading.Event()
    during = []

    def report():
        while not copied.is_set():
            during.append(world.report(f"during{len(during)}"))

    with ThreadPoolExecutor(1) as pool:
        reporting = pool.submit(report)
        begun = time.monotonic()
        world.backup(world.lab.folder / "copy.db")
        took = time.monotonic() - begun
        copied.set()
        reporting.result()
    slowest = max(took for _, took in during)
    with capsys.disabled():
        print(f"\nbackup of {LARGE >> 20} MiB in {took:.1f} s; new clients meanwhile: {len(during)}, the slowest answer "
              f"{slowest * 1000:.0f} ms (before: {max(took for _, took in before) * 1000:.0f} ms)")
    assert all(answer["durable"] for answer, _ in during)
    assert slowest < max(1, took / 4), "nobody waits for the copy"
    assert (world.lab.folder / "copy.db").stat().st_size >= LARGE
