"""`./setup run` as a stranger types it: a healthy server, a registered client, the lesson, a clean end."""

import os
import re
import signal
import subprocess
import time

from blocks import block
from harness.places import HOME
from harness.ports import Port
from harness.program import ROOT
from harness.wait import until

import pytest

BUILD_SECONDS = 400  # the release is built on the first run


class Run:
    """`./setup run` in a process group of its own, its output read from a file."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.port = Port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.environment = {**kept, "RUN_DIR": str(folder / "run"), "VPN_SENTINEL_INTERVAL": "1",
                            "VPN_SENTINEL_SERVER_API_PORT": str(self.port.number), **environment}
        self.out = folder / "out"
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(block("README.md", "run: try").text.split(), cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

    def said(self):
        return self.out.read_text(errors="replace")

    def wait_for(self, text, timeout=60):
        def there():
            assert self.process.poll() is None or text in self.said(), f"ended: {self.said()}"
            return text in self.said()
        until(there, lambda: f"{text!r} in:\n{self.said()}", within=timeout)

    def end(self):
        """As Ctrl-C does: the whole foreground group hears of it."""
        begun = time.monotonic()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(timeout=20)
        return code, time.monotonic() - begun

    def left_over(self):
        done = subprocess.run(["pgrep", "-g", str(self.process.pid)], capture_output=True, text=True, check=False)
        return done.stdout.split()


@pytest.fixture
def begin(tmp_path):
    runs = []

    def make(**environment):
        runs.append(Run(tmp_path, VPN_SENTINEL_DNS="no", **environment))
        runs[-1].wait_for("watching", timeout=BUILD_SECONDS)
        return runs[-1]

    yield make
    for made in runs:
        if made.process.poll() is None:
            os.killpg(made.process.pid, signal.SIGKILL)
            made.process.wait()


@pytest.mark.parametrize("words", [["test", "--al"], ["test", "--all", "more"], ["run", "now"], ["nonsense"]])
def test_what_setup_does_not_know_is_a_mistake_in_usage(words):
    done = subprocess.run([str(ROOT / "setup"), *words], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2 and "usage: ./setup COMMAND" in done.stderr
    assert words[-1] in done.stderr and not done.stdout


@pytest.mark.timeout(BUILD_SECONDS + 60)
def test_without_internet_the_facts_are_unknown_with_their_reasons(begin):
    run = begin(IPINFO_URL="http://127.0.0.1:9/json", CLOUDFLARE_TRACE_URL="http://127.0.0.1:9/trace")
    assert re.search(r"alive +unknown +unknown", run.said()), run.said()
    assert f"made an API key: {run.folder}/run/key" in run.said()
    assert f"{run.folder}/run/server.log  {run.folder}/run/client.log" in run.said()
    key = (run.folder / "run/key").read_text().strip()
    assert len(key) == 64 and key not in run.said()
    run.wait_for("Connected")
    assert "no source told the exit" in run.said()
    code, seconds = run.end()
    assert (code, run.left_over()) == (0, []), run.said()
    assert seconds < 5


@pytest.mark.timeout(BUILD_SECONDS + 60)
def test_with_internet_the_lesson_is_the_same_exit(begin, lab):
    ipinfo, trace = lab.ipinfo(HOME), lab.trace(HOME.ip, HOME.country)
    run = begin(IPINFO_URL=ipinfo.url, CLOUDFLARE_TRACE_URL=trace.url, **lab.environment)
    assert "same exit as the server, as expected without a VPN" in run.said()
    run.wait_for(HOME.ip)
    run.wait_for("bypass opened")
    code, _ = run.end()
    assert (code, run.left_over()) == (0, []), run.said()


@pytest.mark.timeout(BUILD_SECONDS + 60)
def test_waiting_for_the_first_report_does_not_use_up_the_rate_limit(begin):
    run = begin(IPINFO_URL="http://127.0.0.1:9/json", CLOUDFLARE_TRACE_URL="http://127.0.0.1:9/trace",
                VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS="1")
    assert re.search(r"alive +unknown +unknown", run.said()), run.said()
    code, _ = run.end()
    assert (code, run.left_over()) == (0, []), run.said()
