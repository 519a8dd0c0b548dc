"""Keepalives that each bring a new version, which is stored before they are answered: a fleet is upgraded."""

import contextlib
import itertools
import statistics

from . import process
from .load import load, make_known
from .server import Server
from .table import number, table

TITLE = "a fleet is upgraded: every keepalive brings news"
SEQ_STEP = 10_000_000  # no version comes twice
CROWDS = (1, 64)  # connections; one shows what a commit costs, many what waiting for others costs
FIGURES = ("rate", "p50_us", "p99_us", "max_us", "server_cpu_us")


def _median(results):
    return {name: statistics.median(result[name] for result in results) for name in FIGURES}


def measure(place, scale):
    server_core, load_core = process.two_cores()
    stores = [name for name in ("memory", "sqlite") if place.has_store(name)]
    runs = {}
    seqs = itertools.count(SEQ_STEP, SEQ_STEP)
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(Server(place, name, store=name, core=server_core)) for name in stores}
        for server in servers.values():
            make_known(server, core=load_core, body="upgraded", ids=scale.ids)
        for _, connections in itertools.product(range(scale.repeats), CROWDS):
            for store, server in servers.items():
                runs.setdefault((store, connections), []).append(
                    load(server, core=load_core, body="upgraded", ids=scale.ids, first_seq=next(seqs),
                         connections=connections, seconds=scale.seconds))
    found = {key: _median(results) for key, results in runs.items()}
    lines = table(["store", "connections", "a second", "p50 us", "p99 us", "max us", "CPU us"], [
        [store, number(connections), number(f["rate"]), number(f["p50_us"]), number(f["p99_us"]), number(f["max_us"]),
         number(f["server_cpu_us"], 2)] for (store, connections), f in found.items()])
    if "sqlite" in stores:
        ratio = found["sqlite", CROWDS[-1]]["rate"] / found["sqlite", 1]["rate"]
        lines += ["", f"with sqlite {CROWDS[-1]} connections upgrade {number(ratio, 1)} times as fast as one"]
    return lines, {f"{store} {connections}": figures for (store, connections), figures in found.items()}
