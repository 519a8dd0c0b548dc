"""The commands of docs/operation.md, typed, and what it tells Prometheus."""

import json
import os
import re

import pytest

from blocks import block
from harness.keepalive import encode, flat
from harness.places import VPN
from harness.program import run
from harness.typed import typed
from harness.wait import until


@pytest.fixture
def server(lab):
    """A server with a database in its state directory, and one client."""
    made = lab.server()
    made.config["store"] = {"plugin": "sqlite", "options": {"path": f"{made.config['state_dir']}/sentinel.db"}}
    made.start()
    assert made.post(encode(flat("laptop", VPN, "RO"))).status == 200
    return made


def typed_here(server, shown, **replaced):
    """Runs a block of the page: with this server's folder, and without systemd."""
    text = shown.text
    for old, new in {"/var/lib/vpn-sentinel": server.config["state_dir"], "/var/backups": server.lab.folder,
                     "/etc/vpn-sentinel/server.yaml": server.file, "/etc/vpn-sentinel/server.env": "/dev/null", **replaced}.items():
        text = text.replace(old, str(new))
    return typed(text, server.lab.folder, {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})


def test_what_was_backed_up_comes_back(server):
    typed_here(server, block("docs/operation.md", "run: backup"))
    (copy,) = server.lab.folder.glob("vpn-sentinel-*.db")
    assert server.post(encode(flat("phone", VPN, "RO"))).status == 200
    server.stop()
    typed_here(server, block("docs/operation.md", "run: restore"), **{"systemctl stop vpn-sentinel-server": "true", "systemctl start vpn-sentinel-server": "true",
                                          "restore ": f"restore -c '{server.file}' "})
    server.start()
    assert list(server.status()) == ["laptop"] and os.access(copy, os.R_OK)


def test_a_configuration_is_checked_and_taken(server):
    server.config["monitor"]["grace"] = "700ms"
    server.write()
    typed_here(server, block("docs/operation.md", "run: change"), **{"systemctl reload vpn-sentinel-server": f"kill -HUP {server.program.process.pid}"})
    until(lambda: server.get("/health").json()["configuration"]["generation"] == 2, "the configuration to be taken")


def test_a_deleted_client_is_gone_and_the_audit_log_knows(server):
    typed_here(server, block("docs/operation.md", "run: delete"))
    assert server.client("laptop") is None
    until(lambda: "DELETE" in (server.config["state_dir"] / "audit.log").read_text(), "the audit log")
    assert json.loads(typed_here(server, block("docs/operation.md", "run: who deleted")).stdout)["client"] == "laptop"


def test_prometheus_is_told_of_metrics_that_exist(server):
    told = set(re.findall(r"^(\w+)(?:\{| )", server.get("/metrics", api="").body.decode(), re.MULTILINE))
    server.config["notifiers"] = [{"plugin": "console"}]
    server.stop()
    server.start()
    told |= set(re.findall(r"^(\w+)(?:\{| )", server.get("/metrics", api="").body.decode(), re.MULTILINE))
    asked = re.findall(r"\bvpn_sentinel_\w+", block("docs/operation.md", "file: rules").text)
    assert len(asked) >= 6 and set(asked) <= told, set(asked) - told


def test_prometheus_may_read_the_metrics_as_it_is_told(server):
    assert "credentials_file" in block("docs/operation.md", "file: scrape").text
    assert server.get("/metrics", api="").status == 200 and server.get("/metrics", form="none", api="").status == 401


def test_the_states_of_health_are_those_of_the_program(server):
    assert run("healthcheck", "--role", "server", environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}).stdout == "healthy\n"
