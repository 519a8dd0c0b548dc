"""What the kernel says about a process."""

import contextlib
import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _fields(pid, name):
    """{key: number} of a file of `key: number` lines."""
    found = {}
    for line in Path(f"/proc/{pid}/{name}").read_text(encoding="ascii").splitlines():
        key, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[key] = int(words[0])
    return found


def memory(pid):
    """Bytes: `private` is the process's alone, `pss` adds its share of what others map too."""
    rows = _fields(pid, "smaps_rollup")
    return {"rss": rows["Rss"] * 1024, "pss": rows["Pss"] * 1024,
            "private": (rows["Private_Clean"] + rows["Private_Dirty"]) * 1024,
            "private_dirty": rows["Private_Dirty"] * 1024}


def cpu_seconds(pid):
    """Of all threads, in user and system mode."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICK


def _threads(pid, read):
    """The sum of read(folder) over all threads; one that ends just now is left out."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += read(task)
    return total


def cpu_ns(pid):
    """The same, finer; threads that have ended are left out."""
    return _threads(pid, lambda task: int((task / "schedstat").read_text(encoding="ascii").split()[0]))


def switches(pid):
    """How often its threads were given the processor."""
    def read(task):
        rows = _fields(pid, f"task/{task.name}/status")
        return rows["voluntary_ctxt_switches"] + rows["nonvoluntary_ctxt_switches"]

    return _threads(pid, read)


def written_bytes(pid):
    """What it made the kernel write to a disk, or will when the pages are flushed."""
    rows = _fields(pid, "io")
    return rows["write_bytes"] - rows["cancelled_write_bytes"]


def pin(core):
    """For subprocess: the child runs on that core alone."""
    return lambda: os.sched_setaffinity(0, {core})


def two_cores():
    """A core for the server and one for everything else; (None, None) where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)
