"""The commands of README.md that run a server and a client for real."""

import os
import shutil
import subprocess

import pytest

from blocks import block
from harness.keepalive import call, key_headers
from harness.lab import CHAT
from harness.places import HOME, VPN
from harness.ports import Port
from harness.program import ROOT, binary, clean_environment
from harness.wait import until


@pytest.fixture
def checkout(tmp_path):
    """The root of the sources where everything is built already; its tools only pretend."""
    folder = tmp_path / "checkout"
    (folder / "build/release/bin").mkdir(parents=True)
    shutil.copy(ROOT / "setup", folder)
    (folder / "etc").symlink_to(ROOT / "etc")
    (folder / "build/release/bin/vpn-sentinel").symlink_to(binary())
    for name, text in {"dpkg-query": "echo installed", "cmake": "exit 0"}.items():
        tool = folder / "tools" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        tool.chmod(0o755)
    return folder


class Shell:
    """What a reader typed into a shell, until it is ended."""

    def __init__(self, folder, commands, environment):
        self.log = folder / f"{len(list(folder.glob('*.log')))}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", commands], cwd=folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                env={**clean_environment(environment), "PATH": f"{folder}/tools:{os.environ['PATH']}"}, start_new_session=True)

    def running(self):
        assert self.process.poll() is None, self.log.read_text(errors="replace")
        return True

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 15)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            raise


@pytest.fixture
def shell(checkout, lab):
    begun = []

    def begin(commands, **environment):
        begun.append(Shell(checkout, commands, {**lab.environment, **environment}))
        return begun[-1]

    yield begin
    for made in begun:
        made.end()


def test_a_client_reports_to_a_server_as_they_are_run(checkout, shell, lab, tmp_path):
    port, telegram = Port(), lab.telegram()
    commands = block("README.md", "run: server").text.replace("/tmp/sentinel", f"{tmp_path}/sentinel")
    commands = commands.replace("BOT_TOKEN=...", f"BOT_TOKEN={lab.bot_token}").replace("CHAT_ID=...", f"CHAT_ID={CHAT}")
    server = shell(commands, VPN_SENTINEL_SERVER_API_PORT=port.number, TELEGRAM_API_URL=telegram.url,
                   IPINFO_URL=lab.ipinfo(HOME).url, CLOUDFLARE_TRACE_URL="http://127.0.0.1:9", VPN_SENTINEL_LOCATE="off")

    def healthy():
        try:
            return server.running() and call(f"{port.url}/health").status == 200
        except OSError:
            return False

    until(healthy, lambda: f"a healthy server\n{server.log.read_text(errors='replace')}", within=30)
    assert (checkout / "key").stat().st_mode & 0o777 == 0o600
    commands = block("README.md", "run: client").text.replace("http://your-server:5000", port.url)
    commands = commands.replace("/tmp/sentinel", f"{tmp_path}/client")
    client = shell(commands, IPINFO_URL=lab.ipinfo(VPN).url, CLOUDFLARE_TRACE_URL=lab.trace(VPN.ip, VPN.country).url,
                   VPN_SENTINEL_DNS="no", VPN_SENTINEL_LOCATE="off")
    key = (checkout / "key").read_text(encoding="ascii").strip()

    def known():
        client.running()
        return [one["client_id"] for one in call(f"{port.url}/api/v1/status", headers=key_headers(key)).json()]

    until(lambda: known() == ["office-vpn"], lambda: client.log.read_text(errors="replace"), within=30)
    client.end()
    telegram.wait_for("connected")
    port.close()
