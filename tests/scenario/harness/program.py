"""A program under test as a process: started, watched, ended, and its last words read."""

import ipaddress
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from .wait import until

ROOT = Path(__file__).resolve().parents[3]

# What a sanitizer says when it found something.
_FINDING = re.compile(r"ERROR: (?:Address|Leak|Thread|Memory)Sanitizer|runtime error:|WARNING: ThreadSanitizer"
                      r"|LeakSanitizer: detected|AddressSanitizer:DEADLYSIGNAL")
_SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=97:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1",
               "LSAN_OPTIONS": "exitcode=97"}


def binary():
    """The program under test."""
    path = os.environ.get("VPN_SENTINEL_BIN")
    assert path, "VPN_SENTINEL_BIN must name the built vpn-sentinel (ctest sets it)"
    assert os.access(path, os.X_OK), f"{path} (VPN_SENTINEL_BIN) is not a program: build it first"
    return Path(path).resolve()


def clean_environment(extra):
    """Nothing of the tester's own settings reaches a program: no proxy, no VPN_SENTINEL_*, no locale."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": "/nonexistent", "LANG": "C.UTF-8", "TZ": "UTC", **_SANITIZERS,
            **{name: str(value) for name, value in extra.items()}}


def run(*args, environment=None, timeout=30, input=None):  # noqa: A002 - as subprocess.run calls it
    """Runs a command to its end: CompletedProcess with text; a sanitizer's finding fails the test."""
    done = subprocess.run([binary(), *map(str, args)], env=clean_environment(environment or {}), input=input,
                          capture_output=True, text=True, timeout=timeout, check=False)
    assert not _FINDING.search(done.stderr), f"vpn-sentinel {' '.join(map(str, args))}:\n{done.stderr}"
    return done


def told(done):
    """What a command told on standard error; on a busy machine the loop notes there what held it up."""
    return re.sub(r"^\d{4}-\d\d-\d\dT\S+ WARN +\[loop\] .* held up everything else .*\n", "", done.stderr, flags=re.MULTILINE)


