"""Every drop-in that a README shows is understood by systemd, added to the unit that it is for."""

import re
import shutil
import subprocess

import pytest

from blocks import parse
from harness.program import ROOT, binary
from lint_readme import markdown_files

SHOWN = [(str(path), block) for path in markdown_files(ROOT)
         for block in parse((ROOT / path).read_text(encoding="utf-8")) if block.kind == "drop-in"]


def verify(folder, unit, drop_in):
    """What systemd says of one of our units with that drop-in."""
    text = (ROOT / "packaging" / unit).read_text(encoding="utf-8").replace("/usr/bin/vpn-sentinel", str(binary()))
    (folder / unit).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    (folder / f"{unit}.d").mkdir()
    (folder / f"{unit}.d/override.conf").write_text(drop_in, encoding="utf-8")
    return subprocess.run(["systemd-analyze", "verify", folder / unit], capture_output=True, text=True, timeout=60, check=False).stderr


@pytest.fixture
def analyze():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")


def test_a_drop_in_is_looked_at(analyze, tmp_path):
    unit = "vpn-sentinel-server.service"
    assert "override.conf" in verify(tmp_path, unit, "[Service]\nNoSuchSetting=1\n")


@pytest.mark.parametrize("path, block", SHOWN, ids=[f"{path}:{block.line}" for path, block in SHOWN])
def test_a_drop_in_that_is_shown_is_understood(analyze, path, block, tmp_path):
    said = verify(tmp_path, block.name, block.text)
    assert block.name not in said and "override.conf" not in said, f"{path}:{block.line}\n{said}"
