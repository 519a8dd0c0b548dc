"""The list of all clients, and whether keepalives wait for it."""

import contextlib

from . import process
from .load import Load, load, make_known, settle
from .server import Server
from .table import number, size, table

TITLE = "status of all clients while keepalives come"
_PATH = "/api/v1/status"


def _tag(server):
    connection = server.connection()
    with contextlib.closing(connection):
        connection.request("HEAD", _PATH, headers={"Authorization": f"Bearer {server.key}"})
        return connection.getresponse().getheader("ETag")


def measure(place, scale):
    server_core, load_core = process.two_cores()
    with Server(place, "status", core=server_core) as server:
        make_known(server, scale.ids, core=load_core)
        keepalives = {"core": load_core, "connections": scale.connections, "ids": scale.ids,
                      "rate": scale.paced_rate}
        settle(server)
        known = load(server, core=load_core, get=_PATH, known=_tag(server), connections=1, seconds=scale.seconds)
        lists = load(server, core=load_core, get=_PATH, connections=1, seconds=scale.seconds)
        alone = load(server, seconds=scale.seconds, **keepalives)
        reader = Load(server, core=load_core, get=_PATH, connections=1, seconds=scale.seconds + 1)
        beside = load(server, seconds=scale.seconds, first_seq=10_000_000, **keepalives)
        lists_beside = reader.result()
    rate = scale.ids * lists["rate"]
    lines = table([f"status of {number(scale.ids)} clients", "p50 ms", "max ms", "a second", "CPU ms", "bytes"], [
        [name, number(f["p50_us"] / 1000, 1), number(f["max_us"] / 1000, 1), number(f["rate"], 1), cpu,
         size(f["body_bytes"] / f["answered"])]
        for name, f, cpu in (("alone", lists, number(lists["server_cpu_us"] / 1000, 1)),
                             ("known already (304)", known, number(known["server_cpu_us"] / 1000, 3)),
                             ("beside keepalives", lists_beside, "-"))])
    lines += ["", *table([f"keepalives, {number(scale.paced_rate)} a second", "p50 us", "p90 us", "p99 us", "max us"], [
        [name, *(number(f[key]) for key in ("p50_us", "p90_us", "p99_us", "max_us"))]
        for name, f in (("alone", alone), ("beside one list after another", beside))])]
    lines += ["", f"{number(rate)} clients listed a second while nothing else is asked",
              f"p99 of keepalives beside lists / alone: {number(beside['p99_us'] / max(alone['p99_us'], 1), 1)}"]
    return lines, {"lists": lists, "known": known, "lists_beside": lists_beside, "keepalives": alone, "keepalives_beside": beside}
