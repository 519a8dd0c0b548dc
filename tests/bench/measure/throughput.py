"""Keepalives a second, their latency and the processor time of each, stores side by side."""

import contextlib
import itertools
import statistics

from . import process
from .load import load, make_known
from .server import Server
from .table import number, table

TITLE = "keepalives: sqlite beside memory"
BODIES = ("flat", "nested", "own")
SEQ_STEP = 10_000_000  # more than one load can send; a report must never look like one sent before
FIGURES = ("rate", "p50_us", "p99_us", "max_us", "server_cpu_us")


def _clients(scale, body):
    """Each body has clients of its own: one that changes its version would be news to be stored at once."""
    return {"body": body, "ids": scale.ids, "first_id": BODIES.index(body) * scale.ids}


def _round(scale, servers, load_core, seqs, runs):
    """Every store with every body once, so that what disturbs the machine disturbs all."""
    for body in BODIES:
        for store, server in servers.items():
            same = {"core": load_core, "connections": scale.connections, "seconds": scale.seconds,
                    **_clients(scale, body)}
            flat_out = load(server, first_seq=next(seqs), spin=load_core is not None, **same)
            paced = load(server, first_seq=next(seqs), rate=scale.paced_rate, **same)
            runs.setdefault((body, store), []).append(
                {**{name: flat_out[name] for name in FIGURES},
                 "paced_p50_us": paced["p50_us"], "paced_p99_us": paced["p99_us"], "paced_max_us": paced["max_us"],
                 "paced_cpu_us": paced["server_cpu_us"]})


def _median(results):
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def _ratio(of, to):
    return number(of / to, 2) if to else "-"


def measure(place, scale):
    server_core, load_core = process.two_cores()
    stores = [name for name in ("memory", "sqlite") if place.has_store(name)]
    lines = [] if "sqlite" in stores else ["sqlite: skipped, this build has no such store"]
    runs = {}
    seqs = itertools.count(SEQ_STEP, SEQ_STEP)
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(Server(place, name, store=name, core=server_core)) for name in stores}
        for server in servers.values():
            for body in BODIES:
                make_known(server, core=load_core, **_clients(scale, body))
        for _ in range(scale.repeats):
            _round(scale, servers, load_core, seqs, runs)
    found = {key: _median(results) for key, results in runs.items()}
    rows = [[body, store, number(f["rate"]), number(f["p50_us"]), number(f["p99_us"]), number(f["max_us"]),
             number(f["server_cpu_us"], 2), number(f["paced_p50_us"]), number(f["paced_p99_us"]),
             number(f["paced_max_us"]), number(f["paced_cpu_us"], 1)] for (body, store), f in found.items()]
    lines += table(["body", "store", "a second", "p50 us", "p99 us", "max us", "CPU us", "paced p50", "p99", "max",
                    "CPU us"], rows)
    if len(stores) == 2:
        lines += ["", *table(["sqlite / memory", "a second", "p99", "CPU", "paced p99"], [
            [body, *(_ratio(found[body, "sqlite"][name], found[body, "memory"][name])
                     for name in ("rate", "p99_us", "server_cpu_us", "paced_p99_us"))] for body in BODIES])]
    lines += ["", f"{scale.connections} connections kept alive, {number(scale.ids)} known clients in turn; "
                  f"medians of {scale.repeats} rounds of {scale.seconds:g} s;",
              f"paced: {number(scale.paced_rate)} a second, latency from when each was due; CPU: the server's, all "
              "threads, for each keepalive"]
    return lines, {f"{body} {store}": figures for (body, store), figures in found.items()}
