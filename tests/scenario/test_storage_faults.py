"""
A disk that fails at the Nth write, sync, truncation, renaming or removal: nothing that was called
durable is lost, nothing is damaged, everybody is answered, and no restart is needed.
"""

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from harness import keepalive
from harness.database import CLIENTS, Database
from harness.faultio import ERRORS, Disk
from harness.lab import Lab
from harness.places import VPN
from harness.program import run as run_program
from harness.story import CLIENT, MONITOR, SHORT_STEPS, Story
from harness.wait import until

ALL = os.environ.get("VPN_SENTINEL_TEST_ALL") == "1"
AT_ONCE = 6
LEAST = 6  # stories in which a fault is met
FOR_GOOD = 2**32
FRAME = 4096 + 24  # bytes of a page in the log
LOG_FULL = 512  # pages, and it is brought into the database
PATIENT = {**MONITOR, "lost_after": "1h"}  # nobody falls silent in the short story
LEFT = {"Connected": "connected notice", "VPN bypass": "bypass opened", "VPN bypass is over": "bypass resolved"}


@dataclass(frozen=True)
class Fault:
    """How the disk fails, and how that ends: it heals, or the server is killed, or told to stop meanwhile."""

    error: str
    calls: int = FOR_GOOD  # so many fail
    short: bool = False  # the first one writes half
    end: str = "heals"

    def __str__(self):
        return f"{'short write, ' if self.short else ''}{self.error}{' once' if self.calls == 1 else ''}, {self.end}"


FAULTS = (
    Fault("EIO", calls=1), Fault("EIO"), Fault("ENOSPC"), Fault("ENOSPC", calls=2, short=True),
    Fault("EIO", calls=1, end="is killed"), Fault("ENOSPC", end="is killed"), Fault("ENOSPC", short=True, end="is killed"),
    Fault("EIO", calls=1, end="is stopped"), Fault("EIO", end="is stopped"), Fault("ENOSPC", end="is stopped"),
)


