"""The engine of the tests' own and the machine they boot: what is taken away again, with stand-ins for what would run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import booted, daemon, machine as bare
from engine.client import until

IPTABLES = """#!/bin/sh
echo "$@" >>{log}
case "$*" in *"-t nat -S"*) cat {rules}/nat ;; *"-t filter -S"*) cat {rules}/filter ;; esac
"""
IP = '#!/bin/sh\necho "ip $@" >>{log}\n'
FAILING = '#!/bin/sh\necho "no, not on this machine" >&2\nexit 1\n'
# It answers for as long as it runs, as its socket would; what it starts outlives it.
LASTING = """#!/bin/sh
for word in "$@"; do case $word in --data-root=*) folder=${{word#--data-root=}} ;; esac; done
mkdir "$folder"
ln -s "$(command -v sleep)" "$folder/of-a-container"
"$folder/of-a-container" 600 &
exec sleep 600
"""
CLIENT = '#!/bin/sh\ncase $1 in version) {answers} && echo 20.10 ;; esac\n'
MACHINE = {"nat": "-P PREROUTING ACCEPT\n-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\n",
           "filter": "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-A INPUT -p tcp -j ACCEPT\n"}


class Machine:
    """A PATH of stand-ins, and what they were asked for."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        self.bin = folder / "bin"
        self.rules = folder / "rules"
        for made in (self.bin, self.rules):
            made.mkdir()
        self.have(MACHINE)
        self.program("iptables", IPTABLES.format(log=self.log, rules=self.rules))
        self.program("ip", IP.format(log=self.log))
        self.forwarding = folder / "ip_forward"
        self.forwarding.write_text("0\n", encoding="ascii")
        monkeypatch.setattr(daemon, "FORWARDING", self.forwarding)
        monkeypatch.setenv("PATH", f"{self.bin}:{os.environ['PATH']}")

    def program(self, name, text):
        file = self.bin / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
        return str(file)

    def have(self, rules):
        for table, text in rules.items():
            (self.rules / table).write_text(text, encoding="utf-8")

    def asked(self, verb):
        """What iptables was asked for by one verb: [[table, ...rest]]."""
        lines = [line.split() for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [[line[3], *line[5:]] for line in lines if line[0] == "-w" and line[4] == verb]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def with_engine(made):
    """The rules of a machine on which a daemon was at work."""
    return {"nat": MACHINE["nat"] + "-N DOCKER\n-A PREROUTING -j DOCKER\n"
                   f"-A POSTROUTING -s {made.address[:-4]}0/24 ! -o {made.bridge} -j MASQUERADE\n",
            "filter": MACHINE["filter"].replace("FORWARD ACCEPT", "FORWARD DROP") + "-N DOCKER\n-N DOCKER-USER\n"
                      f"-A FORWARD -j DOCKER-USER\n-A FORWARD -o {made.bridge} -j DOCKER\n-A DOCKER-USER -j RETURN\n"}


def start_and_fail(machine):
    machine.program("dockerd", FAILING)
    made = daemon.Daemon(machine.program("docker", CLIENT.format(answers="false")), {})
    with pytest.raises(AssertionError, match="no, not on this machine"):
        made.start()
    return made


def test_a_daemon_that_does_not_start_is_quoted_and_its_bridge_and_folder_are_gone(machine):
    made = start_and_fail(machine)
    made.close()
    assert f"ip link add {made.bridge} type bridge" in machine.log.read_text(encoding="utf-8")
    assert f"ip link del {made.bridge}" in machine.log.read_text(encoding="utf-8")
    assert not made.folder.exists()


def test_only_rules_and_chains_of_its_own_are_taken_and_the_rest_is_as_before(machine):
    made = start_and_fail(machine)
    machine.have(with_engine(made))
    machine.forwarding.write_text("1\n", encoding="ascii")
    made.close()
    taken = [" ".join(words) for words in machine.asked("-D")]
    assert sorted(taken) == sorted([
        "nat PREROUTING -j DOCKER", f"nat POSTROUTING -s {made.address[:-4]}0/24 ! -o {made.bridge} -j MASQUERADE",
        "filter FORWARD -j DOCKER-USER", f"filter FORWARD -o {made.bridge} -j DOCKER"])
    assert {tuple(words) for words in machine.asked("-X")} == {(table, chain) for table in daemon.TABLES for chain in daemon.CHAINS}
    assert ["filter", "FORWARD", "ACCEPT"] in machine.asked("-P")
    assert machine.forwarding.read_text(encoding="ascii") == "0\n"


def test_chains_that_were_there_before_stay(machine):
    machine.have({"nat": MACHINE["nat"] + "-N DOCKER\n-A PREROUTING -j DOCKER\n"})
    made = start_and_fail(machine)
    found = with_engine(made)
    machine.have(found)
    made.close()
    assert all(made.bridge in " ".join(words) for words in machine.asked("-D")) and len(machine.asked("-D")) == 2
    assert machine.asked("-F") == machine.asked("-X") == machine.asked("-P") == []


def test_networks_of_a_daemon_that_was_killed_are_taken_and_others_stay(machine, monkeypatch):
    monkeypatch.setattr(daemon, "bridges", lambda: {"br-000000000001"})
    made = start_and_fail(machine)
    monkeypatch.setattr(daemon, "bridges", lambda: {"br-000000000001", "br-000000000002"})
    machine.have({"filter": MACHINE["filter"] + "".join(f"-A FORWARD -i br-00000000000{i} -j ACCEPT\n" for i in (1, 2))})
    made.close()
    assert machine.asked("-D") == [["filter", "FORWARD", "-i", "br-000000000002", "-j", "ACCEPT"]]
    deleted = [line.split()[-1] for line in machine.log.read_text(encoding="utf-8").splitlines() if line.startswith("ip link del")]
    assert sorted(deleted) == sorted(["br-000000000002", made.bridge])


def test_what_outlives_a_daemon_that_was_killed_is_ended(machine):
    machine.program("dockerd", LASTING.format())
    made = daemon.Daemon(machine.program("docker", CLIENT.format(answers="true")), {})
    made.start()
    try:
        left_over = until(lambda: subprocess.run(["pgrep", "-f", f"{made.folder}/data/of-a-container"], capture_output=True,
                                                 text=True, check=False).stdout.split(), "what it started")
        made.process.send_signal(signal.SIGKILL)
        made.process.wait()
    finally:
        made.close()
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left_over), "the process that was left to be gone")


def test_where_another_daemon_runs_or_a_program_is_missing_none_is_started(monkeypatch):
    monkeypatch.setattr(daemon.os, "geteuid", lambda: 0)
    monkeypatch.setattr(daemon.shutil, "which", lambda name: None if name == "debootstrap" else name)
    assert daemon.why_not() == "packages are missing to start one: debootstrap"
    monkeypatch.setattr(daemon.shutil, "which", lambda name: name)
    monkeypatch.setattr(daemon, "process_names", lambda: ["sh", "dockerd"])
    assert "a Docker daemon runs here" in daemon.why_not() and "DOCKER_HOST" in daemon.why_not()
    monkeypatch.setattr(daemon.os, "geteuid", lambda: 1000)
    assert daemon.why_not() == "only root can start one"


BOOT_AND_DIE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from engine import booted
booted.INIT = "touch booted; exec sleep 600"
made = booted.Booted(sys.argv[2] + "/root")
made.boot(seconds=0)
while not os.path.exists("booted"):
    pass
print(made.outer.pid, made.group, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_booted_ends_with_tests_that_are_killed_and_the_next_ones_take_its_group_away(tmp_path, monkeypatch):
    if bare.why_not() or booted.groups() is None:
        pytest.skip(bare.why_not() or "no hierarchy of control groups of version 2 is mounted")
    (tmp_path / "root").mkdir()
    done = subprocess.run([sys.executable, "-B", "-c", BOOT_AND_DIE, Path(__file__).parent, tmp_path], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60, check=False)
    outer, group = done.stdout.split()
    assert done.returncode == -signal.SIGKILL
    until(lambda: not os.path.exists(f"/proc/{outer}"), "it to end")
    until(lambda: not Path(group, "cgroup.procs").read_text(encoding="ascii"), "all that ran in it to end")
    monkeypatch.setattr(booted, "INIT", "exec sleep 600")
    made = booted.Booted(tmp_path / "root")
    try:
        assert made.boot(seconds=0) is not None
        assert not Path(group).exists() and made.group.exists()
    finally:
        made.end()
    assert not made.group.exists()
