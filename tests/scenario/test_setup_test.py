"""What `./setup test` says of tests that were skipped, with tools that only pretend."""

import os
import shutil
import subprocess

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


@pytest.mark.parametrize("code", [0, 8])
def test_what_was_skipped_and_what_was_measured_is_said_whether_the_others_passed_or_failed(tmp_path, code):
    shutil.copy(ROOT / "setup", tmp_path)
    for name, text in {"dpkg-query": "#!/bin/sh\necho installed\n", "cmake": "#!/bin/sh\n",
                       "ctest": CTEST.format(code=code)}.items():
        tool = tmp_path / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(text)
        tool.chmod(0o755)
    command = block("README.md", "run: test").text.split()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"})
    assert done.returncode == code, done
    assert sorted(line for line in done.stdout.splitlines() if "skipped" in line or "measured" in line) == [
        "measured: a walk around the house: 12 s",
        "skipped: ../tests/scenario/test_stopping.py:73: no PID namespace here",
        "skipped: not root, nobody else's file can be made here"]
