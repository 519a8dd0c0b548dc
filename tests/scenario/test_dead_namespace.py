"""A client whose network namespace lost its devices: it ends to be started again, where it is told to, and only there."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from harness import program
from harness.sink import Sink
from harness.vpnlab_netns import Netns, sweep, why_no_namespaces, wire

LIMIT = 1  # seconds with loopback alone
CODE = 75
NOWHERE = "http://127.0.0.1:9"


def why_not():
    """Why this cannot be tried here, or ""."""
    hostname = Path("/etc/hostname")
    if hostname.exists() and hostname.stat().st_dev != hostname.parent.stat().st_dev:
        return "an engine mounted /etc/hostname here: the client would wait for that container to be started again"
    return why_no_namespaces()


class Place:
    """A namespace with one device, as a container's, and a client in it that reaches nobody."""

    def __init__(self, lab, inside, outside):
        self.lab, self.inside, self.outside = lab, inside, outside
        self.client = lab.client(None)
        self.section = self.client.config["client"]
        self.section.update(server=NOWHERE, interval="1s", dense={"for": "0s"})
        self.program = self.client.program
        self.before = []  # what runs the program, outside the namespace

    def start(self, limit=None):
        if limit:
            self.section["exit_when_isolated"] = f"{limit}s"
        self.program.wrapper = self.before + self.inside.wrapper()
        self.client.start()
        self.program.wait_for_log("client office-vpn reports to")
        return self

    def plug(self):
        wire(self.inside, "eth0", self.outside, "far")

    def unplug(self):
        self.inside.ip("link", "delete", "eth0")

    def health(self):
        return program.run("healthcheck", "--role", "client",
                           environment={"VPN_SENTINEL_STATE_DIR": self.client.config["state_dir"]})

    def ends(self, why="no network device but loopback has been up"):
        """In time, with the code of its own."""
        assert self.program.wait(within=LIMIT + 20) == CODE, self.program.log()
        self.program.wait_for_log(f"stopping with exit code {CODE}: {why} for {LIMIT}")


@pytest.fixture
def place(lab):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    sweep()
    namespaces = []
    try:
        for role in ("inside", "outside"):
            namespaces.append(Netns(role))
        made = Place(lab, *namespaces)
        made.plug()
        yield made
    finally:
        for each in lab.programs:
            each.clean_up()
        for namespace in namespaces:
            namespace.close()


@pytest.fixture
def engine(place):
    """The file of the host name as an engine mounts it, from a file system of its own."""
    shared = "/dev/shm"
    if not os.path.isdir(shared) or os.stat(shared).st_dev == os.stat("/etc").st_dev:
        pytest.skip(f"{shared} is no file system of its own")
    with tempfile.NamedTemporaryFile(dir=shared) as file:
        place.before = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hostname && exec "$@"', file.name]
        yield lambda: os.utime(file.name, (1, 1))  # the container is started again


def test_a_client_whose_devices_are_gone_ends_and_the_next_one_tells_what_it_had_kept(place, lab):
    place.start(LIMIT)
    place.program.wait_for_log("no report gets through")  # a report at least could not be sent
    place.unplug()
    place.ends()
    sink = Sink(lab.key)
    lab.stand_ins.append(sink)
    place.section["server"] = sink.url
    place.section["exit_when_isolated"] = "0s"
    place.program.wrapper = []
    place.client.start()
    reports = sink.wait_reports(3)
    assert any(report.get("late") for report in reports), reports
    place.program.stop()


def test_a_client_that_starts_in_a_dead_namespace_ends_too(place):
    place.unplug()
    place.start(LIMIT)
    place.ends()


def test_a_device_that_is_there_and_switched_off_is_none(place):
    place.start(LIMIT)
    place.inside.ip("link", "set", "eth0", "down")
    place.ends()


def test_a_device_that_comes_back_in_time_ends_nobody(place):
    place.start(10)
    place.unplug()
    place.program.wait_for_log("no network device but loopback is up: unless one comes, this client ends in 10s")
    place.plug()
    place.program.wait_for_log("a network device is up again: this client stays")
    place.program.stop()


def test_without_the_setting_a_client_stays_and_its_health_says_what_is_wrong(place):
    place.start()
    place.unplug()
    place.program.wait_for_log("no report gets through")
    said = place.health()
    assert said.returncode == 1, said
    assert said.stdout.startswith("failing: no network device but loopback is up"), said
    place.plug()
    said = place.health()
    assert (said.returncode, said.stdout) == (0, "degraded\n")
    assert place.program.alive()
    place.program.stop()


def test_the_setting_can_be_made_while_the_client_runs(place):
    place.start()
    place.unplug()
    place.section["exit_when_isolated"] = f"{LIMIT}s"
    place.client.write()
    os.kill(place.program.descendants()[-1], signal.SIGHUP)
    place.program.wait_for_log("reloaded: exit_when_isolated")
    place.ends()


def test_in_the_network_of_a_stopped_container_the_client_waits_until_that_starts_again(place, engine):
    place.start(LIMIT)
    place.unplug()
    place.program.wait_for_log("has not been started again yet")
    assert place.program.alive()
    engine()
    place.ends()


def test_a_device_that_the_container_left_behind_keeps_nobody_there(place, engine):
    place.start(LIMIT)
    place.program.wait_for_log("no report gets through")
    assert "this client ends" not in place.program.log()
    engine()
    place.ends("the container of this network was started again, and the server has not been reached")
