"""What `./setup test` says of tests that were skipped, with tools that only pretend."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from blocks import block
from harness.program import ROOT

CTEST = """#!/bin/sh
log=build/debug/Testing/Temporary
mkdir -p "$log"
cat >"$log/LastTest.log" <<'EOF'
[       OK ] something_else
skipped: not root, nobody else's file can be made here
measured: a walk around the house: 12 s
SKIPPED [2] ../tests/scenario/test_stopping.py:73: no PID namespace here
SKIPPED [2] ../tests/scenario/test_stopping.py:73: no PID namespace here
server.yaml: 4:5: skipped: notifier 'oncall'
EOF
exit {code}
"""


class Checkout:
    """The script alone, with tools that only pretend; `apt` has what apt-get was asked for."""

    def __init__(self, folder, **tools):
        self.folder, self.apt = folder, folder / "apt"
        self.apt.touch()
        shutil.copy(ROOT / "setup", folder)
        (folder / "bin").mkdir()
        for name, text in {"cmake": "", "dpkg-query": "echo installed", **tools}.items():
            self.tool(name, text)
        for name in ("apt-get", "sudo"):
            self.tool(name, f'echo "$@" >>"{self.apt}"')

    def tool(self, name, text):
        file = self.folder / "bin" / name
        file.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def run(self, command):
        return subprocess.run(command.split(), cwd=self.folder, capture_output=True, text=True, check=False, timeout=50,
                              env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"})


@pytest.mark.parametrize("code", [0, 8])
def test_what_was_skipped_and_what_was_measured_is_said_whether_the_others_passed_or_failed(tmp_path, code):
    done = Checkout(tmp_path, ctest=CTEST.format(code=code)).run(block("README.md", "run: test").text)
    assert done.returncode == code, done
    assert sorted(line for line in done.stdout.splitlines() if "skipped" in line or "measured" in line) == [
        "measured: a walk around the house: 12 s",
        "skipped: ../tests/scenario/test_stopping.py:73: no PID namespace here",
        "skipped: not root, nobody else's file can be made here"]


# Of these packages none is installed.
ENGINES = 'case $* in *docker*) exit 1 ;; esac; echo installed'


@pytest.mark.parametrize("answers, daemon, asked", [(True, False, False), (False, True, False), (False, False, True)],
                         ids=["one that runs", "one that does not run", "none"])
def test_an_engine_that_is_there_is_not_replaced_by_debians(tmp_path, answers, daemon, asked):
    checkout = Checkout(tmp_path, ctest="", valgrind="", gcovr="", npm="", **{
        "docker-compose": "", "docker": "exit 0" if answers else "exit 1", "dpkg-query": ENGINES})
    # Without the machine's own daemon, wherever that is.
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for folder in ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for tool in Path(folder).glob("*"):
            if tool.name != "dockerd" and not (hidden / tool.name).is_symlink():
                (hidden / tool.name).symlink_to(tool)
    if daemon:
        checkout.tool("dockerd", "")
    done = checkout.run(f"env PATH={checkout.folder}/bin:{hidden} ./setup test --all")
    assert "what is shipped: images, packages" in done.stdout, done
    assert ("docker.io" in checkout.apt.read_text()) == asked, (done, checkout.apt.read_text())
