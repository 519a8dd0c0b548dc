"""The manual pages: one for every command and for each configuration, and nothing in them that a formatter minds."""

import re
import shutil
import subprocess

import pytest

from harness.commands import commands, options
from harness.program import ROOT, run


def pages():
    return run("manual").stdout.split()


def shown(name):
    """A page as a reader sees it, without hyphenation, in one long line."""
    made = run("manual", name)
    assert made.returncode == 0, made
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(["groff", "-ww", "-man", "-Tascii", "-P-c", "-P-b", "-P-u", "-rHY=0", "-rLL=2000n"],
                          input=made.stdout, capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == "", f"{name}: {done.stderr}"
    return done.stdout


def test_every_command_has_a_page_and_both_configurations_do():
    wanted = ["vpn-sentinel.1", *(f"vpn-sentinel-{name.replace(' ', '-')}.1" for name in commands()),
              "vpn-sentinel-server.yaml.5", "vpn-sentinel-client.yaml.5"]
    assert pages() == wanted


def test_no_page_makes_the_formatter_warn():
    for name in pages():
        assert "NAME" in shown(name)


def test_a_command_page_has_all_its_options():
    for command in commands():
        text = shown(f"vpn-sentinel-{command.replace(' ', '-')}")
        assert f"vpn-sentinel {command}" in text
        for letter, option, argument in options(command):
            assert f"{letter}, {option} {argument}".strip(", ") in text, (command, option)


def test_pages_of_section_5_know_every_key_of_the_shipped_files():
    for role in ("server", "client"):
        text = shown(f"vpn-sentinel-{role}.yaml")
        shipped = (ROOT / "etc" / f"{role}.yaml").read_text(encoding="utf-8")
        shipped = re.sub(r"(?ms)^( *)options:\n(?:\1 +.*\n|\s*\n)+", "", shipped)  # what plugins say themselves
        for key in set(re.findall(r"^ *(?:- )?([a-z_0-9]+):", shipped, re.MULTILINE)):
            assert re.search(rf"\b{key}\b", text), f"{role}.yaml: {key}"


def test_the_environment_is_listed_with_aliases_and_without_what_is_obsolete():
    text = shown("vpn-sentinel.1")
    assert "VPN_SENTINEL_API_KEY" in text and "the same as VPN_SENTINEL_SERVER_API_BASE_URL" in text
    assert "VPN_SENTINEL_CLIENT_VERSION" not in text


def test_all_pages_are_plain_ascii():
    for name in pages():
        assert run("manual", name).stdout.isascii(), name


def test_a_page_that_is_not_there_is_a_mistake_in_usage():
    done = run("manual", "vpn-sentinel-nonsense")
    assert done.returncode == 2 and "nonsense" in done.stderr and done.stdout == ""
