"""Every part of a configuration that a README shows is accepted, completed to a whole one."""

import os
import re
import subprocess

import pytest

from blocks import parse
from harness.program import ROOT, run
from lint_readme import markdown_files

# What a whole configuration needs beside the part that is shown, by its sections.
REST = {"server": {"state_dir": "state_dir: state\n",
                   "auth": 'auth:\n  - { plugin: bearer, options: { keys: "0123456789abcdef0123456789abcdef" } }\n'},
        "client": {"state_dir": "state_dir: state\n",
                   "client": 'client: { server: "http://127.0.0.1:5000", key: "0123456789abcdef0123456789abcdef" }\n'}}
# What stands around the members of one plugin in use.
ONE = {"notifiers": "console", "auth": "cidr", "probes": "ipify"}
SHOWN = [(str(path), block) for path in markdown_files(ROOT)
         for block in parse((ROOT / path).read_text(encoding="utf-8")) if block.kind == "check"]


def around(section, text):
    """The text as what stands in that section: "notifiers[].locale" is the locale of one channel."""
    indent, whole = "", ""
    for part in section.split(".") if section else []:
        name, _, is_list = part.partition("[]")
        whole += f"{indent}{name}:\n"
        indent += "  "
        if part.endswith("[]"):
            whole += f"{indent}- plugin: {ONE[name]}\n"
            indent += "  "
    return whole + "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def complete(role, text):
    return text + "".join(rest for key, rest in REST[role].items() if not re.search(rf"^{key}:", text, re.MULTILINE))


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    """A folder of somebody's plugins, as the READMEs speak of it."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "probes").mkdir()
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-I", ROOT / "sdk/include", "-o", folder / "probes/uptime.so",
                    ROOT / "sdk/examples/uptime/uptime.c"], check=True)
    return folder


def there(text, folder, plugins):
    """The text with paths of files that exist here: of programs, secrets, and plugins."""
    def real(match):
        path = match[0]
        if re.search(r"path: *\[ *$", text[:match.start()]):
            return str(plugins)
        file = folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n", encoding="ascii")
        file.chmod(0o700)
        return str(file)
    return re.sub(r'(?<=[\s"\[:])/[a-z][\w./-]*', real, text)


def test_there_are_parts_of_both_roles():
    assert len(SHOWN) >= 8 and {block.name.split()[0] for _, block in SHOWN} == {"server", "client"}


@pytest.mark.parametrize("role, section, text, says", [
    ("server", "", "monitors: { interval: 5m }\n", "unknown key 'monitors'"),
    ("server", "notifiers[].locale", "languages: es\n", "unknown key 'languages'"),
    ("server", "auth", "- plugin: bearer\n  options: { keys: 1, key: 2 }\n", "'key'"),
    ("client", "", "probes:\n  - plugin: kilswitch\n", "kilswitch")])
def test_a_part_that_is_wrong_is_refused(role, section, text, says, tmp_path):
    file = tmp_path / f"{role}.yaml"
    file.write_text(complete(role, around(section, text)), encoding="utf-8")
    done = run("check", "--role", role, file)
    assert done.returncode == 2 and says in done.stderr, done.stderr


@pytest.mark.parametrize("path, block", SHOWN, ids=[f"{path}:{block.line}" for path, block in SHOWN])
def test_a_configuration_that_is_shown_is_accepted(path, block, tmp_path, plugins):
    role, _, section = block.name.partition(" ")
    file = tmp_path / f"{role}.yaml"
    file.write_text(complete(role, there(around(section, block.text), tmp_path, plugins)), encoding="utf-8")
    variables = {name: f"0123456789abcdef-{name.lower()}" for name in re.findall(r"\$\{([A-Z_]+)", block.text)}
    done = run("check", "--role", role, file, environment=variables)
    assert done.returncode == 0, f"{path}:{block.line}\n{file.read_text()}\n{done.stderr}"
