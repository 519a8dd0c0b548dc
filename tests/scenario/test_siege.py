"""
Many strangers at once: silent ones, ones that dribble, floods, handshakes that are never finished. Those who
have a key notice nothing of it, memory and descriptors stay within bounds and come back, and what is written
about it does not fill a disk.
"""

import http.client
import os
import re
import resource
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.certificates import Certificates
from harness.places import VPN
from harness.ports import Port
from harness.program import binary
from harness.raw import Raw
from harness.siege import Siege
from harness.wait import until

ALL = os.environ.get("VPN_SENTINEL_TEST_ALL") == "1"
SANITIZED = b"__asan_init" in binary().read_bytes()

Size = namedtuple("Size", "idle dribble silent encrypted flood short begun seconds")
FULL = Size(idle=10000, dribble=2000, silent=1000, encrypted=500, flood=16, short=8, begun=8, seconds=60)
PART = Size(idle=1500, dribble=300, silent=150, encrypted=100, flood=8, short=4, begun=4, seconds=10)

DESCRIPTORS = 1000  # of the server or of an attacker, beside its connections
PACE = 0.1  # seconds between two keepalives of a client
LATE_S = 5.0  # the most that a keepalive may take, even with a sanitizer on a busy machine
RATE_LIMIT = 1200  # a minute and address: more than our own clients need
AUDIT_MIB = 2
CALM_S = 20  # for everything to come back: an attacker's last connection lives no longer than its deadline
CONNECTION_KIB, ENCRYPTED_KIB = (24, 400) if SANITIZED else (3, 48)  # at the most of it, while attacked
FLOOD_KIB = (96 if SANITIZED else 24) * 1024  # whatever a flood takes: buckets, lines that wait
KEPT_KIB = None if SANITIZED else 12 * 1024  # more than before, when all have left


def size():
    """As large as asked for, or as the limit of descriptors of this machine lets it be."""
    wanted = FULL if ALL else PART
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = hard - DESCRIPTORS
    if wanted.idle + wanted.dribble <= room:
        return wanted
    share = room / (wanted.idle + wanted.dribble)
    print(f"only {room} connections instead of {wanted.idle + wanted.dribble}: this process may open {hard} files")
    return wanted._replace(idle=int(wanted.idle * share), dribble=int(wanted.dribble * share))


