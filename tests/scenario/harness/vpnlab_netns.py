"""
Network namespaces of one laboratory: made, entered by threads, filled with daemons, and removed whatever happened.

Names begin with the process that made them. What a killed run left behind is removed by the next one.
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

from .wait import until

LIFETIME = 280  # seconds a daemon may live: shorter than what ctest gives a file
RUN = Path("/run/netns")
ETC = Path("/etc/netns")
NAME = re.compile(r"vpnlab(\d+)-[a-z]+")
_CLONE_NEWNET = 0x40000000
_NETLINK_NETFILTER, _NFNL_CONNTRACK, _DELETE, _REQUEST_AND_ACK = 12, 1, 2, 5
_LIBC = ctypes.CDLL(None, use_errno=True)


def command(*args, input=None, check=True):  # noqa: A002 - as subprocess.run calls it
    """Runs a tool to its end; its words when it fails."""
    done = subprocess.run([str(a) for a in args], input=input, capture_output=True, text=True, timeout=30, check=False)
    assert not check or done.returncode == 0, f"{' '.join(map(str, args))}: {done.stdout}{done.stderr}"
    return done.stdout


def missing(*tools):
    """The first of these tools that is not there."""
    folders = [Path(folder) for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/bin")]
    return next((tool for tool in tools if not any(os.access(folder / tool, os.X_OK) for folder in folders)), None)


def why_no_namespaces(attempt="true", what="commands in them"):
    """Why there can be no namespaces on this machine in which this attempt succeeds, or "" when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if missing("ip"):
        return "the tool ip is not installed"
    name = f"vpnlab{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"network namespaces are not allowed: {made.stderr.strip()}"
    tried = subprocess.run(["ip", "netns", "exec", name, "sh", "-c", attempt], capture_output=True, text=True, check=False)
    command("ip", "netns", "delete", name)
    return "" if tried.returncode == 0 else f"{what} are not allowed: {tried.stderr.strip()}"


def why_not():
    """Why there can be no laboratory on this machine, or "" when there can."""
    tool = missing("nft", "wireguard-go", "wg", "openvpn", "unbound", "openssl")
    if tool:
        return f"the tool {tool} is not installed"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun cannot be opened"
    return why_no_namespaces("ip tuntap add mode tun name t0 && echo 'table inet t { }' | nft -f -", "tun devices or nft")


def sweep():
    """Removes the namespaces of runs that were killed."""
    for path in RUN.glob("vpnlab*"):
        match = NAME.fullmatch(path.name)
        if match and not _lives(match.group(1)):
            Netns.remove(path.name)
            for control in Path("/run/wireguard").glob(f"wg{match.group(1)}?.sock"):
                control.unlink(missing_ok=True)


def _lives(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Netns:
    def __init__(self, role):
        self.role = role
        self.name = f"vpnlab{os.getpid()}-{role}"
        self.daemons = []
        self.etc = ETC / self.name
        self.etc.mkdir(parents=True)
        self.resolv_conf = self.etc / "resolv.conf"
        self.resolv_conf.write_text("")
        command("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        self.sysctl(net__ipv6__conf__all__accept_dad=0, net__ipv6__conf__default__accept_dad=0)

    # -- tools in it

    def wrapper(self):
        """What stands before a program that shall live here: with this namespace's resolv.conf, and not for ever."""
        return ["ip", "netns", "exec", self.name, "timeout", "-k", "5", str(LIFETIME)]

    def run(self, *args, **options):
        return command("ip", "netns", "exec", self.name, *args, **options)

    def ip(self, *args, **options):
        return command("ip", "-n", self.name, *args, **options)

    def nft(self, rules):
        return self.run("nft", "-f", "-", input=rules)

    def sysctl(self, **values):
        """Keys with __ for the dots."""
        self.run("sysctl", "-q", "-w", *(f"{key.replace('__', '.')}={value}" for key, value in values.items()))

    def nameservers(self, *addresses):
        """Rewrites resolv.conf in place: programs that run here have this very file mounted."""
        with open(self.resolv_conf, "w", encoding="ascii") as file:
            file.write("".join(f"nameserver {address}\n" for address in addresses) + "options timeout:1 attempts:1\n")

    def inside(self, function):
        """The result of function(), called by a thread that stands in this namespace. Its sockets stay here."""
        result = []

        def work():
            try:
                with open(RUN / self.name, "rb") as handle:
                    if _LIBC.setns(handle.fileno(), _CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), f"cannot enter {self.name}")
                result.append((function(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the caller's thread
                result.append((None, error))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join()
        value, error = result[0]
        if error:
            raise error
        return value

    def forget_connections(self):
        """Empties the kernel's table of connections: what NAT had settled on is decided anew."""
        delete_all = struct.pack("=IHHII4x", 20, _NFNL_CONNTRACK << 8 | _DELETE, _REQUEST_AND_ACK, 1, 0)

        def ask():
            with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as kernel:
                kernel.send(delete_all)
                return struct.unpack_from("=i", kernel.recv(4096), 16)[0]

        error = self.inside(ask)
        assert error == 0, f"connections of {self.name}: {os.strerror(-error)}"

    # -- daemons

    def daemon(self, log, *args):
        """A process that lives here until end() or its lifetime is over."""
        with open(log, "ab") as out:
            process = subprocess.Popen([*self.wrapper(), *map(str, args)], stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out, start_new_session=True)
        process.log = Path(log)
        self.daemons.append(process)
        return process

    def end(self, process, number=signal.SIGTERM):
        """Ends a daemon and waits for it. `timeout`, which stands before it, hands signals on."""
        if process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(3)
        if process in self.daemons:
            self.daemons.remove(process)

    def close(self):
        for process in list(self.daemons):
            self.end(process)
        self.remove(self.name)

    @staticmethod
    def remove(name):
        """Ends what still runs in the namespace, each by its id, and removes it."""
        for pid in command("ip", "netns", "pids", name, check=False).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        command("ip", "netns", "delete", name, check=False)
        folder = ETC / name
        shutil.rmtree(folder, ignore_errors=True)


def wire(one, one_name, two, two_name):
    """A cable between two namespaces, plugged in."""
    command("ip", "-n", one.name, "link", "add", one_name, "type", "veth", "peer", "name", two_name, "netns", two.name)
    for namespace, name in ((one, one_name), (two, two_name)):
        namespace.ip("link", "set", name, "up")


def address(namespace, device, *addresses):
    for each in addresses:
        namespace.ip("address", "add", each, "dev", device, *(["nodad"] if ":" in each else []))


def wait_for_words(process, words, within=10):
    """Waits until a daemon's log holds the words."""

    def said():
        text = process.log.read_text(errors="replace")
        assert process.poll() is None, f"{process.args[8:]} ended with {process.returncode}:\n{text}"
        return words in text

    until(said, lambda: f"{words!r} in:\n{process.log.read_text(errors='replace')}", within=within)
