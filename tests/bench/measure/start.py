"""How soon a server answers that has many clients to read back, and how it answers while it does."""

import http.client
import statistics
import time

from .load import make_known
from .server import Server, store_config
from .table import number, table, verdict

TITLE = "start: the first answer, and answers while what is stored is read"
WANTED_MS = 50
_CONNECTIONS = 64
_PAUSE_S = 0.0005  # between two questions


def _fill(place, clients):
    server = Server(place, f"start-{clients}", store="sqlite")
    server.config["monitor"]["max_clients"] = max(clients, 1)
    server.config["store"] = store_config("sqlite", server.folder, synchronous="normal")
    with server:
        if clients > 0:
            make_known(server, clients, connections=_CONNECTIONS)
    return server


def _ask_until_ready(server, within=120):
    """Milliseconds of every GET /health from the first answer until the server is well, over one connection."""
    latencies = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port.number, timeout=60)
    status = 0
    while status != 200 and time.monotonic() < server.begun + within:
        asked = time.monotonic()
        connection.request("GET", "/health")
        reply = connection.getresponse()
        reply.read()
        status = reply.status
        latencies.append((time.monotonic() - asked) * 1000)
        time.sleep(_PAUSE_S)
    connection.close()
    return latencies


def _starts(server, count):
    found = {"first_answer_ms": [], "ready_ms": [], "health_ms": []}
    for _ in range(count):
        try:
            server.start(ready=False)
            found["first_answer_ms"].append(server.wait_first_answer() * 1000)
            found["health_ms"] += _ask_until_ready(server)
            found["ready_ms"].append((time.monotonic() - server.begun) * 1000)
            server.stop()
        finally:
            server.kill()
    return found


def _percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure(place, scale):
    if not place.has_store("sqlite"):
        return ["skipped: this build has no sqlite store"], {}
    found = {}
    for clients in scale.start_clients:
        server = _fill(place, clients)
        try:
            found[clients] = _starts(server, scale.starts)
        finally:
            server.close()
    rows = [[number(clients), number(statistics.median(f["first_answer_ms"]), 1), number(max(f["first_answer_ms"]), 1),
             number(statistics.median(f["ready_ms"]), 1), number(len(f["health_ms"])),
             number(_percentile(f["health_ms"], 0.5), 2), number(_percentile(f["health_ms"], 0.99), 2),
             number(max(f["health_ms"]), 2)] for clients, f in found.items()]
    lines = table(["stored clients", "first answer, ms", "slowest", "ready, ms", "asked", "p50 ms", "p99 ms", "max ms"],
                  rows)
    slowest = max(statistics.median(f["first_answer_ms"]) for f in found.values())
    late = max(max(f["health_ms"]) for f in found.values())
    lines += ["", verdict(slowest, WANTED_MS, f"first answer within {WANTED_MS} ms wanted, however many are stored"),
              verdict(late, WANTED_MS, f"every answer until it is ready within {WANTED_MS} ms wanted"),
              f"{scale.starts} starts each; \"asked\": GET /health, one after another until the server was ready"]
    return lines, {str(clients): f for clients, f in found.items()}
