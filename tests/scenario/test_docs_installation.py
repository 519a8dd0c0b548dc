"""docs/installation.md from the token to the lost tunnel, with stand-ins for Telegram and the services."""

import re

import pytest

from blocks import block
from harness.places import HOME
from harness.program import ROOT, run
from harness.typed import typed
from harness.wait import until


def variables(shown):
    return dict(line.split("=", 1) for line in shown.text.splitlines())


@pytest.fixture
def installed(usual):
    """The usual cast; what is typed finds its configuration, state and certificates."""
    usual.server.start()
    usual.client.write()
    return usual


def type_in(usual, shown, role):
    """A block of the page as that role's user types it: `-c` and the server's URL in place of /etc."""
    of = getattr(usual, role)
    text = re.sub(r"\b(doctor --role \w+|client --once)", rf"\1 -c '{of.file}'", shown.text)
    here = {**usual.lab.environment, "VPN_SENTINEL_STATE_DIR": of.config["state_dir"]}
    return typed(text, usual.lab.folder, here).stdout


def test_a_key_is_made_that_nobody_else_can_read(tmp_path):
    commands = block("docs/installation.md", "run: key").text
    typed(commands.replace("/etc/vpn-sentinel", str(tmp_path)).replace("chown vpn-sentinel", "chown $(id -u)"), tmp_path)
    made = tmp_path / "api_key"
    assert made.stat().st_mode & 0o777 == 0o600 and len(made.read_text().strip()) >= 32


def test_the_files_of_variables_are_understood_by_the_shipped_configurations(tmp_path):
    key = tmp_path / "api_key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    for role, shown in (("server", block("docs/installation.md", "file: server.env")),
                        ("client", block("docs/installation.md", "file: client.env"))):
        given = {**variables(shown), "VPN_SENTINEL_API_KEY_FILE": key, "VPN_SENTINEL_STATE_DIR": tmp_path}
        done = run("check", "--role", role, ROOT / f"etc/{role}.yaml", environment=given)
        assert done.returncode == 0 and "means nothing" not in done.stderr, done.stderr
        assert "'telegram'" not in done.stdout  # what is skipped is named


def test_the_first_message_arrives(installed):
    assert "sent" in type_in(installed, block("docs/installation.md", "run: notify"), "server")
    (message,) = installed.telegram.wait_for("Test message")
    assert "can you hear me" in message.text


def test_everything_is_looked_at_and_the_client_shows(installed):
    until(lambda: len(installed.server_ipinfo.requests) >= 2, "the server to know its own exit")
    assert " 0 fail" in type_in(installed, block("docs/installation.md", "run: doctor"), "client")
    assert "well" in type_in(installed, block("docs/installation.md", "run: quiet"), "server")
    assert "secure" in type_in(installed, block("docs/installation.md", "run: once"), "client")
    assert "office-vpn" in type_in(installed, block("docs/installation.md", "run: status"), "server")


def test_a_tunnel_that_is_taken_away_is_told(installed):
    installed.client.start()
    installed.server.wait_verdict(installed.id, "secure")
    installed.client_trace.ip, installed.client_trace.country, installed.client_ipinfo.place = HOME.ip, HOME.country, HOME
    installed.telegram.wait_for("VPN bypass")
    installed.client.stop()
    installed.telegram.wait_for("Lost")
