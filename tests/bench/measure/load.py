"""The load generator, run beside a server."""

import json
import subprocess
import time

from . import process
from .place import Trouble


class Unanswered(Trouble):
    """Not a single request was answered with success."""


class Load:
    """One run of it: begun at once, its figures are those of result()."""

    def __init__(self, server, core=None, may_lose=0, **options):
        self._may_lose = may_lose
        self._what = f"{server.name}, {', '.join(f'{name}={value}' for name, value in options.items())}"
        args = [str(server.place.load), "--port", str(server.port.number), "--key", server.key,
                "--pid", str(server.pid)]
        args += ["--tls"] if server.scheme == "https" else []
        for name, value in options.items():
            if value is False:
                continue
            args += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        self._process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                         preexec_fn=process.pin(core) if core is not None else None)

    def __enter__(self):
        return self

    def __exit__(self, *_reason):
        """Ends it wherever it is; its figures are lost."""
        self._process.kill()
        self._process.communicate()

    def is_running(self):
        return self._process.poll() is None

    def result(self):
        """Its figures; anything but an answer of success to every request is trouble."""
        out, err = self._process.communicate()
        if self._process.returncode != 0:
            raise Trouble(f"the load generator failed: {err}")
        figures = json.loads(out)
        lost = figures["refused"] + figures["broken"]
        if figures["answered"] == 0 and lost <= self._may_lose:
            raise Unanswered(f"no request was answered ({self._what}): {out}")
        if lost > self._may_lose or figures["answered"] == 0:
            raise Trouble(f"{lost} requests were not answered with success ({self._what}): {out}")
        return figures


def load(server, core=None, may_lose=0, **options):
    return Load(server, core, may_lose, **options).result()


def settle(server):
    """Until routine states are written and messages delivered: the processor rests."""
    deadline = time.monotonic() + 60
    rest = 0
    while rest < 4 and time.monotonic() < deadline:
        before = process.cpu_seconds(server.pid)
        time.sleep(0.5)
        rest = rest + 1 if process.cpu_seconds(server.pid) - before < 0.02 else 0


def make_known(server, ids, core=None, **options):
    """Every client has reported once."""
    return load(server, core=core, ids=ids, count=ids, **options)
