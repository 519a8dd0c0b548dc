"""A disk that hangs: nothing fails, and nothing comes back. People are told all the same, and nobody is told wrong."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import keepalive
from harness.database import Database
from harness.faultio import Disk
from harness.places import HOME, OTHER_VPN, VPN
from harness.story import CLIENT, MONITOR, is_open
from harness.wait import until

PATIENT = {**MONITOR, "lost_after": "1h"}
OTHER = "other"
WITHIN = 7  # seconds: a commit counts as failing after five


class World:
    def __init__(self, lab):
        folder = lab.folder / "disk"
        folder.mkdir()
        self.file = folder / "sentinel.db"
        self.disk = Disk(folder, lab.folder / "control")
        self.key = lab.key
        self.telegram = lab.telegram()
        self.server = lab.server(monitor=PATIENT, notifiers=[lab.notifier(self.telegram, name="oncall")],
                                 store={"plugin": "sqlite", "options": {"path": self.file}})
        self.server.program.environment = {**self.server.program.environment, **self.disk.environment}
        self.server.start()
        for client in (CLIENT, OTHER):
            assert self.report(VPN, client)["durable"]
        self.telegram.wait_for(f"Connected: {OTHER}")
        time.sleep(1.2)  # routine states are written

    def report(self, place, client=CLIENT, timeout=WITHIN + 3):
        """The answer; None when none came in time."""
        try:
            reply = keepalive.call(f"{self.server.url}/api/v1/keepalive", "POST",
                                   keepalive.encode(keepalive.flat(client, place, place.country)),
                                   {"Content-Type": "application/json", **keepalive.key_headers(self.key)}, timeout=timeout)
        except OSError:
            return None
        assert reply.status == 200, reply
        return reply.json()

    def health(self):
        return self.server.get("/health").json()

    def after_a_kill(self):
        self.server.kill()
        self.disk.release()
        assert Database(self.file).integrity == "ok"
        return Database(self.file).transitions(CLIENT)


@pytest.fixture
def world(lab):
    return World(lab)


def test_a_repeated_report_is_not_durable_before_the_first_is(world):
    """Else the client would drop a report that a crash then takes from the server."""
    world.disk.hold()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: world.report(HOME, timeout=3), range(3)))
    assert not any(answer and answer["durable"] for answer in answers), answers
    assert world.after_a_kill() == ["connected notice"]
    world.server.start()
    assert world.report(HOME)["durable"]
    world.telegram.wait_for(f"VPN bypass: {CLIENT}")


def test_people_are_told_and_everything_is_there_when_the_disk_is_back(world):
    world.disk.hold()
    begun = time.monotonic()
    answer = world.report(HOME)
    assert answer is not None and answer["verdict"] == "leak" and not answer["durable"]
    world.telegram.wait_for(f"VPN bypass: {CLIENT}", within=WITHIN)
    assert time.monotonic() - begun < 2 * WITHIN
    health = world.health()
    assert health["status"] == "degraded" and "the disk seems to hang" in health["store"]["last_error"], health
    begun = time.monotonic()
    for i in range(20):
        assert world.report(VPN, f"new{i}")["durable"] is False
    assert world.report(OTHER_VPN, OTHER)["durable"] is False
    assert time.monotonic() - begun < 5, "whoever comes now waits for nothing"
    world.disk.release()
    until(lambda: world.health()["status"] == "healthy", "the store to be back", within=30)
    until(lambda: world.report(HOME)["durable"], "keepalives to be durable")
    world.telegram.wait_for("Connected: new19", within=30)
    assert world.after_a_kill() == ["connected notice", "bypass opened"]
    world.server.start()
    clients = world.server.status()
    assert set(clients) == {CLIENT, OTHER, *(f"new{i}" for i in range(20))}
    assert is_open("bypass")(clients[CLIENT])
    world.report(VPN)
    world.telegram.wait_for("VPN bypass is over", within=30)
    assert len(world.telegram.matching(f"VPN bypass: {CLIENT}")) == 1


@pytest.mark.parametrize("known", (True, False), ids=("that is noticed", "that just began"))
def test_the_server_ends_in_time_and_says_what_was_not_delivered(world, known):
    world.telegram.stop()
    world.disk.hold()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(world.report, HOME)
        if known:
            until(lambda: world.health()["status"] == "degraded", "the store to count as failing", within=WITHIN)
        else:
            time.sleep(0.5)
        begun = time.monotonic()
        world.server.program.signal(signal.SIGTERM)
        assert world.server.program.wait() == 1
        assert time.monotonic() - begun < 9
    said = world.server.program.log()
    assert "the store does not end; what it has not written is lost" in said
    assert "oncall: 1 message was not delivered (1 bypass): lost" in said
