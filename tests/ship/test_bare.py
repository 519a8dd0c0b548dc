"""The commands of README.md as written there, in a Debian that has a shell and apt and nothing else."""

import contextlib
import re
import subprocess
import time

import pytest

from conftest import ROOT
from engine.client import until
from engine.debian import IMAGE
from engine.terminal import Terminal

SOURCES = "/home/somebody/vpn-sentinel"
STAMP = "/root/copied"
CTRL_C = "\x03"
RUN_SECONDS = 1200  # packages, and the release
TEST_SECONDS = 3600

pytestmark = pytest.mark.timeout(TEST_SECONDS + 60)


class Bare:
    """A container as `docker run -it debian` makes it, with the sources as they are here."""

    def __init__(self, engine):
        self.engine = engine
        self.name = engine.start("-i", "-t", IMAGE)
        self.docker("useradd", "--create-home", "somebody")
        self._copy()

    def _copy(self):
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                                capture_output=True, check=True, timeout=60).stdout.split(b"\0")
        names = b"\0".join(name for name in listed if name and (ROOT / name.decode()).exists())
        packed = subprocess.run(["tar", "--null", "--no-recursion", "-T", "-", "-c"], cwd=ROOT, input=names,
                                capture_output=True, check=True, timeout=60).stdout
        self.docker("mkdir", SOURCES)
        subprocess.run([self.engine.client, "exec", "-i", self.name, "tar", "-C", SOURCES, "--no-same-owner", "-x"],
                       env=self.engine.environment, input=packed, check=True, timeout=60)
        self.docker("chown", "-R", "somebody:", SOURCES)
        self.docker("touch", STAMP)

    def docker(self, *words, user="root", check=True, within=60):
        return self.engine.docker("exec", "-u", user, self.name, *words, check=check, timeout=within)

    def setup(self, *words, user="root", check=True, within=60):
        return self.engine.docker("exec", "-u", user, "-w", SOURCES, self.name, "./setup", *words, check=check,
                                  timeout=within)

    def at_terminal(self, *words, user="root"):
        return Terminal([self.engine.client, "exec", "-i", "-t", "-u", user, "-w", SOURCES, self.name, *words],
                        self.engine.environment)

    @contextlib.contextmanager
    def alone(self):
        """Without a network: what is started meanwhile asks nobody outside."""
        self.engine.docker("network", "disconnect", "bridge", self.name)
        try:
            yield
        finally:
            self.engine.docker("network", "connect", "bridge", self.name)

    def programs(self):
        """What runs in it besides its own shell."""
        lines = self.engine.docker("top", self.name, "-eo", "pid,args").stdout.splitlines()[1:]
        return [line for line in lines if line.split(None, 1)[1] != "bash"]

    def new_files(self):
        """Files that came into the sources, where none should."""
        found = self.docker("find", SOURCES, "-newer", STAMP, "-type", "f", "-not", "-path", f"{SOURCES}/build/*",
                            "-not", "-path", f"{SOURCES}/run/*")
        return found.stdout.split()


@pytest.fixture(scope="module")
def bare(an_engine):
    if not (ROOT / ".git").exists():
        pytest.skip("these sources are no git checkout: what belongs to them is not known")
    made = []

    def make():
        made.append(Bare(an_engine))
        return made[-1]

    yield make
    an_engine.forget()


@pytest.fixture(scope="module")
def machine(bare):
    """One for `./setup run` and then `./setup test`, as README.md has them."""
    return bare()


def run_and_end(machine, user="root"):
    """`./setup run` until it watches, Ctrl-C, and its last lines."""
    terminal = machine.at_terminal("./setup", "run", user=user)
    try:
        terminal.wait_for("building the release", RUN_SECONDS)
        with machine.alone():
            terminal.wait_for("watching; Ctrl-C ends both", RUN_SECONDS)
            terminal.wait_for("Connected", 60)  # the server's own log is shown
            shown = terminal.text
            terminal.press(CTRL_C)
            assert terminal.end(30) == 0, terminal.text
        assert terminal.text.splitlines()[-1].startswith("==> all ended; logs: "), terminal.text
    finally:
        terminal.close()
    until(lambda: not machine.programs(), "everything that ran to be gone")
    return shown


def measured(capsys, text):
    """Said by `./setup test --all`, also when nothing failed."""
    with capsys.disabled():
        print(f"\nmeasured: {text}")


def test_run_watches_a_bare_machine_until_ctrl_c(machine, capsys):
    began = time.monotonic()
    shown = run_and_end(machine)
    measured(capsys, f"./setup run in a bare Debian, from nothing to its end: {time.monotonic() - began:.0f} s")
    assert re.search(r"^CLIENT +STATUS +VERDICT", shown, re.M), shown
    assert re.search(r" alive +unknown +unknown ", shown), shown
    assert machine.new_files() == []


def test_every_test_passes_on_a_bare_machine_or_says_why_it_was_skipped(machine, capsys):
    began = time.monotonic()
    done = machine.setup("test", check=False, within=TEST_SECONDS)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-20000:]
    count = re.search(r"100% tests passed, 0 tests failed out of (\d+)", said)
    assert count and int(count[1]) > 400, said[-5000:]
    skipped = sorted(set(re.findall(r"^skipped: .*$", said, re.M)))
    assert any("/dev/net/tun" in line for line in skipped), said[-5000:]
    measured(capsys, f"./setup test in a bare Debian: {time.monotonic() - began:.0f} s, {count[1]} tests, "
                     f"{len(skipped)} skipped with a reason")
    assert machine.new_files() == []


def test_the_bench_explains_itself_on_a_machine_that_has_built(machine):
    said = machine.setup("bench", "--help", within=300).stdout
    assert "usage: " in said and "--promises" in said


def test_without_root_and_sudo_the_advice_is_all_that_is_needed(bare):
    machine = bare()
    refused = machine.setup("run", user="somebody", check=False)
    assert refused.returncode == 1, refused
    advice = re.search(r"neither root nor sudo is at hand\. As root, run: (.+)", refused.stderr)
    assert advice, refused
    machine.docker("sh", "-c", advice[1].replace("install", "install -y", 1), within=600)
    assert re.search(r" alive ", run_and_end(machine, user="somebody"))
