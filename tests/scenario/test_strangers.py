"""
What peers without a key may take of a server: a place only while there is room, little memory, and no silence in
the audit log. Small crowds, each with one trick; the siege is `test_siege.py`.
"""

import re
import select
import time
from pathlib import Path

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.places import VPN
from harness.program import binary
from harness.raw import Raw

BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))
SANITIZED = b"__asan_init" in binary().read_bytes()

CONNECTIONS, EACH = 40, 10  # the limits, so that four addresses are all there is room for
OPEN = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
REFUSED = b"GET /nope HTTP/1.1\r\nHost: a\r\n\r\n"
OPEN_WITHOUT_BODY = b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
OPEN_CHUNKED = b"GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"
REFUSED_WITH_BODY = b"POST /api/v1/keepalive HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\nx"

PENDING_KIB = 40 if SANITIZED else 16  # of each connection whose pipeline nobody reads, with all it takes else


def small(lab):
    server = lab.server(rate_limit={"requests": 60, "per": "1m"})
    server.config["server"]["limits"] = {"connections": CONNECTIONS, "per_address": EACH}
    return server.start()


class Crowd:
    """Connections without a key from several addresses, with small buffers of their own."""

    def __init__(self, port, count=CONNECTIONS, each=EACH):
        self.sockets = [Raw(port, receive_buffer=2048, source=f"127.0.0.{2 + n // each}").socket for n in range(count)]
        for one in self.sockets:
            one.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()

    def send(self, data, seconds=0.0):
        """At least once each, and for so long whatever they can be made to take."""
        end = time.monotonic() + seconds
        while True:
            for one in self.sockets:
                try:
                    one.send(data)
                except OSError:
                    pass
            if time.monotonic() >= end:
                return
            time.sleep(0.02)

    def read(self, count):
        for one in self.sockets:
            try:
                one.recv(count)
            except OSError:
                pass

    def cut(self):
        """How many of them the server has ended or reset."""
        poll = select.poll()
        for one in self.sockets:
            poll.register(one, select.POLLRDHUP)
        return len(poll.poll(0))


@pytest.mark.parametrize("data, seconds", [
    pytest.param(OPEN_WITHOUT_BODY, 0.5, id="bodies that never come"),
    pytest.param(OPEN_CHUNKED, 0.5, id="chunks that never come"),
    pytest.param(OPEN * 400, 3, id="answers that nobody reads"),
    pytest.param(REFUSED * 400, 3, id="refusals that nobody reads"),
    pytest.param(REFUSED_WITH_BODY, 0.5, id="last answers after which nobody leaves"),
])
def test_a_crowd_without_a_key_locks_nobody_out(lab, data, seconds):
    server = small(lab)
    with Crowd(server.port.number) as crowd:
        crowd.send(data, seconds)
        assert [server.post(BODY).status for _ in range(5)] == [200] * 5
        assert 1 <= crowd.cut()
    server.program.wait_for_log(r"limit of connections \(server.limits.connections\) is reached")


def test_a_crowd_that_reads_a_little_now_and_then_locks_nobody_out(lab):
    server = small(lab)
    with Crowd(server.port.number) as crowd:
        crowd.send(REFUSED * 400, 1.5)
        for _ in range(6):
            crowd.read(250)
            crowd.send(REFUSED * 400, 0.5)
        assert crowd.cut() == 0, "they do read"
        assert [server.post(BODY).status for _ in range(5)] == [200] * 5
        assert crowd.cut() >= 1


def test_pipelines_that_nobody_reads_take_little_memory(lab):
    server = lab.server()
    server.program.environment = {**server.program.environment,
                                  "ASAN_OPTIONS": "detect_leaks=1:exitcode=97:quarantine_size_mb=1"}
    server.config["server"]["limits"] = {"per_address": 300}
    server.start()

    def memory():
        status = Path(f"/proc/{server.program.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1))

    assert server.post(BODY).status == 200
    before, count = memory(), 300
    with Crowd(server.port.number, count, count) as crowd:
        crowd.send(REFUSED * 2000, 6)
        taken = memory() - before
        assert server.post(BODY).status == 200
        print(f"{taken / count:.1f} KiB for each connection")
        assert taken <= count * PENDING_KIB + 2048


def test_plain_http_on_a_port_of_tls_stands_in_the_audit_log(lab):
    server = lab.server()
    server.config["server"]["tls"] = {"cert": str(lab.authority.folder / "server.pem"),
                                      "key": str(lab.authority.folder / "server.key")}
    server.start(ready=False)
    server.program.wait_for_log("vpn-sentinel .*: server at")
    with Raw(server.port.number, source="127.0.0.7") as wire:
        wire.send(b"GET /health HTTP/1.1\r\nHost: a\r\nX-API-Key: " + server.key.encode() + b"\r\n\r\n")
        answer = wire.answer()
        assert answer.status == 400 and b"tls_required" in answer.body and answer.header("connection") == "close"
        assert wire.closes()
    audit = Audit(Path(server.config["state_dir"]) / "audit.log")
    line = audit.wait(lambda request: request["status"] == 400)
    assert line["address"] == "127.0.0.7" and line["principal"] is None and line["method"] is None
    assert server.key not in audit.text()
