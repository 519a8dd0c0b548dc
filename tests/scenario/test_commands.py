"""The commands that people type."""

import json
import re

import pytest

from harness.keepalive import encode, flat
from harness.places import VPN
from harness.program import run

COMMANDS = ["server", "client", "check", "plugin", "key", "cert", "status", "why", "healthcheck", "backup", "restore", "version"]


@pytest.fixture
def server(lab):
    """A server with its default socket in the state directory, and one client."""
    made = lab.server().start()
    assert made.post(encode(flat("office-vpn", VPN, "RO"))).status == 200
    return made


def test_key_new_prints_one_strong_key_and_never_the_same():
    keys = [run("key", "new") for _ in range(2)]
    assert all(k.returncode == 0 and k.stderr == "" for k in keys)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32,}\n", k.stdout) for k in keys), keys
    assert keys[0].stdout != keys[1].stdout


def test_version_names_the_program_and_the_plugin_abi():
    done = run("version")
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout) and re.search(r"(?i)abi 1\.\d+\)", done.stdout)


def test_plugin_list_shows_every_shipped_plugin_with_its_kind():
    done = run("plugin", "list")
    assert done.returncode == 0
    for kind, name in (("probe", "ipinfo"), ("probe", "cloudflare_trace"), ("notifier", "telegram"),
                       ("notifier", "console"), ("auth", "bearer"), ("auth", "cidr"), ("store", "memory")):
        assert re.search(rf"^(?=.*\b{kind}s?\b)(?=.*\b{name}\b).*$", done.stdout, re.MULTILINE), (kind, name, done.stdout)


def test_plugin_show_prints_the_options_with_their_defaults():
    done = run("plugin", "show", "telegram")
    assert done.returncode == 0
    for word in ("token", "chat_id", "(required)", "api_url", "https://api.telegram.org"):
        assert word in done.stdout


def test_plugin_show_of_a_name_nobody_has_says_where_to_look():
    done = run("plugin", "show", "telegrm")
    assert done.returncode == 1 and "telegrm" in done.stderr and "plugin list" in done.stderr


def test_status_over_the_url_shows_a_table(server):
    done = run("status", "--url", server.url, "--key", server.key)
    assert done.returncode == 0, done
    (line,) = [line for line in done.stdout.splitlines() if "office-vpn" in line]
    assert VPN.ip in line and "alive" in line


def test_status_in_json_is_what_the_api_says(server):
    done = run("status", "--url", server.url, "--key", server.key, "--json")
    assert done.returncode == 0 and [r["client_id"] for r in json.loads(done.stdout)] == ["office-vpn"]


def test_status_without_a_url_uses_the_local_socket_and_needs_no_key(server):
    done = run("status", environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
    assert done.returncode == 0, done
    assert "office-vpn" in done.stdout


def test_status_with_a_wrong_key_says_so(server):
    done = run("status", "--url", server.url, "--key", "not-the-key-0123456789")
    assert done.returncode != 0 and "key" in done.stderr.lower() and done.stdout == ""


def test_status_of_a_server_that_is_not_there_says_so(lab):
    server = lab.server()
    done = run("status", "--url", server.url, "--key", lab.key)
    assert done.returncode != 0 and "refused" in done.stderr.lower()


def test_healthcheck_is_0_only_for_a_healthy_server(lab):
    server = lab.server()
    assert run("healthcheck", "--url", server.url).returncode == 1
    server.start()
    assert run("healthcheck", "--url", server.url).returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], *[[command, "--help"] for command in COMMANDS]])
def test_help_is_printed_everywhere_on_stdout(arguments):
    done = run(*arguments)
    assert done.returncode == 0 and done.stderr == "" and len(done.stdout) > 40


def test_the_general_help_names_every_command():
    said = run("--help").stdout
    assert [c for c in COMMANDS if not re.search(rf"\b{c}\b", said)] == []


@pytest.mark.parametrize("arguments", [[], ["serve"], ["--nonsense"], ["key", "nw"], ["plugin"], ["status", "--nonsense"]])
def test_wrong_usage_is_2_and_says_what_to_do(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert "vpn-sentinel" in done.stderr and re.search("--help|which of these", done.stderr)


def test_a_misspelt_command_gets_a_suggestion():
    assert "server" in run("serve").stderr


def test_nothing_is_coloured_when_it_is_not_a_terminal(server):
    for arguments in (["plugin", "list"], ["status", "--url", server.url, "--key", server.key], ["--help"]):
        done = run(*arguments)
        assert "\x1b[" not in done.stdout + done.stderr


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_json_log_is_one_object_a_line(usual, role):
    getattr(usual, role).config["log"]["format"] = "json"
    usual.until_secure()
    program = getattr(usual, role).program
    program.stop()
    lines = program.log().splitlines()
    assert lines
    for line in lines:
        entry = json.loads(line)
        assert isinstance(entry, dict) and entry["level"] in ("error", "warn", "info", "debug")


def test_the_human_log_is_one_line_an_event_with_its_time(usual):
    usual.until_secure()
    for line in usual.server.program.log().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", line), line
