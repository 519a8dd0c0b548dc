"""The audit log: a line for each request, whatever was sent and whatever the disk does."""

import os
import signal
import socket
import stat
import threading
from pathlib import Path

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.commands import own_name
from harness.faultio import ERRORS, Disk
from harness.keepalive import key_headers
from harness.places import VPN
from harness.program import run
from harness.wait import until

BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))


def log_of(server):
    return Audit(Path(server.config["state_dir"]) / "audit.log")


def on_a_disk(lab, **audit):
    """A server whose audit log lies on a disk that fails when it is told to."""
    folder = lab.folder / "logs"
    folder.mkdir()
    disk = Disk(folder, lab.folder / "control")
    server = lab.server(audit={"path": folder / "audit.log", **audit})
    server.program.environment = {**server.program.environment, **disk.environment}
    return server.start(), disk, Audit(folder / "audit.log")


def raw(server, data):
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", server.port.number), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(65536):
            got += piece
        return got


def test_the_life_of_a_server_is_in_its_audit_log(lab):
    server = lab.server().start()
    log = log_of(server)
    assert server.post(BODY).status == 200
    assert server.get("/status", key="wrong-key-0123456789").status == 401
    assert server.get("/no-such-thing").status == 404
    assert keepalive.call(f"{server.url}/api/v1/clients/office-vpn", "DELETE", headers=key_headers(lab.key)).status == 403
    server.stop()
    assert [event for event, _ in log.events()] == ["started", "stopped"]
    requests = [r for r in log.requests() if r["path"] != "/health"]
    assert [(r["method"], r["path"], r["status"]) for r in requests] == [
        ("POST", "/api/v1/keepalive", 200), ("GET", "/api/v1/status", 401), ("GET", "/api/v1/no-such-thing", 404),
        ("DELETE", "/api/v1/clients/office-vpn", 403)]
    assert requests[0]["client"] == "office-vpn" and requests[0]["principal"]
    assert requests[1]["principal"] is None
    assert all(r["address"] == "127.0.0.1" and r["ms"] >= 0 for r in requests)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


HOSTILE = [
    b"GET /%0a%7b%22status%22:200%7d HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /{{7*191}}<script>alert(1)</script> HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%22,%22principal%22:%22root HTTP/1.1\r\nHost: a\r\nUser-Agent: \"}\t{{7*7}} \xe2\x80\xae\r\n\r\n",
    b"GET /%1b[2J%e2%80%ae%c2%85%e2%80%a8%ff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\x01\x02\n HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\"}\r\n{\"status\":200}\r\n\r\n",
    b"G\x00T / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"EVIL\n / HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \"},{\r\nForwarded: for=\"\\\"\r\n\r\n",
    b"POST /api/v1/keepalive HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
]


def test_whatever_a_stranger_sends_is_one_line_that_can_be_parsed(lab):
    server = lab.server().start()
    log = log_of(server)
    for count, data in enumerate(HOSTILE, 1):
        assert b"HTTP/1.1 " in raw(server, data)
        requests = until(lambda: [r for r in log.requests() if r["path"] != "/health"][count - 1 :],
                         lambda: f"a line for {data[:60]!r}:\n{log.text()[-2000:]}")
        assert len(requests) == 1
        assert set(requests[0]) == {"time", "address", "principal", "method", "path", "status", "client", "ms"}
        assert requests[0]["status"] >= 400 and requests[0]["address"] == "127.0.0.1"
    assert not [c for c in log.text() if ord(c) < 32 and c != "\n" or c in "\u202e\u2028\x85"]


def send_many(server, count, failures):
    connection = keepalive.http.client.HTTPConnection("127.0.0.1", server.port.number, timeout=20)
    headers = {"Content-Type": "application/json", **key_headers(server.key)}
    for _ in range(count):
        connection.request("POST", "/api/v1/keepalive", BODY, headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            failures.append(reply.status)
    connection.close()


def test_a_full_file_is_renamed_and_the_oldest_goes(lab):
    server = lab.server(audit={"max_size": "64KiB", "keep": 2}).start()
    log = log_of(server)
    send_many(server, 1500, [])
    server.stop()
    assert [file.name for file in log.files()] == ["audit.log.2", "audit.log.1", "audit.log"]
    assert all(file.stat().st_size <= 65536 for file in log.files())
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in log.files())
    assert len(log.requests()) > 500


