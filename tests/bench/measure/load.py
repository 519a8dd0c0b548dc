"""The load generator, run beside a server."""

import json
import subprocess

from . import process
from .place import Trouble


class Load:
    """One run of it: begun at once, its figures are those of result()."""

    def __init__(self, server, core=None, may_lose=0, **options):
        self._may_lose = may_lose
        args = [str(server.place.load), "--port", str(server.port.number), "--key", server.key,
                "--pid", str(server.pid)]
        for name, value in options.items():
            if value is False:
                continue
            args += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        self._process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                         preexec_fn=process.pin(core) if core is not None else None)

    def is_running(self):
        return self._process.poll() is None

    def result(self):
        """Its figures; anything but an answer of success to every request is trouble."""
        out, err = self._process.communicate()
        if self._process.returncode != 0:
            raise Trouble(f"the load generator failed: {err}")
        figures = json.loads(out)
        lost = figures["refused"] + figures["broken"]
        if lost > self._may_lose or figures["answered"] == 0:
            raise Trouble(f"{lost} requests were not answered with success: {out}")
        return figures


def load(server, **options):
    return Load(server, **options).result()


def make_known(server, ids, core=None, **options):
    """Every client has reported once."""
    return load(server, core=core, ids=ids, count=ids, **options)
