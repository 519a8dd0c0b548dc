"""Memory for each known client, and how long a server with so many takes to start."""

import time

from . import process
from .load import make_known, settle
from .server import Server, store_config
from .table import number, size, table, verdict

TITLE = "memory for each known client, and start-up"
WANTED_BYTES = 1024
WANTED_START_S = 3.0
MILLION = 1_000_000
_CONNECTIONS = 64


def _server(place, store, clients):
    server = Server(place, f"memory-{clients}", store=store)
    server.config["monitor"]["max_clients"] = clients
    if store == "sqlite":  # many new ones, each committed before its answer; that is measured elsewhere
        server.config["store"] = store_config(store, server.folder, synchronous="normal")
    return server


def _one(place, store, clients):
    server = _server(place, store, clients)
    found = {"clients": clients, "store": store}
    with server:
        make_known(server, 1, connections=_CONNECTIONS)
        settle(server)
        empty = process.memory(server.pid)["private"]
        begun = time.monotonic()
        make_known(server, clients, connections=_CONNECTIONS)
        found["fill_seconds"] = time.monotonic() - begun
        settle(server)
        found["empty_bytes"] = empty
        found["private_bytes"] = process.memory(server.pid)["private"]
        found["bytes_each"] = (found["private_bytes"] - empty) / clients
    if store == "sqlite":
        found["file_bytes"] = sum(f.stat().st_size for f in server.folder.glob("sentinel.db*"))
        found |= _again(server, clients)
    return found


def _again(server, clients):
    """The same server started with what it has stored."""
    with _Started(server):
        first = server.wait_first_answer()
        ready = server.wait_healthy()
        settle(server)
        private = process.memory(server.pid)["private"]
    return {"start_first_answer_s": first, "start_ready_s": ready, "restored_private_bytes": private,
            "restored_bytes_each": private / clients}


class _Started:
    """As the server's own, without waiting until it is ready."""

    def __init__(self, server):
        self._server = server

    def __enter__(self):
        return self._server.start(ready=False)

    def __exit__(self, *reason):
        return self._server.__exit__(*reason)


def measure(place, scale):
    store = "sqlite" if place.has_store("sqlite") else "memory"
    found = [_one(place, store, clients) for clients in scale.memory_clients]
    rows = [[number(f["clients"]), number(f["bytes_each"]), size(f["empty_bytes"]), size(f["private_bytes"]),
             number(f["clients"] / f["fill_seconds"]),
             *([number(f["start_first_answer_s"] * 1000), number(f["start_ready_s"], 2),
                number(f["restored_bytes_each"]), size(f["file_bytes"])] if store == "sqlite" else [])] for f in found]
    head = ["clients", "bytes each", "private, none", "private, all", "new a second"]
    if store == "sqlite":
        head += ["answers, ms", "ready, s", "restored, bytes each", "database"]
    lines = [*table(head, rows), ""]
    largest = found[-1]
    if largest["clients"] >= MILLION:
        lines += [verdict(largest["bytes_each"], WANTED_BYTES, f"{number(WANTED_BYTES)} bytes a client wanted")]
        if store == "sqlite":
            lines += [verdict(largest["start_ready_s"], WANTED_START_S, f"ready within {WANTED_START_S:g} s wanted")]
    else:
        lines += [f"{number(WANTED_BYTES)} bytes a client and a start within {WANTED_START_S:g} s are wanted at "
                  f"{number(MILLION)} clients, which --full takes"]
    if store == "memory":
        lines += ["the store memory keeps a copy of every record in the same process: its bytes are counted too",
                  "start-up: skipped, this build has no sqlite store"]
    else:
        lines += ["private memory holds the store's cache of pages too, 8 MiB unless it is configured"]
    return lines, {str(f["clients"]): f for f in found}