def addresses(block, count, each=1000):
    """So many that no address has more than `each` of `count` connections."""
    return [f"127.0.{block}.{n + 1}" for n in range(-(-count // each))]


class Reporter(threading.Thread):
    """A client at a steady pace: over one connection or one each, plain or encrypted. Anything but a 200 is a fault."""

    def __init__(self, name, port, key, keep, context=None):
        super().__init__(daemon=True)
        self.port, self.key, self.keep, self.context = port, key, keep, context
        self.client_id, self.took, self.faults, self.ending = name, [], [], False

    def connect(self):
        if self.context:
            return http.client.HTTPSConnection("localhost", self.port, timeout=10, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def run(self):
        body = keepalive.encode(keepalive.flat(self.client_id, VPN, VPN.country))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        connection = None
        while not self.ending:
            begun = time.monotonic()
            connection = connection or self.connect()
            try:
                connection.request("POST", "/api/v1/keepalive", body, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200:
                    self.faults.append((answer.status, said, time.monotonic() - begun))
            except (OSError, http.client.HTTPException) as error:
                self.faults.append((repr(error), time.monotonic() - begun))
                connection.close()
            took = time.monotonic() - begun
            self.took.append(took)
            if not self.keep:
                connection.close()
                connection = None
            time.sleep(max(0.0, PACE - took))
        if connection:
            connection.close()


def share(values, part):
    """The percentile, in milliseconds."""
    return 1000 * sorted(values)[min(len(values) - 1, int(len(values) * part))]


def memory(pid, what="VmRSS"):
    return int(re.search(rf"^{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE).group(1))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Fortress:
    """A server with a plain port and an encrypted one, as it is shipped but for what the test needs."""

    def __init__(self, lab, size):
        certificates = Certificates(lab.authority, lab.folder / "certificates")
        certificates.install(certificates.make())
        self.context = certificates.client()
        self.secure = Port()
        self.server = lab.server(rate_limit={"requests": RATE_LIMIT, "per": "1m"}, log={"level": "info"},
                                 audit={"max_size": f"{AUDIT_MIB}MiB", "keep": 1})
        # What a sanitizer keeps back of freed memory is not the server's.
        self.server.program.environment = {**self.server.program.environment,
                                           "ASAN_OPTIONS": "detect_leaks=1:exitcode=97:quarantine_size_mb=1"}
        section = self.server.config["server"]
        section["listen"][0]["tls"] = False
        section["listen"].append({"address": self.secure.address, "serve": ["api"]})
        section["tls"] = {"cert": certificates.cert, "key": certificates.key}
        section["limits"] = {"connections": size.idle + size.dribble}
        self.audit = Audit(Path(self.server.config["state_dir"]) / "audit.log")
        self.server.start()
        self.pid = self.server.program.process.pid

    def reporters(self):
        plain, key = self.server.port.number, self.server.key
        return [Reporter("keeps", plain, key, keep=True), Reporter("fresh", plain, key, keep=False),
                Reporter("fresh-tls", self.secure.number, key, keep=False, context=self.context)]

    def connections(self):
        text = self.server.get("/metrics", api="").body.decode()
        return int(re.search(r"^vpn_sentinel_http_connections (\d+)$", text, re.MULTILINE).group(1))

    def log_lines(self):
        return self.server.program.log().count("\n")


def attack(siege, fortress, size):
    plain, secure = fortress.server.port.number, fortress.secure.number
    siege.send("idle", plain, addresses(1, size.idle), size.idle, size.idle / 2)
    siege.send("dribble", plain, addresses(2, size.dribble), size.dribble, size.dribble)
    siege.send("silent", secure, addresses(3, size.silent), size.silent, size.silent)
    siege.send("encrypted", secure, addresses(4, size.encrypted, 100), size.encrypted, size.encrypted / 2)
    siege.send("begun", secure, addresses(5, size.begun, 1), size.begun, 200)
    # One of each shares the address of those who have a key.
    siege.send("flood", plain, ["127.0.0.1", *addresses(6, size.flood, 1)], size.flood, 100)
    siege.send("short", plain, ["127.0.0.1", *addresses(7, size.short, 1)], size.short, 2000)


def print_figures(reporters, did, seconds, said, before, peak, after):
    print()
    for reporter in reporters:
        took = reporter.took
        print(f"{reporter.client_id:10} {len(took):5} keepalives, p50 {share(took, 0.5):.1f} ms, "
              f"p99 {share(took, 0.99):.1f} ms, worst {share(took, 1):.1f} ms")
    for kind, done in did.items():
        print(f"{kind:10} {', '.join(f'{name} {count}' for name, count in sorted(done.items()))}")
    before, peak, after = before / 1024, peak / 1024, after / 1024
    print(f"{seconds:.0f} s; {said} lines in the log; "
          f"memory {before:.1f} MiB before, {peak:.1f} at the most, {after:.1f} when they had left")


@pytest.mark.timeout(300)
def test_a_siege_keeps_nobody_out_who_has_a_key_and_leaves_nothing_behind(lab, capsys):
    with capsys.disabled():  # it may say that it is smaller than it should be
        crowd = size()
    fortress = Fortress(lab, crowd)
    pid, reporters = fortress.pid, fortress.reporters()
    for reporter in reporters:
        reporter.start()
    until(lambda: all(len(reporter.took) > 10 for reporter in reporters), "keepalives in peace")
    before, open_before, said_before = memory(pid), descriptors(pid), fortress.log_lines()
    most = 0
    begun = time.monotonic()
    with Siege() as siege:
        attack(siege, fortress, crowd)
        while time.monotonic() - begun < crowd.seconds:
            most = max(most, fortress.connections())
            time.sleep(0.5)
        peak = memory(pid, "VmHWM")
        for reporter in reporters:  # it ends before the siege does: none of these had peace
            reporter.ending = True
        for reporter in reporters:
            reporter.join(20)
            assert not reporter.is_alive(), f"{reporter.client_id} hangs"
        did = siege.lift()
    seconds = time.monotonic() - begun
    until(lambda: fortress.connections() == 1, "all to be gone", within=CALM_S)
    until(lambda: descriptors(pid) <= open_before, lambda: f"{descriptors(pid)} to be {open_before}", within=CALM_S)
    if KEPT_KIB:
        until(lambda: memory(pid) <= before + KEPT_KIB, lambda: f"{memory(pid)} KiB to be near {before}", within=CALM_S)
    said = fortress.log_lines() - said_before
    with capsys.disabled():
        print_figures(reporters, did, seconds, said, before, peak, memory(pid))

    # It was a siege.
    assert most >= 0.95 * (crowd.idle + crowd.dribble)
    assert did["dribble"]["sent"] > crowd.dribble, did["dribble"]
    assert did["flood"]["answers"] > 50 * seconds and did["short"]["answers"] > 10 * seconds
    assert did["encrypted"]["shaken"] >= crowd.encrypted and did["begun"]["left"] > seconds
    assert not {"200", "500"} & (did["flood"].keys() | did["short"].keys())
    # Nobody noticed who has a key.
    for reporter in reporters:
        assert reporter.faults == [], reporter.client_id
        assert len(reporter.took) > crowd.seconds / PACE / 3 and max(reporter.took) < LATE_S
    # What it cost.
    bound = crowd.encrypted * ENCRYPTED_KIB + (crowd.idle + crowd.dribble) * CONNECTION_KIB + FLOOD_KIB
    assert peak - before <= bound, f"KiB, {bound} are allowed"
    assert said <= seconds + 4 * (crowd.flood + crowd.short + 1), fortress.server.program.log()[-3000:]
    assert len(fortress.audit.entries()) > 0
    assert sum(file.stat().st_size for file in fortress.audit.files()) <= 2 * AUDIT_MIB << 20
    fortress.server.stop()


def test_who_has_used_up_its_share_costs_nobody_else_a_place(lab):
    server = lab.server()
    server.config["server"]["limits"] = {"connections": 10, "per_address": 4}
    server.start()
    wires = [Raw(server.port.number, source=f"127.0.0.{2 + n // 4}") for n in range(10)]
    assert all(wire.stays() for wire in wires)
    greedy = [Raw(server.port.number, source="127.0.0.2") for _ in range(5)]
    assert all(wire.closes() for wire in greedy)
    assert all(wire.stays() for wire in wires)
