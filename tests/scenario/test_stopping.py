"""Starting and ending as a process should."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness import keepalive
from harness.lab import Usual
from harness.places import VPN
from harness.roles import INTERVAL
from harness.stand_in import HANG
from harness.wait import until

AT_ONCE = 1.0  # seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("role", ["server", "client"])
def test_an_idle_role_ends_within_a_second(usual, role, number):
    usual.client.config["client"]["interval"] = "1h"
    usual.until_secure()
    program = getattr(usual, role).program
    begun = time.monotonic()
    program.signal(number)
    assert program.wait() == 0, program.log()
    assert time.monotonic() - begun < AT_ONCE


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_hangup_is_answered_in_the_log_and_ends_nothing(usual, role):
    usual.until_secure()
    program = getattr(usual, role).program
    for times in (1, 2):
        program.signal(signal.SIGHUP)
        until(lambda: program.log().count("reloaded: nothing changed") == times, f"the word of reload {times}")
    assert program.alive() and usual.server.healthy()
    program.stop()


@pytest.mark.parametrize("role", ["server", "client"])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_runs_and_ends_well_without_standard_streams(usual, role, closed):
    program = getattr(usual, role).program
    program.wrapper = ["sh", "-c", f'exec "$@" {closed}', "sh"]
    usual.until_secure()
    program.signal(signal.SIGTERM)
    assert program.wait() == 0


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_reader_of_the_log_that_goes_ends_nothing(usual, role):
    program = getattr(usual, role).program
    program.wrapper = ["sh", "-c", '{ "$@"; echo $? >&3; } 2>&1 3>"$CODE" | true', "sh"]
    code = usual.lab.folder / "code"
    program.environment = {**program.environment, "CODE": code}
    usual.until_secure()
    program.signal_inner(signal.SIGTERM)
    program.wait()
    assert code.read_text().strip() == "0"


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("role", ["server", "client"])
def test_a_signal_during_the_start_ends_it_in_order(usual, role, wrapped):
    reason = namespaces_refused() if wrapped else ""
    if reason:
        pytest.skip(f"no PID namespace here: {reason}")
    usual.server.start()
    subject = getattr(usual, role)
    if role == "server":
        subject.stop()
    program = subject.program
    # The configuration is a pipe: the program reads it when the signal has come.
    text = subject.write().read_bytes()
    program.args = [role, "-c", "/dev/stdin"]
    if wrapped:
        program.wrapper = ["unshare", *UNSHARE]
    ours, theirs = os.pipe()
    program.start(stdin=ours)
    os.close(ours)
    until(lambda: program.holds_back(signal.SIGTERM, inner=wrapped), f"the {role} to see to signals")
    (program.signal_inner if wrapped else program.signal)(signal.SIGTERM)
    time.sleep(0.1)
    with open(theirs, "wb") as pipe:
        pipe.write(text)
    assert program.wait() == 0, program.log()
    assert "stopping after signal 15" in program.log()


def namespaces_refused():
    """Why this machine cannot make a process number 1, or ""."""
    if not shutil.which("unshare"):
        return "there is no unshare"
    done = subprocess.run(["unshare", *UNSHARE, "true"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


UNSHARE = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


@pytest.mark.parametrize("role", ["server", "client"])
def test_it_ends_within_a_second_as_process_number_1_too(lab, role):
    reason = namespaces_refused()
    if reason:
        pytest.skip(f"no PID namespace here: {reason}")
    usual = Usual(lab)
    program = getattr(usual, role).program
    program.wrapper = ["unshare", *UNSHARE]
    usual.client.config["client"]["interval"] = "1h"
    usual.until_secure()
    assert program.inner_namespace_pid() == 1
    assert program.stop_inner() < AT_ONCE


def test_a_client_in_the_middle_of_a_probe_ends_all_the_same(usual):
    for stand_in in (usual.client_ipinfo, usual.client_trace):
        stand_in.always(HANG)
    for probe in usual.client.config["probes"]:
        probe["timeout"] = "30s"
    usual.start()
    until(lambda: usual.client_ipinfo.requests, "the probe to hang")
    assert usual.client.stop() < 5


def test_a_server_ends_although_a_client_holds_a_connection(usual):
    usual.until_secure()
    with socket.create_connection((usual.server.port.host, usual.server.port.number)):
        assert usual.server.stop() < AT_ONCE + 0.5


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_log_says_when_it_starts_and_when_it_ends(usual, role):
    usual.until_secure()
    program = getattr(usual, role).program
    program.stop()
    first, *_, last = [line for line in program.log().splitlines() if line.strip()]
    assert "vpn-sentinel" in program.log() and first != last
    assert "stop" in last.lower() or "end" in last.lower(), last


def test_the_start_line_counts_the_keys_and_shows_none(lab):
    server = lab.server(auth=[{"plugin": "bearer", "control": "sufficient",
                               "options": {"keys": [lab.key, "second-key-0123456789abcdef"]}}]).start()
    server.program.wait_for_log(r"2 (API )?keys")
    assert "second-key" not in server.program.log()


def test_a_busy_port_is_named_and_ends_the_start(lab):
    first = lab.server(name="first").start()
    second = lab.server(name="second")
    second.config["server"]["listen"][0]["address"] = first.port.address
    second.start(ready=False)
    code = second.program.wait()
    assert code not in (0, 97)
    said = second.program.log()
    assert str(first.port.number) in said and "in use" in said
    assert first.healthy()


def test_a_database_without_a_state_directory_is_a_refusal_that_names_both_ways_out(lab):
    (lab.folder / "file").touch()
    server = lab.server(state_dir=lab.folder / "file" / "state",
                        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    server.start(ready=False)
    assert server.program.wait() == 1
    (line,) = [line for line in server.program.log().splitlines() if "ERROR" in line]
    assert str(lab.folder / "file") in line and "VPN_SENTINEL_STATE_DIR" in line and "plugin: memory" in line
    assert not (lab.folder / "sentinel.db").exists()


def test_the_store_memory_works_without_a_state_directory(lab):
    (lab.folder / "file").touch()
    server = lab.server(state_dir=lab.folder / "file" / "state").start()
    assert re.search("WARN .*VPN_SENTINEL_STATE_DIR", server.program.log())


def test_the_same_state_directory_is_reused_after_a_restart(lab):
    usual = Usual(lab)
    del usual.client.config["client"]["id"]
    usual.start()
    (made,) = until(usual.server.status, "a client to report")
    usual.client.stop()
    usual.client.start()
    rounds = len(usual.client_trace.requests)
    until(lambda: len(usual.client_trace.requests) > rounds + 1, f"more rounds (every {INTERVAL} s)")
    assert set(usual.server.status()) == {made}


def test_nobody_is_lost_whom_the_ending_server_did_not_listen_to(lab):
    """A message that takes long keeps the server for seconds after it has closed its listeners."""
    telegram = lab.telegram()
    server = lab.server(monitor={"interval": "1s", "grace": "0s", "lost_after": "2s"},
                        notifiers=[lab.notifier(telegram, name="oncall")]).start()
    telegram.always(lambda _request: time.sleep(4))
    assert server.post(keepalive.encode(keepalive.flat("office", VPN, "RO"))).status == 200
    until(lambda: telegram.requests, "a message to be on its way")
    time.sleep(1.2)  # the rest of its two seconds passes while the server ends
    server.stop()
    assert "tunnel_lost" not in server.program.log()
