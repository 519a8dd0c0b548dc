"""The log cannot be written for a while: nobody waits for it, and no line is lost, nor their order."""

import re
import signal
import time

from harness.faultio import Disk
from harness.unread import CAPACITY, Unread

KEEPALIVES = 300  # each is a line of the log, at least; with all of them the pipe is full many times
SOON = 2  # seconds


def keepalives(server, count=KEEPALIVES):
    """None waits, whatever becomes of the log."""
    for number in range(count):
        begun = time.monotonic()
        assert server.post(b'{"client_id": "c%d", "public_ip": "192.0.2.1"}' % number).status == 200
        assert time.monotonic() - begun < SOON


def test_a_standard_error_that_nobody_reads_holds_up_no_keepalive(lab):
    server = Unread.instead_of(lab.server()).start()
    keepalives(server)
    server.program.read()
    server.stop()
    server.program.read_rest()
    said = server.program.log()
    assert re.findall(r"\[api\] keepalive of c(\d+): ", said) == [str(number) for number in range(KEEPALIVES)]
    assert "were lost" not in said
    assert said.endswith("vpn-sentinel server has stopped\n")


def test_it_does_not_hold_up_the_end_either(lab):
    server = Unread.instead_of(lab.server()).start()
    keepalives(server)
    begun = time.monotonic()
    server.program.signal(signal.SIGTERM)
    assert server.program.wait() == 0
    assert time.monotonic() - begun < 5


def test_nor_a_client_and_its_reports(lab):
    server = lab.server().start()
    client = Unread.instead_of(lab.client(server)).start()
    server.wait_client(client.client_id)
    for _ in range(100):
        client.program.signal(signal.SIGHUP)
        time.sleep(0.03)
    known = server.client(client.client_id)["last_seen"]
    server.wait_client(client.client_id, lambda record: record["last_seen"] > known, "to report again")
    client.program.read()
    client.stop()
    client.program.read_rest()
    assert len(client.program.log()) > CAPACITY, "else nothing was to be waited for"


def test_a_file_on_a_disk_that_hangs_holds_up_no_keepalive(lab):
    folder = lab.folder / "disk"
    folder.mkdir()
    disk = Disk(folder, lab.folder / "control")
    file = folder / "server.log"
    server = lab.server(log={"level": "debug", "file": file})
    server.program.environment = {**server.program.environment, **disk.environment}
    server.start()
    disk.hold()
    keepalives(server)
    server.program.signal(signal.SIGUSR1)
    keepalives(server, 10)
    assert server.get("/health").json()["status"] == "healthy"
    disk.release()
    server.stop()
    own = [line for line in server.program.log().splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
    assert file.read_text(encoding="utf-8").splitlines() == own and len(own) > KEEPALIVES
