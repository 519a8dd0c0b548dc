"""`import-env` and docs/moving-in.md: what is told is what happens."""

import re
import subprocess

import pytest

from blocks import block, rows
from harness.keepalive import call, key_headers
from harness.ports import Port
from harness.program import ROOT, Program, run
from harness.wait import until

GUIDE = (ROOT / "docs/moving-in.md").read_text()
ROWS = [re.fullmatch(r"`(\w+)` \| (?:(kept|dropped)|`(\w+)`) \| (.*)", " | ".join(cells)).groups()
        for cells in rows("docs/moving-in.md", "table: fates")]

# As its users have them.
DOTENV = """\
# VPN Sentinel
VPN_SENTINEL_API_KEY={key}
VPN_SENTINEL_URL=http://127.0.0.1:{port}
VPN_SENTINEL_SERVER_API_PORT={port}
VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES=15   # minutes
VPN_SENTINEL_DEBUG="false"
TELEGRAM_BOT_TOKEN=
VPN_SERVICE_PROVIDER=mullvad
"""
COMPOSE = """\
services:
  vpn-client:
    image: qmcgaw/gluetun
    environment:
      - VPN_SERVICE_PROVIDER=${VPN_SERVICE_PROVIDER}
      - TZ=Europe/Madrid
  vpn-sentinel-client:
    network_mode: service:vpn-client
    environment:
      - VPN_SENTINEL_URL=${VPN_SENTINEL_URL}
      - VPN_SENTINEL_API_KEY=${VPN_SENTINEL_API_KEY}
      - VPN_SENTINEL_CLIENT_ID=${CLIENT_ID:-synology-vpn}
  vpn-sentinel-server:
    environment:
      VPN_SENTINEL_API_KEY: ${VPN_SENTINEL_API_KEY}
      VPN_SENTINEL_SERVER_API_PORT: ${VPN_SENTINEL_SERVER_API_PORT}
      TZ: ${TZ:-UTC}
"""


@pytest.fixture
def original(lab, tmp_path):
    """A folder as its users have it, and the port that its server listens on."""
    folder, port = tmp_path / "original", Port()
    folder.mkdir()
    (folder / ".env").write_text(DOTENV.format(key=lab.key, port=port.number))
    (folder / "docker-compose.yml").write_text(COMPOSE)
    yield folder, port
    port.close()


def shell(command, folder):
    """A command of the guide, with the built program."""
    program = "vpn-sentinel() { \"$VPN_SENTINEL_BIN\" \"$@\"; }\n"
    return subprocess.run(["bash", "-c", program + command], cwd=folder, capture_output=True, text=True, timeout=30,
                          check=False)


def test_the_commands_of_the_guide_work_and_print_no_secret(lab, original):
    folder, _ = original
    look, write = block("docs/moving-in.md", "run: look").text, block("docs/moving-in.md", "run: write").text
    done = shell(look, folder)
    assert done.returncode == 0 and not done.stderr, done
    assert ".env:3: VPN_SENTINEL_URL: becomes VPN_SENTINEL_SERVER_API_BASE_URL\n" in done.stdout
    assert "docker-compose.yml:6: TZ: not VPN Sentinel's\n" in done.stdout
    assert lab.key not in done.stdout
    done = shell(write, folder)
    assert done.returncode == 0 and lab.key not in done.stdout + done.stderr
    assert "VPN_SENTINEL_CLIENT_ID=synology-vpn\n" in (folder / "new/client.env").read_text()
    assert shell(write, folder).returncode == 1


def test_both_roles_run_on_what_it_writes(lab, original, tmp_path):
    folder, port = original
    assert run("import-env", folder / ".env", folder / "docker-compose.yml", "--out", folder / "new").returncode == 0

    def settings(role):
        text = subprocess.run(["sh", "-c", f"set -a; . {folder}/new/{role}.env; env -0"], env={}, check=True,
                              capture_output=True).stdout.decode()
        wanted = dict(entry.split("=", 1) for entry in text.split("\0") if entry)
        wanted = {name: value for name, value in wanted.items() if name.startswith("VPN_SENTINEL_") or name == "TZ"}
        nowhere = {"IPINFO_URL": "http://127.0.0.1:9", "CLOUDFLARE_TRACE_URL": "http://127.0.0.1:9",
                   "VPN_SENTINEL_LOCATE": "off", "VPN_SENTINEL_DNS": "no"}
        return {**lab.environment, **nowhere, **wanted, "VPN_SENTINEL_STATE_DIR": tmp_path / role}

    for role in ("server", "client"):
        program = Program(role, [role, "-c", quiet(tmp_path, role)], tmp_path, settings(role))
        lab.programs.append(program.start())

    def arrived():
        assert all(program.alive() for program in lab.programs), lab.programs[-1].log()
        try:
            reply = call(f"{port.url}/api/v1/status", headers=key_headers(lab.key, "x-api-key"))
        except OSError:
            return False
        return reply.status == 200 and [one["client_id"] for one in reply.json()] == ["synology-vpn"]

    until(arrived, "the client's keepalive")


def quiet(folder, role):
    """A configuration that asks nobody outside, and leaves the rest to variables."""
    file = folder / f"{role}.yaml"
    if role == "server":
        file.write_text("server: { listen: [{ address: '127.0.0.1:${VPN_SENTINEL_SERVER_API_PORT}' }] }\n"
                        "auth: [{ plugin: bearer, options: { keys: '${VPN_SENTINEL_API_KEY}' } }]\n"
                        "store: { plugin: memory }\nprobes: []\nnotifiers: []\n"
                        "rate_limit: { requests: 1000000, per: 1m }\n"
                        "state_dir: '${VPN_SENTINEL_STATE_DIR}'\n")
    else:
        file.write_text("probes: []\nstate_dir: '${VPN_SENTINEL_STATE_DIR}'\n"
                        "client:\n  server: '${VPN_SENTINEL_SERVER_API_BASE_URL}'\n  key: '${VPN_SENTINEL_API_KEY}'\n"
                        "  id: '${VPN_SENTINEL_CLIENT_ID}'\n  interval: 1s\n")
    return file


def test_each_row_of_the_guide_is_what_the_program_says(tmp_path):
    assert len(ROWS) >= 50 and len(ROWS) == GUIDE.count("\n| `")
    file = tmp_path / "all.env"
    file.write_text("".join(f"{name}=x\n" for name, *_ in ROWS))
    said = run("import-env", file).stdout.splitlines()
    for line, (name, fate, new_name, reason) in zip(said, ROWS, strict=False):
        becomes = f"becomes {new_name}" if new_name else fate
        assert line.endswith(f": {name}: {becomes}" + (f": {reason}" if reason else "")), line


def test_the_guide_leaves_out_no_name_that_is_renamed_or_dropped():
    table = (ROOT / "core/config/env_table.c").read_text()
    known = set(re.findall(r'\{"(\w+)",\s*VS_ENV_(?:ALIAS|OBSOLETE)', table))
    assert len(known) > 20 and known <= {name for name, *_ in ROWS}


def test_a_mistake_is_told_with_its_place_and_nothing_is_written(tmp_path):
    file = tmp_path / "compose.yaml"
    file.write_text("services:\n  vpn-sentinel-client:\n    environment:\n      - A=${\n      - A: b\n")
    done = run("import-env", file, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert f"{file}:4:1: error: A: " in done.stderr and f"{file}:5:" in done.stderr
    assert not (tmp_path / "new").exists()
