"""`client.on_verdict`: a program of the user's, run when the verdict changes."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from harness.program import run
from harness.sink import Sink
from harness.stand_in import Answer
from harness.wait import holds, until

SCRIPT = """#!/bin/sh
printf '%s>%s %s %s\\n' "$VPN_SENTINEL_BEFORE" "$VPN_SENTINEL_VERDICT" "$VPN_SENTINEL_CLIENT_ID" "$1" >>"$(dirname "$0")/ran"
cat >"$(dirname "$0")/input"
env >"$(dirname "$0")/environment"
"""


UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


def children_of(pid):
    """Those that nobody has taken note of the end of, too."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Hooked:
    """A client that runs a script beside a stand-in of its server."""

    def __init__(self, lab, **hook):
        self.sink = Sink(lab.key)
        lab.stand_ins.append(self.sink)
        self.folder = lab.folder / "hook"
        self.folder.mkdir()
        self.script = self.folder / "changed"
        self.write(SCRIPT)
        self.client = lab.client(self.sink)
        self.client.config["client"]["on_verdict"] = {"command": [str(self.script), "an argument; $(false)"], **hook}
        self.program = self.client.program

    def write(self, script):
        self.script.write_text(script)
        self.script.chmod(0o755)

    def ran(self):
        file = self.folder / "ran"
        return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []

    def wait_ran(self, *expected):
        until(lambda: self.ran() == list(expected),
              lambda: f"{expected} to be run; was: {self.ran()}\n{self.program.log()}")


def test_it_runs_once_a_change_with_environment_and_input(lab):
    hooked = Hooked(lab)
    hooked.client.start()
    hooked.wait_ran(">secure")
    hooked.sink.verdict = "leak"
    hooked.wait_ran(">secure", "secure>leak")
    hooked.sink.wait_reports(len(hooked.sink.reports) + 2)
    assert hooked.ran() == [">secure", "secure>leak"]
    assert (hooked.folder / "ran").read_text().splitlines()[1] == "secure>leak office-vpn an argument; $(false)"
    told = json.loads((hooked.folder / "input").read_text())
    assert told["verdict"] == "leak" and told["before"] == "secure" and told["client_id"] == "office-vpn"
    assert told["question"] == "tunnel" and told["verdicts"]["tunnel"]["evidence"] == "the stand-in says so"
    environment = (hooked.folder / "environment").read_text()
    assert lab.key not in environment and "SSL_CERT_FILE" not in environment
    assert "the verdict is leak, was secure" in hooked.program.log() and "exit code 0" in hooked.program.log()


def test_only_the_listed_verdicts_and_a_server_that_is_away(lab):
    hooked = Hooked(lab, on=["leak", "unreachable"])
    hooked.client.start()
    hooked.sink.wait_reports(2)
    hooked.sink.always(Answer(500))
    hooked.wait_ran("secure>unreachable")
    hooked.sink.always(None)
    count = len(hooked.sink.reports)
    hooked.sink.wait_reports(count + 2)
    hooked.sink.verdict = "leak"
    hooked.wait_ran("secure>unreachable", "secure>leak")


def test_one_report_that_fails_is_no_outage(lab):
    hooked = Hooked(lab, on=["unreachable"])
    hooked.client.config["client"]["interval"] = "3s"
    hooked.sink.script(Answer(500))
    hooked.client.start()
    hooked.sink.wait_reports(2)
    assert hooked.ran() == []


def test_a_program_that_hangs_or_fails_holds_nothing_up(lab):
    hooked = Hooked(lab, timeout="500ms")
    hooked.write("#!/bin/sh\nsleep 60\n")
    hooked.client.start()
    hooked.program.wait_for_log(r"on_verdict.*failed after")
    hooked.sink.wait_reports(3)
    hooked.write("#!/bin/sh\necho what it did; echo what went wrong >&2; exit 7\n")
    hooked.sink.verdict = "exposed"
    hooked.program.wait_for_log(r"ended with exit code 7")
    assert "it said: what it did" in hooked.program.log() and "it complained: what went wrong" in hooked.program.log()
    assert hooked.program.stop() < 3


def test_a_reload_exchanges_it(lab):
    hooked = Hooked(lab)
    hooked.client.start()
    hooked.wait_ran(">secure")
    del hooked.client.config["client"]["on_verdict"]
    hooked.client.write()
    hooked.program.signal(signal.SIGHUP)
    hooked.program.wait_for_log("reloaded: on_verdict")
    hooked.sink.verdict = "leak"
    hooked.program.wait_for_log("verdict: leak")
    holds(lambda: hooked.ran() == [">secure"], "nothing more to be run", during=0.5)


def test_as_process_1_of_a_container_it_reaps_what_the_program_left_behind(lab):
    hooked = Hooked(lab)
    hooked.program.wrapper = UNSHARE
    if not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces cannot be made here")
    hooked.write(SCRIPT + "sleep 0.3 & sleep 0.4 & sleep 0.5 &\n")
    hooked.client.start()
    hooked.wait_ran(">secure")
    (pid,) = children_of(hooked.program.process.pid)
    until(lambda: len(children_of(pid)) >= 3, lambda: f"children: {children_of(pid)}")
    until(lambda: not children_of(pid), lambda: f"children: {children_of(pid)}")
    hooked.sink.verdict = "leak"
    hooked.wait_ran(">secure", "secure>leak")
    hooked.program.wait_for_log("was secure: running")
    assert hooked.program.log().count("ended with exit code 0") >= 1


@pytest.mark.parametrize("change, says", [
    (lambda script: script.unlink(), "there is no program"),
    (lambda script: os.chmod(script, 0o600), "chmod +x"),
])
def test_check_refuses_a_program_that_cannot_be_run(lab, change, says):
    hooked = Hooked(lab)
    file = hooked.client.write()
    assert run("check", "-c", file).returncode == 0
    change(hooked.script)
    done = run("check", "-c", file)
    assert done.returncode == 2 and says in done.stdout + done.stderr, done
    assert "client.yaml:" in done.stdout + done.stderr
