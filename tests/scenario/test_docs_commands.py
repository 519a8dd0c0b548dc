"""Commands that a README shows or names and that are not run exist, with their options."""

import re

import pytest

from blocks import parse
from harness.program import ROOT
from harness.spoken import SCRIPTS, complaints, help_of, known
from lint_readme import markdown_files

FILES = [str(path) for path in markdown_files(ROOT)]
SHOWN = [(path, block) for path in FILES for block in parse((ROOT / path).read_text(encoding="utf-8")) if block.kind == "look"]
# What stands in backticks and is a command of ours.
OURS = re.compile(r"(?:build/\w+/bin/)?vpn-sentinel [a-z-]|\./setup |docker (?:exec|compose run) |systemctl |man |sh -|cmake --|ctest |tests/(?:bench|fuzz)/run|build/\w+/tests/\w")
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def named(path):
    """Every command in backticks, which may go on in the next line."""
    prose = _FENCE.sub("", (ROOT / path).read_text(encoding="utf-8"))
    for paragraph in re.split(r"\n\s*\n", prose):
        for span in re.findall(r"`([^`]+)`", paragraph):
            if OURS.match(span):
                yield " ".join(span.split())


@pytest.mark.parametrize("path, block", SHOWN, ids=[f"{path}:{block.line}" for path, block in SHOWN])
def test_the_commands_of_a_block_exist(path, block):
    assert list(complaints(block.text)) == [], f"{path}:{block.line}"


@pytest.mark.parametrize("path", FILES)
def test_the_commands_in_backticks_exist(path):
    wrong = [(command, said) for command in named(path) for said in complaints(command)]
    assert not wrong, f"{path}: {wrong}"


# Options of docker.
FOREIGN = {"--network", "--cap-drop", "--read-only", "--security-opt"}


def options_alone(path):
    """Every option that stands in backticks without its command."""
    prose = _FENCE.sub("", (ROOT / path).read_text(encoding="utf-8"))
    return {option for span in re.findall(r"`(--[a-z][^`]*)`", prose) for option in re.findall(r"(?<!\S)--[a-z-]+", span)}


@pytest.mark.parametrize("path", FILES)
def test_an_option_that_stands_alone_is_one_of_some_command(path):
    ours = {option for takes in known().values() for option in takes} | {"--help"}
    scripts = {option for script in SCRIPTS for option in re.findall(r"--[a-z-]+", help_of(script))}
    assert options_alone(path) - ours - scripts - FOREIGN == set()


def test_commands_in_backticks_are_found():
    assert sum(len(list(named(path))) for path in FILES) > 60


@pytest.mark.parametrize("command", [
    "vpn-sentinel statsu", "vpn-sentinel status --colour", "vpn-sentinel key nw", "./setup tset", "./setup test --some",
    "cmake --preset relaese", "cmake --build --preset fuzz", "ctest -R no/such/test", "ctest --test-dir build/relaese -L scenario",
    "tests/bench/run --promise", "tests/fuzz/run no_target", "build/debug/tests/unit_base_nothing_test", "tests/nothing/run",
    "/usr/bin/python3 -m pytest tests/nothing", "docker exec vpn-sentinel-server vpn-sentinel statsu", "docker exec server vpn-sentinel status",
    "docker compose run --rm server chek", "systemctl enable --now vpn-sentinel", "man vpn-sentinel-serve", "sh -ac '. x; vpn-sentinel statsu'",
    "true && vpn-sentinel statsu", "rm -r /"])
def test_a_command_that_does_not_exist_is_found(command):
    assert list(complaints(command))
