"""The log in a file: beside standard error, renamed when it is full or by somebody else."""

import os
import re
import signal
import stat

import pytest

from harness.program import ROOT, Program
from harness.ports import Port
from harness.wait import until


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def own_lines(program):
    """What the program logged: a sanitizer's words are not in the file."""
    return [line for line in program.log().splitlines() if re.match(r"\d{4}-\d\d-\d\dT|\{", line)]


@pytest.mark.parametrize("form", ["human", "json"])
def test_the_file_has_every_line_of_standard_error(lab, form):
    file = lab.folder / "server.log"
    server = lab.server(log={"level": "debug", "format": form, "file": file}).start()
    assert server.get("/status", key="wrong-key-0123456789").status == 401
    server.program.wait_for_log("refused")
    server.stop()
    assert lines_of(file) == own_lines(server.program) and len(lines_of(file)) > 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_client_has_one_too(lab):
    file = lab.folder / "client.log"
    client = lab.client(None, log={"level": "debug", "file": file})
    client.config["client"]["server"] = Port().url
    client.start()
    until(lambda: len(lines_of(file)) > 1, "lines in the file")
    client.stop()
    assert lines_of(file) == own_lines(client.program)


def test_a_full_file_is_renamed(lab):
    file = lab.folder / "server.log"
    server = lab.server(log={"level": "debug", "file": file, "max_size": "64KiB", "keep": 1}).start()
    body = b'{"client_id": "a", "public_ip": "192.0.2.1"}'
    for _ in range(3000):
        server.post(body)
        if (lab.folder / "server.log.1").exists():
            break
    server.stop()
    assert (lab.folder / "server.log.1").stat().st_size <= 65536
    assert lines_of(lab.folder / "server.log.1") + lines_of(file) == own_lines(server.program)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP])
@pytest.mark.parametrize("role", ["server", "client"])
def test_renamed_by_somebody_else_it_goes_on_in_a_new_file(lab, role, number):
    file = lab.folder / "role.log"
    server = lab.server(log={"level": "debug", "file": file} if role == "server" else {}).start()
    watched = server
    if role == "client":
        watched = lab.client(server, log={"level": "debug", "file": file}).start()
        server.wait_client(watched.client_id)
    for turn in range(5):
        os.rename(file, lab.folder / f"old.{turn}")
        watched.program.signal(number)
        until(file.exists, "the new file")
    watched.stop()
    kept = [line for turn in range(5) for line in lines_of(lab.folder / f"old.{turn}")] + lines_of(file)
    assert kept == own_lines(watched.program)


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_folder_that_is_missing_ends_the_start_with_the_reason(lab, role):
    server = lab.server(log={"file": "/nonexistent/x.log"})
    program = server if role == "server" else lab.client(server, log={"file": "/nonexistent/x.log"})
    program.write()
    program.program.start()
    assert program.program.wait() == 2
    assert "cannot write /nonexistent/x.log: its folder is not there: make it first (log.file)" in program.program.log()


def test_the_variables_of_earlier_versions_set_it(lab):
    file = lab.folder / "vpn-sentinel-server.log"
    program = Program("shipped", ["server", "-c", ROOT / "etc" / "server.yaml"], lab.folder, {
        **lab.environment, "VPN_SENTINEL_API_KEY": lab.key, "VPN_SENTINEL_STATE_DIR": lab.folder / "state",
        "VPN_SENTINEL_SERVER_ADDRESS": "127.0.0.1", "VPN_SENTINEL_SERVER_API_PORT": Port().number,
        "IPINFO_URL": "http://127.0.0.1:9/", "CLOUDFLARE_TRACE_URL": "http://127.0.0.1:9/",
        "VPN_SENTINEL_LOG_FILE": file, "VPN_SENTINEL_LOG_MAX_SIZE": 10485760, "VPN_SENTINEL_LOG_MAX_BACKUPS": 5})
    lab.programs.append(program)
    program.start()
    program.wait_for_log("server at 127")
    program.stop()
    assert lines_of(file) == own_lines(program)
    assert "VPN_SENTINEL_LOG" not in program.log()
