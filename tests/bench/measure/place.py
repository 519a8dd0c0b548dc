"""Where things are: the program under test, the tools of the bench, and a folder for each run."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
ROOT = BENCH.parents[1]

# The stand-ins for services of the internet and the ports of tests are the scenarios'.
sys.path.insert(0, str(ROOT / "tests" / "scenario"))

_FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra"]


class Trouble(Exception):
    """The bench cannot go on; the text says why and what to do."""


def _compile(output, sources, *more):
    compiler = os.environ.get("CC") or "cc"
    done = subprocess.run([compiler, *_FLAGS, "-o", output, *sources, *more], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Trouble(f"{compiler} could not build {output.name}:\n{done.stderr}")
    return output


class Place:
    """`folder` holds everything that a run writes; it goes away with close()."""

    def __init__(self, program):
        self.program = Path(program).resolve()
        if not os.access(self.program, os.X_OK):
            raise Trouble(f"there is no program {self.program}: run ./setup build first, or name another by --program")
        self.folder = Path(tempfile.mkdtemp(prefix="vpn-sentinel-bench-"))
        self._count = 0
        self.load = _compile(self.folder / "load", sorted((BENCH / "load").glob("*.c")), "-lssl", "-lcrypto")
        self.fast_clock = _compile(self.folder / "fastclock.so", [BENCH / "fastclock.c"], "-shared", "-fPIC", "-ldl")

    def new_folder(self, name):
        self._count += 1
        folder = self.folder / f"{self._count}-{name}"
        folder.mkdir()
        return folder

    def has_store(self, name):
        """Whether the build has that store plugin."""
        return (self.program.parents[1] / "lib" / "vpn-sentinel" / "stores" / f"{name}.so").exists()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
