"""Every shell script of the sources, wherever it stands, is clean for shellcheck."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.program import ROOT
from lint_readme import SKIPPED

SHELL = re.compile(rb"#! ?(?:/usr/bin/env |/bin/)(?:ba)?sh\b")


def scripts():
    """By their first line: most have no ending."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in SKIPPED and not name.startswith("build") and name != "corpus"]
        for file in (Path(folder) / name for name in files):
            if file.is_file():
                with file.open("rb") as begun:
                    if SHELL.match(begun.read(32)):
                        yield file.relative_to(ROOT)


def test_shellcheck_finds_nothing_in_any_script():
    found = sorted(scripts())
    assert {Path("setup"), Path(".ci/run"), Path("docker/prepare"), Path("packaging/python/postinst"), Path("po/extract")} <= set(found)
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(["shellcheck", *found], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stdout
