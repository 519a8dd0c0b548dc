"""A server with the shipped configuration that nobody asks anything, and a client that has reported to it once."""

import statistics
import time

from . import process
from .client import ShippedClient
from .server import ShippedServer
from .table import number, size, table, verdict

TITLE = "idle: start, memory and processor time with the shipped configuration"
WANTED_BYTES = 8 << 20
WANTED_CLIENT_BYTES = 6 << 20
WANTED_START_MS = 50
_ROUND_S = 30


def _await_round(server):
    """Until each of its probes has asked once."""
    deadline = time.monotonic() + _ROUND_S
    while server.asked() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # for what follows the answers


def _starts(place, count):
    """Milliseconds to the first answer, of several starts."""
    found = []
    for _ in range(count):
        server = ShippedServer(place, "start")
        try:
            server.start(ready=False)
            found.append(server.wait_first_answer() * 1000)
        finally:
            server.__exit__(None)
    return found


def _client_bytes(server):
    with ShippedClient(server) as client:
        client.wait_reported()
        time.sleep(1)  # for what follows the answer
        return process.memory(client.pid)["private"]


def measure(place, scale):
    starts = _starts(place, scale.starts)
    with ShippedServer(place, "idle") as server:
        _await_round(server)
        memory = process.memory(server.pid)
        cpu = process.cpu_ns(server.pid)
        switches = process.switches(server.pid)
        time.sleep(scale.idle_seconds)
        cpu = (process.cpu_ns(server.pid) - cpu) / 1e6 / scale.idle_seconds
        switches = (process.switches(server.pid) - switches) / scale.idle_seconds
        client_bytes = _client_bytes(server)
    start = statistics.median(starts)
    lines = table(["figure", "value"], [
        ["first answer after the start, median", f"{number(start, 1)} ms"],
        ["the slowest of them", f"{number(max(starts), 1)} ms"],
        ["private memory after the first round", size(memory["private"])],
        ["of it written to", size(memory["private_dirty"])],
        ["proportional share (Pss)", size(memory["pss"])],
        ["private memory of the client after its first report", size(client_bytes)],
        ["processor time in each second", f"{number(cpu, 3)} ms"],
        ["wake-ups in each second", number(switches, 1)],
    ])
    lines += ["", verdict(memory["private"], WANTED_BYTES, f"{size(WANTED_BYTES)} private memory wanted"),
              verdict(client_bytes, WANTED_CLIENT_BYTES, f"{size(WANTED_CLIENT_BYTES)} of the client wanted"),
              verdict(start, WANTED_START_MS, f"first answer within {WANTED_START_MS} ms wanted"),
              f"{scale.starts} starts; idle for {scale.idle_seconds:g} s"]
    return lines, {"first_answer_ms": starts, **memory, "client_private": client_bytes,
                   "cpu_ms_per_second": cpu, "wakeups_per_second": switches}