class Run:
    """The short story on a disk that fails from its Nth call on."""

    def __init__(self, folder, authority, fault, first, begin_with=None):
        folder.mkdir()
        if begin_with:
            shutil.copytree(begin_with, folder / "disk")
        else:
            (folder / "disk").mkdir()
        self.fault = fault
        self.first = first
        self.lab = Lab(folder, authority)
        self.file = folder / "disk" / "sentinel.db"
        self.disk = Disk(folder / "disk", folder / "control")
        self.telegram = self.lab.telegram()
        self.server = self.lab.server(
            monitor=PATIENT, notifiers=[self.lab.notifier(self.telegram, name="oncall")],
            store={"plugin": "sqlite", "options": {"path": self.file}})
        self.program = self.server.program
        self.program.environment = {**self.program.environment, **self.disk.environment}
        self.story = Story(self.server, self.telegram, steps=SHORT_STEPS)
        self.failed = 0
        self.calls = 0
        self.renames = 0
        self.refused_start = False
        self.problem = ""

    def live(self):
        try:
            if self.fault.end == "is stopped":
                self._stop()
            else:
                self._suffer()
        except (AssertionError, OSError) as error:
            self.problem = str(error) or repr(error)
        finally:
            self.lab.close()
        self.problem = self.problem or "\n".join(self.lab.faults())
        return self

    def _suffer(self):
        """The disk fails while the story is told."""
        self._start()
        self.story.tell_whatever_the_store_does()
        self._count()
        self._check_condition()
        if self.fault.end == "heals":
            self._heal()
        else:
            self._kill()

    def _stop(self):
        """The disk fails only when the server ends, which brings its log into the file."""
        self.server.start()
        self.story.tell()
        before = self.disk.calls
        self.disk.fail(before + self.first, ERRORS[self.fault.error], self.fault.calls, self.fault.short)
        stopped = time.monotonic()
        self.program.signal(signal.SIGTERM)
        code = self.program.wait()
        assert code == 0, f"it ended with {code}"
        self._count(before)
        self._check_after_the_end()
        # That the last message was sent may be what the disk refused: then it comes again, marked.
        self.story.judge([(stopped, self.fault)])

    def _count(self, before=0):
        self.failed = self.disk.failed
        self.renames = self.disk.renames
        self.calls = self.disk.calls - before

    def _start(self):
        """A store that cannot be opened ends the start with a sentence; the next one finds everything in order."""
        self.disk.fail(self.first, ERRORS[self.fault.error], self.fault.calls, self.fault.short)
        self.server.start(ready=False)
        until(lambda: not self.program.alive() or self._healthy(), "the start")
        if self.program.alive():
            return
        self.refused_start = True
        code, said = self.program.wait(), self.program.log()
        assert code == 1 and str(self.file) in said and self.disk.failed, f"it ended with {code}: {said}"
        self.disk.heal()
        self.server.start()

    def _healthy(self):
        try:
            return self.server.get("/health", form="none", api="").status == 200
        except OSError:
            return False

    def _check_condition(self):
        """While the disk fails for good and something waits, the server says so, and answers."""
        if self.story.durable or self.fault.calls < FOR_GOOD:
            return
        health = self.story.health()
        assert health["status"] == "degraded" and health["store"]["state"] == "failing", health
        assert str(self.file) in health["store"]["last_error"], health

    def _heal(self):
        self.disk.heal()
        self.story.wait(lambda: self.story.health()["status"] == "healthy", "the store to be back")
        self.story.report(self.story.steps[-1])
        assert self.story.durable
        self.story.wait_told()
        self.story.judge()
        self.program.kill()
        database = Database(self.file)
        assert database.integrity == "ok", database.integrity
        assert database.transitions(CLIENT) == list(LEFT.values())

    def _kill(self):
        self.program.kill()
        self._check_after_the_end()

    def _check_after_the_end(self):
        """What it called durable is there, and the next start knows it."""
        self.disk.heal()
        database = Database(self.file)
        assert database.integrity == "ok", database.integrity
        acknowledged = {headline for headline, durable in self.story.acknowledged.items() if durable}
        lost = {LEFT[headline] for headline in acknowledged} - set(database.transitions(CLIENT))
        assert not lost, f"called durable and lost: {lost}"
        self.server.start()
        self.story.wait(lambda: acknowledged <= self.story.told(), f"{acknowledged} to be told")

    def report(self):
        log = "\n".join(self.program.log().splitlines()[-40:])
        return f"--- call {self.first}: {self.fault} ({self.failed} failed): {self.problem}\n{log}"


def run_all(folder, authority, fault, numbers, **more):
    """Runs at each number, until one needs no more calls than that: nothing failed any more."""
    done = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(numbers), AT_ONCE):
            chunk = [Run(folder / str(n), authority, fault, n, **more) for n in numbers[start : start + AT_ONCE]]
            done += pool.map(Run.live, chunk)
            if any(not run.problem and run.failed == 0 and not run.refused_start for run in done):
                break
    return done


def prove(folder, authority, capsys, fault, numbers, **more):
    begun = time.monotonic()
    runs = run_all(folder, authority, fault, numbers, **more)
    met = [run for run in runs if run.failed]
    sound = [run.calls for run in runs if not run.failed and run.calls]
    with capsys.disabled():
        print(f"\nstorage faults ({fault}): failed from call N on, for {len(met)} N of {min(sound, default=0)} "
              f"(in steps of {numbers.step}), {sum(run.renames for run in runs)} renamings, "
              f"{sum(run.refused_start for run in runs)} at the start, "
              f"{sum(not all(run.story.acknowledged.values()) for run in met)} told from memory, "
              f"{time.monotonic() - begun:.0f} s")
    broken = [run.report() for run in runs if run.problem]
    assert not broken, f"{len(broken)} of {len(runs)}\n" + "\n".join(broken[:5])
    assert len(met) >= LEAST, "this fault was hardly met"
    assert len(runs) < len(numbers), "the story has more calls than were tried"
    return runs


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_failing_disk_loses_nothing_that_was_called_durable(tmp_path, authority, capsys, fault):
    step = 1 if ALL or fault.end == "is stopped" else 5
    prove(tmp_path, authority, capsys, fault, range(1 + FAULTS.index(fault) % step, 400, step))


