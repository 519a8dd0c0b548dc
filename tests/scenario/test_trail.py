"""What a mistake or a stranger does to the audit log and to files that the server reads: nothing."""

import http.client
import os
import signal
from pathlib import Path

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.places import VPN
from harness.program import run
from test_tls import Secured

BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))


def test_whoever_has_no_key_pushes_no_line_out_of_the_audit_log(lab):
    server = lab.server(audit={"max_size": "64KiB", "keep": 1}).start()
    log = Audit(Path(server.config["state_dir"]) / "audit.log")
    assert server.post(BODY).status == 200
    connection = http.client.HTTPConnection("127.0.0.1", server.port.number, timeout=20)
    for number in range(3000):
        connection.request("GET", "/health" if number % 2 else "/x")
        connection.getresponse().read()
    connection.close()
    server.stop()
    assert [r["path"] for r in log.requests() if r["principal"]] == ["/api/v1/keepalive"]
    asked = [r for r in log.requests() if not r["principal"]]
    assert len(asked) <= 40
    assert len(asked) + sum(entry["count"] for entry in log.sums()) >= 3000
    assert {entry["address"] for entry in log.sums()} == {"127.0.0.1"}


def test_a_pipe_instead_of_a_file_holds_up_nobody(lab):
    keys = lab.folder / "keys"
    keys.write_text(lab.key + "\n")
    server = lab.server(auth=[{"plugin": "bearer", "control": "sufficient", "options": {"keys_file": keys}}]).start()
    keys.unlink()
    os.mkfifo(keys)
    server.program.signal(signal.SIGHUP)
    server.program.wait_for_log("it is no regular file")
    assert server.get("/status").status == 200
    assert server.stop(within=5) < 5


@pytest.mark.parametrize("section, names", [
    ("audit", lambda server, folder: server.config["store"]["options"]["path"]),
    ("audit", lambda server, folder: f'{server.config["store"]["options"]["path"]}-wal'),
    ("audit", lambda server, folder: folder / "both.log"),
    ("log", lambda server, folder: server.config["store"]["options"]["path"]),
    ("log", lambda server, folder: folder / "both.log.1"),
])
def test_lines_are_written_into_no_other_file_of_the_server(lab, section, names):
    server = lab.server(store={"plugin": "sqlite", "options": {"path": str(lab.folder / "sentinel.db")}})
    server.config["audit"] = {"path": str(lab.folder / "both.log")}
    path = str(names(server, lab.folder))
    server.config["audit" if section == "audit" else "log"] = {"path" if section == "audit" else "file": path}
    if path.endswith("both.log"):
        server.config["log"] = {"file": path}
    server.start(ready=False)
    assert server.program.wait() == 2
    assert "would write lines into" in server.program.log()


def test_what_is_no_audit_log_is_not_added_to(lab):
    other = lab.folder / "notes"
    other.write_text("mine\n")
    server = lab.server(audit={"path": other}).start(ready=False)
    assert server.program.wait() == 2
    assert "is there already and is no audit log" in server.program.log()
    assert other.read_text() == "mine\n"


def test_a_key_at_the_place_of_its_file_is_not_printed(lab):
    key = "Zq7Vb2Lm9Xc4Rt6Yp1Ws"
    server = lab.server(auth=[{"plugin": "bearer", "control": "sufficient", "options": {"keys_file": key}}])
    server.start(ready=False)
    assert server.program.wait() != 0
    assert "keys_file" in server.program.log() and key not in server.program.log()


def test_healthcheck_without_tls_at_a_tls_port_says_so(lab):
    secured = Secured(lab).start()
    done = run("healthcheck", "--url", f"http://127.0.0.1:{secured.port.number}")
    assert done.returncode == 1 and "this port speaks TLS: use https://" in done.stderr
