"""The server beside nginx that answers every request with the same bytes, on the same core in the same run."""

import contextlib
import itertools
import json
import statistics
import subprocess
from dataclasses import dataclass

from . import process
from .load import Unanswered, load, make_known, settle
from .nginx import Nginx, find_nginx
from .server import ShippedServer
from .table import number, size, table, verdict

TITLE = "beside nginx: processor time and rate, the shipped configuration"
SEQ_STEP = 10_000_000
CROWDS = (1, 64, 512)
_PATIENCE_S = 30
_NGINX_PATIENCE_S = 3  # where it may have forgotten a connection: each such wait is this long
_NGINX_TRIES = 10
WANTED = {"flat": 2.0, "own": 3.3}  # times nginx's processor time, 64 connections, plain, kept alive
_STATUS = "/api/v1/status"
_ASKED = ("flat", "own", "status")


@dataclass(frozen=True)
class Case:
    asked: str
    tls: bool
    close: bool
    connections: int

    def __str__(self):
        return f"{self.asked} {'TLS' if self.tls else 'plain'} {'close' if self.close else 'kept'} {self.connections}"


def _pair(place):
    """A certificate as `vpn-sentinel cert` makes it: ECDSA, P-256."""
    folder = place.new_folder("pki")
    for args in (["ca"], ["server"]):
        names = ["localhost", "127.0.0.1"] if args == ["server"] else []
        subprocess.run([place.program, "cert", *args, "--out", folder, *names], check=True, capture_output=True)
    return {"cert": folder / "server.pem", "key": folder / "server.key"}


def _answer(server):
    """What a keepalive of the load generator's is answered with."""
    connection = server.connection()
    body = json.dumps({"client_id": "bench-0000000", "public_ip": "203.100.100.100", "country": "RO"})
    connection.request("POST", "/api/v1/keepalive", body,
                       {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def _load(server, case, scale, load_core, seq):
    """One run. Ours must answer every request; what nginx leaves unanswered is not our fault, and tried again."""
    what = {"get": f"{_STATUS}?limit=1"} if case.asked == "status" else {"body": case.asked, "ids": scale.ids,
                                                                         "first_id": _first_id(case.asked, scale)}
    what |= {"core": load_core, "spin": load_core is not None, "connections": min(case.connections, scale.crowd),
             "close": case.close, "seconds": scale.beside_seconds, "first_seq": seq}
    if isinstance(server, ShippedServer) or not case.close:
        return load(server, patience=_PATIENCE_S, **what)
    # Of hundreds of handshakes at once it forgets one now and then, and while a disk stalls that its log is
    # on it answers nobody: it writes the log between two answers.
    for _ in range(_NGINX_TRIES - 1):
        with contextlib.suppress(Unanswered):
            return load(server, may_lose=case.connections, patience=_NGINX_PATIENCE_S, **what)
    return load(server, may_lose=case.connections, patience=_PATIENCE_S, **what)


def _run(server, case, scale, load_core, seq):
    before = process.cpu_ns(server.pid)
    figures = _load(server, case, scale, load_core, seq)
    return {"cpu_us": (process.cpu_ns(server.pid) - before) / 1000 / figures["answered"], "rate": figures["rate"],
            "p99_us": figures["p99_us"]}


def _first_id(body, scale):
    return scale.ids if body == "own" else 0  # another body is news


def _median(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _measure_cases(sides, scale, load_core):
    cases = [Case(*how) for how in itertools.product(_ASKED, (False, True), (False, True), CROWDS)]
    seqs = itertools.count(SEQ_STEP, SEQ_STEP)
    runs = {}
    for _ in range(scale.repeats):
        for case in cases:
            for side, servers in sides.items():
                runs.setdefault((case, side), []).append(
                    _run(servers[case.tls], case, scale, load_core, next(seqs)))
    return cases, {key: _median(results) for key, results in runs.items()}


def _measure_lists(sides, paths, scale, load_core):
    runs = {}
    for _ in range(scale.repeats):
        for side, servers in sides.items():
            before = process.cpu_ns(servers[False].pid)
            figures = load(servers[False], core=load_core, get=paths[side], connections=1, seconds=scale.beside_seconds)
            spent = process.cpu_ns(servers[False].pid) - before
            runs.setdefault(side, []).append({"cpu_us": spent / 1000 / figures["answered"], "rate": figures["rate"],
                                              "bytes": figures["body_bytes"] / figures["answered"]})
    return {side: _median(results) for side, results in runs.items()}


def _row(name, ours, theirs):
    return [name, number(ours["cpu_us"], 2), number(theirs["cpu_us"], 2), number(ours["cpu_us"] / theirs["cpu_us"], 2),
            number(ours["rate"]), number(theirs["rate"]), number(ours["rate"] / theirs["rate"], 2)]


def _lines(cases, found, lists, scale):
    head = ["CPU us", "nginx", "ratio", "a second", "nginx", "ratio"]
    lines = table(["asked, connections", *head], [
        _row(str(case), found[case, "ours"], found[case, "nginx"]) for case in cases])
    lines += ["", *table([f"status of {number(scale.ids * 2)} clients", *head],
                         [_row(size(lists["ours"]["bytes"]), lists["ours"], lists["nginx"])]), ""]
    for body, wanted in WANTED.items():
        case = Case(body, False, False, 64)
        ratio = found[case, "ours"]["cpu_us"] / found[case, "nginx"]["cpu_us"]
        lines.append(verdict(ratio, wanted, f"{case}: {number(ratio, 2)} times nginx, at most {wanted} wanted"))
    return lines + [
        "", f"Medians of {scale.repeats} rounds of {scale.beside_seconds:g} s, in turns; CPU: of all threads, for each request;",
        f"{number(scale.ids)} clients in turn. The server: etc/server.yaml with sqlite and the audit log, the rate limit lifted",
        "to what is never reached, but counted. nginx: one worker, `return 200` with as many bytes as the answer to a",
        "keepalive, an access log of the same members; the whole list as a file. TLS: ECDSA P-256, full handshakes."]


def measure(place, scale):
    if find_nginx() is None:
        return ["skipped: nginx is not installed (apt-get install nginx-light, or ./setup bench)"], {}
    server_core, load_core = process.two_cores()
    pair = _pair(place)
    with contextlib.ExitStack() as stack:
        plain, tls = (stack.enter_context(ShippedServer(place, f"beside-{name}", server_core, limited=True, tls=use))
                      for name, use in (("plain", None), ("tls", pair)))
        for server in (plain, tls):
            for body in WANTED:
                make_known(server, scale.ids, core=load_core, body=body, first_id=_first_id(body, scale))
            settle(server)
        nginx = stack.enter_context(Nginx(place, server_core, pair, _answer(plain), plain.get(_STATUS)[1], plain.key))
        sides = {"ours": {False: plain, True: tls}, "nginx": {False: nginx.plain, True: nginx.tls}}
        cases, found = _measure_cases(sides, scale, load_core)
        lists = _measure_lists(sides, {"ours": _STATUS, "nginx": "/list/list.json"}, scale, load_core)
    return _lines(cases, found, lists, scale), {
        **{f"{case} {side}": figures for (case, side), figures in found.items()},
        **{f"list {side}": figures for side, figures in lists.items()}}