class Program:
    """
    One process with its output in two files. `wrapper` stands before the program, as unshare does.
    Started again it appends to the same files.
    """

    def __init__(self, name, args, folder, environment=None, wrapper=()):
        self.name = name
        self.args = [str(arg) for arg in args]
        self.wrapper = list(wrapper)
        self.environment = environment or {}
        self.out_file = Path(folder) / f"{name}.out"
        self.err_file = Path(folder) / f"{name}.err"
        self.process = None
        self._mark = 0

    # -- life

    def start(self, stdin=subprocess.DEVNULL):
        assert not self.alive(), f"{self.name} runs already"
        self._mark = len(self.log())
        with open(self.out_file, "ab") as out, open(self.err_file, "ab") as err:
            self.process = subprocess.Popen([*self.wrapper, str(binary()), *self.args], stdin=stdin,
                                            stdout=out, stderr=err, env=clean_environment(self.environment),
                                            start_new_session=True)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, within=10.0):
        """Asks it to end and returns the seconds that took; the exit code must be 0."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        code = self.wait(within)
        took = time.monotonic() - begun
        assert code == 0, f"{self.name} ended with {code} after SIGTERM\n{self.log()}"
        return took

    def kill(self):
        """kill -9: no goodbye."""
        self.process.kill()
        self.process.wait(10)

    def wait(self, within=10.0):
        """Its exit code, once it has ended."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {within:g} s\n{self.log()}") from None

    def clean_up(self):
        """Ends it however it can be ended. For the end of a test."""
        if not self.alive():
            return
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session: nobody else is in it
            self.process.wait(10)

    # -- what it said

    def log(self):
        """All of standard error so far: what was said is also written."""
        self._await_log_thread()
        return self.err_file.read_text(encoding="utf-8", errors="replace") if self.err_file.exists() else ""

    def _await_log_thread(self):
        """The log is written by a thread of its own, which sleeps when nothing is left to write."""
        if not self.alive():
            return
        deadline = time.monotonic() + 0.5
        while _is_at_work(self.process.pid, "log") and time.monotonic() < deadline:
            time.sleep(0.001)

    def log_since_start(self):
        return self.log()[self._mark :]

    def output(self):
        return self.out_file.read_text(encoding="utf-8", errors="replace") if self.out_file.exists() else ""

    def findings(self):
        """What sanitizers complained about, or ""."""
        return self.log() if _FINDING.search(self.log()) else ""

    def wait_for_log(self, pattern, within=None):
        """The match of a regular expression in the log of this start."""
        options = {} if within is None else {"within": within}
        return until(lambda: re.search(pattern, self.log_since_start()),
                     lambda: f"{pattern!r} in the log of {self.name}:\n{self.log_since_start()}", **options)

    # -- what others can see of it

    def descendants(self):
        """Process ids of it and of everything it started."""
        found = [self.process.pid]
        for pid in found:
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            except FileNotFoundError:
                continue
            found += [int(child) for child in children]
        return found

    def inner_pid(self):
        """The program's own process id where a wrapper stands before it."""
        return self.descendants()[-1]

    def inner_namespace_pid(self):
        """Its process id as it sees itself."""
        status = Path(f"/proc/{self.inner_pid()}/status").read_text()
        return int(re.search(r"^NSpid:.*\t(\d+)$", status, re.MULTILINE).group(1))

    def signal_inner(self, number):
        os.kill(self.inner_pid(), number)

    def holds_back(self, number, inner=False):
        """Whether it blocks the signal by now, to look at it when it can."""
        try:
            pid = self.inner_pid() if inner else self.process.pid
            status = Path(f"/proc/{pid}/status").read_text()
            running = Path(f"/proc/{pid}/exe").resolve()
        except (OSError, IndexError, StopIteration, AssertionError):
            return False
        if running != binary():
            return False  # the wrapper, which holds signals back, too, while it makes its child
        return bool(int(re.search(r"^SigBlk:\t(\w+)$", status, re.MULTILINE).group(1), 16) >> (number - 1) & 1)

    def stop_inner(self, within=10.0):
        """As stop(), but the signal goes to the program behind the wrapper."""
        begun = time.monotonic()
        self.signal_inner(signal.SIGTERM)
        code = self.wait(within)
        took = time.monotonic() - begun
        assert code == 0, f"{self.name} ended with {code} after SIGTERM\n{self.log()}"
        return took

    def connected_to(self):
        """(address, port) of every TCP connection it has opened itself. IPv4 and IPv6."""
        rows = [row for table in ("tcp", "tcp6") for row in _tcp_rows(self.process.pid, table)]
        mine = {inode for pid in self.descendants() for inode in _socket_inodes(pid)}
        listening = {local[1] for local, _peer, state, inode in rows if state == _LISTENING and inode in mine}
        return {peer for local, peer, state, inode in rows
                if inode in mine and state != _LISTENING and local[1] not in listening}


def _is_at_work(pid, thread):
    """Whether the thread of that name runs, or waits for a processor or a disk."""
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            if (task / "comm").read_text().strip() == thread:
                return (task / "stat").read_text().rpartition(") ")[2][0] in "RD"
        except OSError:
            continue  # ended between the two looks
    return False


_LISTENING = "0A"


def _socket_inodes(pid):
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:
        return
    for descriptor in descriptors:
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(descriptor))
        except FileNotFoundError:
            continue  # closed between the two looks
        if match:
            yield match.group(1)


def _tcp_rows(pid, table):
    """(local, peer, state, inode) of each row of /proc/net/tcp as the process sees it."""
    for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
        columns = line.split()
        yield _endpoint(columns[1]), _endpoint(columns[2]), columns[3], columns[9]


def _endpoint(text):
    """The kernel writes addresses as 32-bit words in the machine's byte order."""
    address, port = text.split(":")
    words = [bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8)]
    return str(ipaddress.ip_address(b"".join(words))), int(port, 16)
