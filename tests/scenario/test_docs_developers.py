"""What the READMEs show to developers of this program is what happens."""

import os
import shutil
import subprocess
import sys

import pytest

from blocks import block
from harness.program import ROOT, run, told


def shell(command, folder, **environment):
    return subprocess.run(["/bin/sh", "-ec", command], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
                          timeout=50, check=False)


def test_each_problem_of_a_configuration_is_told_as_it_is_shown(tmp_path, monkeypatch):
    lines = [""] * 60
    lines[10:12] = ["monitor:", "    intervall: 5m"]
    lines[55:59] = ["auth:", "  - plugin: bearer", "    options:", '      keys: "${VPN_SENTINEL_API_KEY}"']
    (tmp_path / "server.yaml").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = run("check", "server.yaml")
    assert done.returncode == 2
    assert told(done).startswith(block("core/config/README.md", "output: check").text), done.stderr


def test_the_catalogs_follow_a_change_of_texts(tmp_path):
    for tool in ("xgettext", "msgmerge"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} (gettext) is not installed")
    shutil.copytree(ROOT / "po", tmp_path / "po")
    for name in ("core", "plugins", "sdk"):
        (tmp_path / name).symlink_to(ROOT / name)
    catalog = tmp_path / "po/es.po"
    whole = catalog.read_text(encoding="utf-8")
    entry = next(part for part in whole.split("\n\n")[1:] if "msgid_plural" not in part)
    catalog.write_text(whole.replace(f"{entry}\n\n", ""), encoding="utf-8")
    done = shell(block("po/README.md", "run: catalogs").text, tmp_path)
    assert done.returncode == 0, done
    for name in sorted(path.name for path in (ROOT / "po").glob("*.po*")):
        text = (tmp_path / "po" / name).read_text(encoding="utf-8")
        if name != "es.po":
            assert text == (ROOT / "po" / name).read_text(encoding="utf-8"), name
    msgid = entry[entry.index("msgid"):entry.index("msgstr")]
    assert f'{msgid}msgstr ""\n' in catalog.read_text(encoding="utf-8")


def test_a_lint_is_run_as_it_is_shown():
    done = shell(block("tests/support/README.md", "run: lint").text, ROOT)
    assert done.returncode == 0, done.stdout


def test_a_test_takes_blocks_and_tables_as_it_is_shown():
    code = block("tests/support/README.md", "run: take").text
    done = subprocess.run([sys.executable, "-c", f"{code}\nassert 'docker build' in command and len(fates[0]) == 3"],
                          env={**os.environ, "PYTHONPATH": str(ROOT / "tests/support"), "PYTHONDONTWRITEBYTECODE": "1"},
                          capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