def test_files_renamed_by_somebody_else_lose_no_line(lab):
    server = lab.server().start()
    log = log_of(server)
    failures = []
    sender = threading.Thread(target=send_many, args=(server, 1000, failures))
    sender.start()
    for number in range(1, 21):
        os.rename(log.path, log.path.with_suffix(f".log.{100 - number}"))
        server.program.signal(signal.SIGUSR1)
        until(log.path.exists, "the new file")
    sender.join()
    server.stop()
    assert not failures
    assert len([r for r in log.requests() if r["path"] == "/api/v1/keepalive"]) == 1000


def test_a_disk_that_is_full_costs_lines_and_no_request(lab):
    server, disk, log = on_a_disk(lab)
    assert server.post(BODY).status == 200
    log.wait(lambda r: r["path"] == "/api/v1/keepalive")
    disk.fail(disk.calls + 1, ERRORS["ENOSPC"])
    for _ in range(5):
        assert server.post(BODY).status == 200
    server.program.wait_for_log(r"\[audit\] cannot write .*audit\.log: No space left on device")
    said = until(lambda: (h := server.get("/health").json())["audit"]["state"] == "failing" and h, "failing")
    assert said["status"] == "degraded" and "No space left" in said["audit"]["last_error"]
    disk.heal()
    until(lambda: server.get("/health").json()["audit"]["state"] == "ok", "the audit log to be well again")
    assert server.get("/health").json()["audit"]["lines_lost"] >= 5
    assert server.get("/health").json()["status"] == "healthy"
    server.stop()
    ((event, detail),) = [e for e in log.events() if e[0] == "lost"]
    assert "could not be written" in detail
    assert server.program.log().count("[audit] cannot write") == 1


def test_a_disk_that_hangs_holds_up_no_request_and_not_the_end(lab):
    server, disk, log = on_a_disk(lab)
    disk.hold()
    failures = []
    send_many(server, 300, failures)
    assert not failures
    disk.release()
    log.wait_count(300)
    disk.hold()
    send_many(server, 10, failures)
    took = server.stop(within=10)
    disk.release()
    assert not failures and took < 5
    assert "the last lines of the audit log are not written yet" in server.program.log()


@pytest.mark.parametrize("make, why", [
    (lambda path: path.parent.rmdir(), "its folder is not there: make it first"),
    (lambda path: path.symlink_to("/etc/passwd"), "it is a symbolic link"),
    (lambda path: path.mkdir(), "Is a directory"),
    (lambda path: os.mkfifo(path), "it is no regular file"),
])
def test_a_place_that_cannot_be_written_ends_the_start_with_the_reason(lab, make, why):
    path = lab.folder / "logs" / "audit.log"
    path.parent.mkdir()
    make(path)
    server = lab.server(audit={"path": path}).start(ready=False)
    assert server.program.wait() == 1
    assert why in server.program.log() and "(audit.path)" in server.program.log()


def test_who_wants_none_has_none(lab):
    server = lab.server(audit={"enabled": False}).start()
    assert server.post(BODY).status == 200
    assert server.get("/health").json()["audit"]["state"] == "off"
    server.stop()
    assert not log_of(server).files()


def test_local_commands_are_in_it_with_their_user(lab):
    server = lab.server(store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}).start()
    done = run("backup", lab.folder / "copy.db", environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
    assert done.returncode == 0, done.stderr
    entry = log_of(server).wait(lambda r: r["path"].endswith("/backup"))
    assert entry["address"] == "unix" and entry["uid"] == os.geteuid()
    assert entry["principal"] == own_name()