@pytest.fixture(scope="module")
def full_log(tmp_path_factory, authority):
    """A database whose log is full but for a few pages."""
    folder = tmp_path_factory.mktemp("full")
    (folder / "disk").mkdir()
    lab = Lab(folder, authority)
    file = folder / "disk" / "sentinel.db"
    server = lab.server(monitor=PATIENT, store={"plugin": "sqlite", "options": {"path": file}})
    log = file.with_name("sentinel.db-wal")
    try:
        server.start()
        for i in range(1000):
            assert server.post(keepalive.encode(keepalive.flat(f"old{i}", VPN, VPN.country))).status == 200
            if log.stat().st_size // FRAME >= LOG_FULL - 15:
                break
        server.program.kill()
        assert LOG_FULL - 15 <= log.stat().st_size // FRAME < LOG_FULL, "the log is not nearly full"
    finally:
        lab.close()
    return folder / "disk"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS[:7], ids=str)
def test_a_disk_that_fails_while_the_log_is_brought_into_the_file_loses_nothing(
        tmp_path, authority, capsys, full_log, fault):
    step = 1 if ALL else 15
    prove(tmp_path, authority, capsys, fault, range(1 + FAULTS.index(fault) % step, 2000, step), begin_with=full_log)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory, authority):
    """A database of a server, with garbage for most of it."""
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "disk").mkdir()
    lab = Lab(folder, authority)
    file = folder / "disk" / "sentinel.db"
    server = lab.server(monitor=PATIENT, store={"plugin": "sqlite", "options": {"path": file}})
    try:
        server.start()
        assert server.post(keepalive.encode(keepalive.flat("old", VPN, VPN.country))).status == 200
        server.stop()
    finally:
        lab.close()
    with file.open("r+b") as base:
        base.seek(50)
        base.write(b"\xa5" * (file.stat().st_size - 50))
    return folder / "disk"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", (FAULTS[0], FAULTS[2], FAULTS[4]), ids=str)
def test_a_disk_that_fails_while_a_damaged_file_is_set_aside_loses_no_byte_of_it(
        tmp_path, authority, capsys, damaged, fault):
    step = 1 if ALL else 3
    runs = prove(tmp_path, authority, capsys, fault, range(1, 400, step), begin_with=damaged)
    before = (damaged / "sentinel.db").read_bytes()
    for run in runs:
        (aside,) = run.file.parent.glob("sentinel.db.corrupt-*Z")
        assert aside.read_bytes() == before, run.first
    assert any(run.renames for run in runs)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("error", ("EIO", "ENOSPC"))
def test_a_restore_on_a_failing_disk_works_or_changes_nothing(tmp_path, authority, capsys, error):
    lab = Lab(tmp_path, authority)
    (tmp_path / "disk").mkdir()
    file = tmp_path / "disk" / "sentinel.db"
    disk = Disk(tmp_path / "disk", tmp_path / "control")
    server = lab.server(monitor=PATIENT, store={"plugin": "sqlite", "options": {"path": file}})
    try:
        server.start()
        server.post(keepalive.encode(keepalive.flat("then", VPN, VPN.country)))
        done = run_program("backup", tmp_path / "copy.db", environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
        assert done.returncode == 0, done
        server.post(keepalive.encode(keepalive.flat("now", VPN, VPN.country)))
        server.stop()
    finally:
        lab.close()
    refused = met = renames = number = 0
    while True:
        number += 1
        before = set(Database(file).table(CLIENTS))
        begun, already = disk.calls, disk.renames
        disk.fail(begun + number, ERRORS[error], calls=1)
        failed = disk.failed
        done = run_program("restore", "-c", server.write(), tmp_path / "copy.db", environment=disk.environment)
        disk.heal()
        renames += disk.renames - already
        if disk.failed == failed:
            break
        met += 1
        database = Database(file)
        assert database.integrity == "ok"
        if done.returncode != 0:
            refused += 1
            assert done.returncode == 1 and done.stderr.startswith("vpn-sentinel restore: "), done
        assert set(database.table(CLIENTS)) in ({b"then"}, before), (number, done)
        if done.returncode == 0:
            assert set(database.table(CLIENTS)) == {b"then"}
    assert done.returncode == 0 and set(Database(file).table(CLIENTS)) == {b"then"}
    with capsys.disabled():
        print(f"\nrestore, {error} at each of its {met} calls: {refused} refused, {renames} renamings")
    assert refused and renames
