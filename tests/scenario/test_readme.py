"""What README.md shows is what happens: commands, outputs, paths, variables, the probe."""

import os
import re
import subprocess

import pytest

from blocks import block, parse, rows
from harness.keepalive import call, key_headers
from harness.program import ROOT, run, told

README = (ROOT / "README.md").read_text()
API = README[README.index("## The API"):README.index("## Write a plugin")]


def test_the_probe_in_60_lines_has_no_more():
    (shown,) = [one.text for one in parse(README) if one.language == "c"]
    assert len(shown.splitlines()) <= 65


def test_the_probe_is_built_by_the_command_that_is_shown(tmp_path):
    command = block("README.md", "run: cc").text
    (tmp_path / "plugins-of-mine/probes").mkdir(parents=True)
    (tmp_path / "sdk").symlink_to(ROOT / "sdk")
    subprocess.run(command.replace("cc", os.environ.get("CC", "cc"), 1), shell=True, cwd=tmp_path, check=True)
    listed = run("plugin", "list", "--path", tmp_path / "plugins-of-mine")
    assert re.search(r"probe +uptime +1\.0\.0 +1\.0 +ok", listed.stdout), listed.stdout


def test_the_commands_are_those_of_the_program():
    assert block("README.md", "output: help").text == run("--help").stdout


def test_check_says_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server.yaml").write_text(block("README.md", "file: server.yaml").text)
    done = run("check", "server.yaml", environment={"VPN_SENTINEL_API_KEY": "a-key-for-the-readme"})
    assert done.returncode == 2
    assert block("README.md", "output: check").text == told(done)


def test_the_status_has_the_columns_that_are_shown(usual):
    usual.start()
    usual.server.wait_client(usual.id)
    done = run("status", "--url", usual.server.url, environment={"VPN_SENTINEL_API_KEY": usual.lab.key})
    shown = block("README.md", "output: status").text.splitlines()
    assert shown[0].split() == done.stdout.splitlines()[0].split()
    assert shown[1].split()[1:] == ["alive", "unknown", "unknown", "unknown", "unknown", "0s", "ago"]


def test_every_path_of_the_api_is_answered(usual):
    usual.start()
    usual.server.wait_client(usual.id)
    paths = re.findall(r"`(?:GET )?(/[^`]*)`", API)
    assert len(paths) >= 8
    for path in paths:
        if path in ("/incidents", "/history"):
            path = f"/api/v1/clients/{usual.id}{path}"
        path = path.replace("ID", usual.id).replace("/api/v1/keepalive", "/api/v1/status")
        assert call(usual.server.url + path, headers=key_headers(usual.lab.key)).status == 200, path


def changing_requests():
    """(method, path) of the API's table; a method that stands alone has the path before it."""
    path = None
    for method, own in re.findall(r"`(GET|POST|DELETE)(?: (/[^`]*))?`", API):
        path = own or path
        if method != "GET":
            yield method, path


def test_every_path_of_the_api_takes_the_requests_that_change_something(usual):
    usual.server.start()
    requests = list(changing_requests())
    assert len(requests) >= 8, requests
    for method, path in requests:
        answer = call(usual.server.url + path.replace("ID", "an-id"), "OPTIONS", headers=key_headers(usual.lab.key))
        assert method in answer.headers.get("allow", "").split(", "), f"{method} {path}: {answer}"


def test_the_smallest_keepalive_is_taken(usual, tmp_path):
    usual.server.start()
    command = block("README.md", "run: keepalive").text.replace("http://localhost:5000", usual.server.url)
    done = subprocess.run(command.replace("curl", "curl -sS --fail", 1), shell=True, text=True, capture_output=True,
                          env={"KEY": usual.lab.key, "PATH": "/usr/bin:/bin"}, check=True)
    assert '"status":"ok"' in done.stdout
    assert usual.server.wait_client("laptop")["country"] == "RO"


def variables():
    """Those of the table, and those that the text names."""
    table = README[README.index("| variable | role |"):README.index("`vpn-sentinel check FILE` reports")]
    listed = [name for row in table.splitlines() for name in re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1] if "|" in row else "")]
    assert len(listed) >= 65
    return sorted({*listed, *re.findall(r"`(VPN_SENTINEL_[A-Z_]+)", README)})


# Read before there is a configuration, or where plugins of any are looked for.
DIRECT = {"VPN_SENTINEL_CONFIG", "VPN_SENTINEL_PLUGIN_PATH"}


@pytest.mark.parametrize("name", sorted(set(variables()) - DIRECT))
def test_every_variable_is_read_by_a_shipped_configuration(name):
    shipped = (ROOT / "etc/server.yaml").read_text() + (ROOT / "etc/client.yaml").read_text()
    assert re.search(rf"\$\{{{name}[:}}]", shipped)


# Names that others know, and the original's that mean the same.
ALIASES = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "IPINFO_API_TOKEN", "INTERVAL", "TIMEOUT", "VPN_SENTINEL_URL", "VPN_SENTINEL_SERVER_URL",
           "VPN_SENTINEL_CHECK_INTERVAL", "VPN_SENTINEL_ALERT_THRESHOLD_MINUTES", "VPN_SENTINEL_ALLOWED_IPS",
           "VPN_SENTINEL_TELEGRAM_BOT_TOKEN", "VPN_SENTINEL_TELEGRAM_CHAT_ID"}


def test_every_variable_of_a_shipped_configuration_stands_there():
    shipped = (ROOT / "etc/server.yaml").read_text() + (ROOT / "etc/client.yaml").read_text()
    read = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)[:}]", re.sub(r"^ *#.*", "", shipped, flags=re.MULTILINE)))
    assert not read - set(variables()) - ALIASES


def test_every_variable_that_the_program_accepts_stands_there():
    accepted = re.findall(r'\{"(\w+)", VS_ENV_ACCEPTED', (ROOT / "core/config/env_table.c").read_text())
    assert len(accepted) >= 65
    assert [name for name in accepted if f"`{name}`" not in README and name != "VPN_SENTINEL_FAULT"] == []


def test_the_verdicts_are_those_that_are_given():
    rows_of = re.search(r"#define VS_VERDICT_ROWS(.*?)\n\n", (ROOT / "core/model/verdict.h").read_text(), re.S)[1]
    assert sorted(cells[0] for cells in rows("README.md", "table: verdicts")) == sorted(f"`{name}`" for name in re.findall(r'X\(\w+, "(\w+)"', rows_of))
