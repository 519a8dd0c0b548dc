"""The completion of command lines, asked as the shells ask it."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from harness.commands import commands, options
from harness.program import run


@pytest.fixture(scope="module", params=["bash", "fish"])
def complete(request, tmp_path_factory):
    """complete("plugin", "") -> what may stand there."""
    folder = tmp_path_factory.mktemp("completion")
    shell = request.param
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = folder / "vpn-sentinel"
    script.write_text(run("completion", shell).stdout, encoding="utf-8")
    (folder / "a file.yaml").touch()

    def ask(*words):
        if shell == "bash":
            program = ('source "$0"; eval "$(complete -p vpn-sentinel | sed "s/.* -F \\([^ ]*\\) .*/asked=\\1/")"; '
                       'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "$asked" vpn-sentinel; printf "%s\\n" "${COMPREPLY[@]}"')
            command = ["bash", "--norc", "-c", program, script, "vpn-sentinel", *words]
        else:
            line = " ".join(["vpn-sentinel", *words])
            command = ["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, cwd=folder,
                              env={**os.environ, "HOME": str(folder), "LANG": "C.UTF-8"})
        assert done.stderr == "", done.stderr
        return sorted(line.split("\t")[0].replace("\\ ", " ") for line in done.stdout.splitlines() if line)

    return ask


def test_the_first_word_is_every_command(complete):
    assert {name.split()[0] for name in commands()} <= set(complete(""))


def test_the_second_word_is_every_command_of_the_group(complete):
    names = commands()
    for group in {name.split()[0] for name in names if " " in name}:
        assert complete(group, "") == sorted(n.split()[1] for n in names if n.startswith(f"{group} "))


def test_every_long_option_of_every_command_is_offered(complete):
    for command in commands():
        assert {option for _, option, _ in options(command)} <= set(complete(*command.split(), "--")), command


def test_what_an_option_takes_is_offered(complete):
    assert complete("plugin", "show", "--kind", "") == ["auth", "notifier", "probe", "store"]
    assert complete("healthcheck", "--role", "s") == ["server"]
    assert {"bash", "fish", "zsh"} <= set(complete("completion", ""))


def test_files_are_offered_where_one_is_wanted_even_with_a_blank_in_the_name(complete):
    assert "a file.yaml" in complete("server", "-c", "a")
    assert "a file.yaml" in complete("check", "a")
    assert complete("status", "--url", "a") == []


def test_zsh_completes_as_well(tmp_path):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    (tmp_path / "_vpn-sentinel").write_text(run("completion", "zsh").stdout, encoding="utf-8")
    setup = f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D; PS1='ready> '; LISTMAX=0"
    shell = Typed(["zsh", "-f", "-i"], tmp_path)
    try:
        shell.type(f"{setup}\n", "ready> ")
        shell.type("vpn-sentinel plug\t", "plugin ")
        shell.type("sh\t", "show ")
        shell.type("--kind sto\t", "store ")
        shell.type("\x15vpn-sentinel healthcheck --\t", "--insecure")
    finally:
        shell.end()


class Typed:
    """A shell at a terminal, and what it has written."""

    def __init__(self, command, folder):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "LANG": "C.UTF-8"})

    def type(self, text, wanted):
        seen = ""
        os.write(self.terminal, text.encode())
        end = time.monotonic() + 20
        while wanted not in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00\x07\r]", "", seen):
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            assert ready, f"{wanted!r} does not come after {text!r}: {seen!r}"
            seen += os.read(self.terminal, 4096).decode(errors="replace")

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)
