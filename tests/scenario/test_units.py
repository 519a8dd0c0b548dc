"""The units and scripts of the packages, as far as they can be judged without installing them."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from harness.program import ROOT, binary

PACKAGING = ROOT / "packaging"
LIMIT = 2.0
UNITS = ["vpn-sentinel-server.service", "vpn-sentinel-client.service"]


@pytest.fixture
def analyze():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")

    def ask(*args):
        return subprocess.run(["systemd-analyze", *map(str, args)], capture_output=True, text=True, timeout=60, check=False)

    if "--offline" not in ask("--help").stdout:
        pytest.skip("this systemd-analyze does not judge files")
    return ask


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_leaves_little_to_whoever_takes_the_program_over(analyze, unit):
    done = analyze("security", "--offline=true", PACKAGING / unit)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert exposure and float(exposure[1]) <= LIMIT, done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_every_line(analyze, tmp_path, unit):
    text = (PACKAGING / unit).read_text(encoding="utf-8").replace("/usr/bin/vpn-sentinel", str(binary()))
    (tmp_path / unit).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    done = analyze("verify", tmp_path / unit)
    assert unit not in done.stderr, done.stderr


def test_the_units_differ_in_their_role_alone():
    server, client = ((PACKAGING / unit).read_text(encoding="utf-8") for unit in UNITS)
    keys = [re.findall(r"^([A-Z]\w+)=", text, re.MULTILINE) for text in (server, client)]
    assert set(keys[0]) - set(keys[1]) == {"LimitNOFILE"} and set(keys[1]) <= set(keys[0])


def test_the_service_manager_is_told_when_a_role_does_its_work(lab):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(30)
    manager.bind(b"\0" + str(lab.folder).encode()[-90:])
    name = "@" + str(lab.folder)[-90:]
    with manager:
        server = lab.server()
        server.program.environment = {**server.program.environment, "NOTIFY_SOCKET": name}
        server.start()
        assert manager.recv(64) == b"READY=1"
        assert server.get("/health", api="").status == 200
        client = lab.client(server)
        client.program.environment = {**client.program.environment, "NOTIFY_SOCKET": name}
        client.start()
        assert manager.recv(64) == b"READY=1"


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_refused_configuration_is_an_error_in_the_journal(tmp_path, role):
    (tmp_path / "bad.yaml").write_text("nonsense: 1\nrubbish: 2\n", encoding="utf-8")
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        about = os.fstat(stream.fileno())
        done = subprocess.run([binary(), role, "-c", tmp_path / "bad.yaml"], stderr=stream, timeout=60, check=False,
                              env={"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}", "VPN_SENTINEL_RUBBISH": "1"})
        stream.seek(0)
        lines = stream.read().splitlines()
    assert done.returncode == 2 and lines, lines
    marks = {word: {line[:3] for line in lines if f"{word}: " in line} for word in ("error", "warning")}
    assert marks == {"error": {"<3>"}, "warning": {"<4>"}} and all(line[0] == "<" for line in lines), lines


def test_what_the_environment_files_offer_is_known_to_the_shipped_configurations():
    for role in ("server", "client"):
        names = re.findall(r"^#([A-Z_]+)=", (PACKAGING / f"{role}.env").read_text(encoding="utf-8"), re.MULTILINE)
        shipped = (ROOT / "etc" / f"{role}.yaml").read_text(encoding="utf-8")
        assert names and [name for name in names if "${" + name not in shipped] == []


def test_every_file_below_etc_is_kept_on_upgrade():
    kept = (PACKAGING / "conffiles").read_text(encoding="utf-8").split()
    assert kept == sorted(f"/etc/vpn-sentinel/{role}.{kind}" for role in ("server", "client") for kind in ("env", "yaml"))
