"""The server's own DNS zone: nonces, queries, and unbound as the resolver that a client would use."""

import base64
import secrets
import shutil
import socket
import subprocess
import time

import dns.edns
import dns.exception
import dns.message
import dns.query

from .ports import Port
from .wait import until

ZONE = "leak.example.net"
NS = "leak-ns.example.net"


def make_nonce():
    """26 characters of base 32, as a client makes them from 128 random bits."""
    return base64.b32encode(secrets.token_bytes(17)).decode().lower()[:26]


def zone(port, **more):
    """The section of the configuration."""
    return {"name": ZONE, "ns": NS, "listen": [port.address], **more}


def query(name, kind="A", **options):
    return dns.message.make_query(name, kind, **options)


def ask(port, question, tcp=False, source="127.0.0.1", timeout=5):
    """The answer; None when none comes in time."""
    over = dns.query.tcp if tcp else dns.query.udp
    try:
        return over(question, port.host, port=port.number, timeout=timeout, source=source)
    except dns.exception.Timeout:
        return None


def send_raw(port, payload, timeout=0.5):
    """Bytes in a datagram; the bytes that come back, or None."""
    with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.settimeout(timeout)
        talker.connect((port.host, port.number))
        talker.send(payload)
        try:
            return talker.recv(65535)
        except TimeoutError:
            return None


def nonces(client_id, place, names, **more):
    """Our own body that lists these."""
    from . import keepalive

    return keepalive.own(client_id, place, place.country, nonces=names, **more)


def facts(record):
    return {name: fact["value"] for name, fact in record["facts"].items()}


class Unbound:
    """
    A resolver on loopback that asks the zone's server from an address of its own, with names in mixed case
    and cut down to what each server needs to know.
    """

    def __init__(self, folder, zone_port, egress, subnets=False):
        self.port = Port()
        self.egress = egress
        folder.mkdir()
        self.folder = folder
        modules = "subnetcache iterator" if subnets else "iterator"
        subnet = [f"send-client-subnet: {zone_port.host}", "client-subnet-always-forward: yes",
                  "max-client-subnet-ipv4: 24"] if subnets else []
        lines = ["server:", *(f"  {line}" for line in [
            f'directory: "{folder}"', 'chroot: ""', 'username: ""', f'pidfile: "{folder}/pid"', "use-syslog: no",
            f'logfile: "{folder}/log"', f"interface: {self.port.host}@{self.port.number}", "do-daemonize: no",
            f"outgoing-interface: {egress}", "do-not-query-localhost: no", "access-control: 127.0.0.0/8 allow",
            f'module-config: "{modules}"', "use-caps-for-id: yes", "qname-minimisation: yes", "num-threads: 1",
            "verbosity: 2", *subnet])]
        lines += ["remote-control:", "  control-enable: no", "stub-zone:", f"  name: {ZONE}",
                  f"  stub-addr: {zone_port.host}@{zone_port.number}"]
        self.file = folder / "unbound.conf"
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.process = None

    @staticmethod
    def program():
        return shutil.which("unbound", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

    def __enter__(self):
        self.process = subprocess.Popen([self.program(), "-d", "-c", str(self.file)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until(self.answers, lambda: f"unbound to answer\n{self.log()}")
        return self

    def answers(self):
        return ask(self.port, query(f"www.{ZONE}"), timeout=1) is not None

    def log(self):
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def resolve(self, name, kind="A", **options):
        answer = ask(self.port, query(name, kind, **options), timeout=10)
        assert answer is not None, self.log()
        return answer

    def __exit__(self, *_):
        self.process.terminate()
        deadline = time.monotonic() + 5
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
