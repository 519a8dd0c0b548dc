"""A Docker daemon of the tests' own, and everything that it leaves on the machine taken away again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from .client import Engine, until

NEEDED = {"dockerd": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables", "ip": "iproute2"}
CHAINS = ("DOCKER", "DOCKER-USER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2")
TABLES = ("nat", "filter")
STARTING = 90  # seconds, on a machine that is busy
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def why_not():
    """Why no daemon can be started here, or nothing."""
    if os.geteuid() != 0:
        return "only root can start one"
    missing = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    if missing:
        return f"packages are missing to start one: {' '.join(missing)}"
    if any(name == "dockerd" for name in process_names()):
        return "a Docker daemon runs here that a second one would take its chains from: name it in DOCKER_HOST"
    if " cgroup" not in Path("/proc/mounts").read_text(encoding="utf-8"):
        return "no cgroups are mounted"
    return ""


def process_names():
    for file in Path("/proc").glob("[0-9]*/comm"):
        try:
            yield file.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:  # it ended meanwhile
            continue


def bridges():
    """Those that an engine makes for its networks."""
    return {name for _number, name in socket.if_nameindex() if name.startswith("br-")}


def kill_below(folder):
    """Whatever a daemon that did not end by itself has left: its containerd, and what holds its containers."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{folder}/".encode() in file.read_bytes():
                os.kill(int(file.parent.name), signal.SIGKILL)
        except (OSError, ValueError):  # it ended meanwhile
            continue


def run(*argv, check=False):
    return subprocess.run(argv, capture_output=True, text=True, check=check, timeout=60, stdin=subprocess.DEVNULL)


def rules(table):
    """The rules and chains of a table, as iptables would take them again."""
    return [line.split() for line in run("iptables", "-w", "10", "-t", table, "-S").stdout.splitlines()]


def policies():
    return {(table, rule[1]): rule[2] for table in TABLES for rule in rules(table) if rule[0] == "-P"}


def has_chains():
    """Whether an engine was at work here: then its chains are not ours to remove."""
    return any(rule[:2] == ["-N", "DOCKER"] for table in TABLES for rule in rules(table))


class Daemon:
    def __init__(self, client, environment):
        self.folder = Path(tempfile.mkdtemp(prefix="vs-ship-", dir="/tmp"))  # short: sockets have 107 bytes
        number = os.getpid() % 250 + 1
        self.bridge = f"vsship{os.getpid() % 100000}"
        self.address = f"172.29.{number}.1/24"
        self.pool = "base=172.28.0.0/16,size=24"
        self.shared = has_chains()
        self.before = policies()
        self.bridges = bridges()
        self.forwarding = FORWARDING.read_text(encoding="ascii")
        self.process = None
        (self.folder / "config").mkdir()
        self.engine = Engine(client, {**environment, "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
                                      "DOCKER_CONFIG": str(self.folder / "config")})
        for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"):  # of another engine
            self.engine.environment.pop(name, None)

    def start(self):
        run("ip", "link", "add", self.bridge, "type", "bridge", check=True)
        run("ip", "addr", "add", self.address, "dev", self.bridge, check=True)
        run("ip", "link", "set", self.bridge, "up", check=True)
        # Nobody listens on port 9: whatever would be pulled fails at once, and no question leaves the machine.
        environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                # Should the tests be killed, it ends as well, and its containers with it.
                ["setpriv", "--pdeathsig", "TERM", "dockerd", f"--data-root={self.folder}/data",
                 f"--exec-root={self.folder}/exec", f"--pidfile={self.folder}/pid", f"--host=unix://{self.folder}/docker.sock",
                 f"--bridge={self.bridge}", f"--default-address-pool={self.pool}", "--log-level=warn"],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        until(lambda: self.engine.answers() or self.process.poll() is not None, "dockerd to answer", STARTING)
        assert self.process.poll() is None, f"dockerd ended: {self.said()}"

    def said(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def _end_process(self):
        if self.process is None or self.process.poll() is not None:
            return
        for kind in (("ps", "-aq"), ("network", "ls", "-q", "--filter", "type=custom")):
            for name in self.engine.docker(*kind, check=False).stdout.split():
                self.engine.docker(*(("rm", "-f", "-v", name) if kind[0] == "ps" else ("network", "rm", name)), check=False)
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _take_rules(self, made):
        for table in TABLES:
            for rule in rules(table):
                ours = any(word.startswith(name) for word in rule for name in made) or self.address[:-4] in " ".join(rule)
                jumps = not self.shared and any(f"-j {chain}" in " ".join(rule) for chain in CHAINS)
                if rule[0] == "-A" and (ours or jumps):
                    run("iptables", "-w", "10", "-t", table, "-D", *rule[1:])
            if self.shared:
                continue
            for verb in ("-F", "-X"):
                for chain in CHAINS:
                    run("iptables", "-w", "10", "-t", table, verb, chain)
        if not self.shared:
            for (table, chain), policy in self.before.items():
                run("iptables", "-w", "10", "-t", table, "-P", chain, policy)
            FORWARDING.write_text(self.forwarding, encoding="ascii")

    def close(self):
        self._end_process()
        kill_below(self.folder)
        made = {self.bridge, *(bridges() - self.bridges)}
        self._take_rules(made)
        for bridge in made:
            run("ip", "link", "del", bridge)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        for mount in sorted((m for m in mounts if m.startswith(f"{self.folder}/")), reverse=True):
            run("umount", "-l", mount)
        shutil.rmtree(self.folder, ignore_errors=True)
