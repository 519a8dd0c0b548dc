"""What a day of 100 clients leaves on the disk, on a clock that runs faster."""

import time

from .load import Load
from .server import Server
from .table import number, size, table, verdict

TITLE = "disk: 100 clients that report every 5 minutes"
CLIENTS = 100
INTERVAL_S = 300
WANTED = 10 * 1000 * 1000
# Real time is what makes a callback slow: on the fast clock every one seems to be.
_ARTEFACT = " held up everything else for "


def _file_sizes(server):
    """{name: bytes} of what the server keeps, sockets and its configuration left out."""
    sizes = {}
    for file in server.folder.iterdir():
        if file.is_file() and file.name != "server.yaml" and file != server.log_file:
            sizes[file.name] = file.stat().st_size
    return sizes


def _log_size(server):
    return sum(len(line.encode()) for line in server.log().splitlines(keepends=True) if _ARTEFACT not in line)


def measure(place, scale):
    if not place.has_store("sqlite"):
        return ["skipped: this build has no sqlite store"], {}
    server = Server(place, "disk", store="sqlite", notifiers=[{"plugin": "console"}])
    server.environment |= {"LD_PRELOAD": f"{server.environment.get('LD_PRELOAD', '')} {place.fast_clock}".strip(),
                           "BENCH_CLOCK_SPEED": str(scale.clock_speed)}
    count = int(scale.disk_hours * 3600 / INTERVAL_S) * CLIENTS
    peak = {}
    with server:
        begun = time.monotonic()
        load = Load(server, connections=4, ids=CLIENTS, count=count, body="own",
                    rate=CLIENTS / INTERVAL_S * scale.clock_speed)
        while load.is_running():
            for name, length in _file_sizes(server).items():
                peak[name] = max(peak.get(name, 0), length)
            time.sleep(0.1)
        figures = load.result()
        simulated = (time.monotonic() - begun) * scale.clock_speed
        written = server.written_bytes()
        lost = server.log().count("tunnel_lost")
    after = _file_sizes(server)
    log = _log_size(server)
    total = sum(peak.values()) + log
    rows = [[name, size(peak.get(name, 0)), size(after.get(name, 0))] for name in sorted({*peak, *after})]
    rows += [["log", size(log), size(log)], ["together", size(total), size(sum(after.values()) + log)]]
    hours = simulated / 3600
    lines = table(["file", "at its largest", "after the end"], rows)
    lines += ["", verdict(total, WANTED, f"{number(hours, 1)} hours of {number(count)} keepalives; 10 MB wanted for a day"),
              f"written to the disk, pages that were written over counted again: {size(written)}, "
              f"{size(written / figures['answered'])} for each keepalive",
              f"the clock ran {number(scale.clock_speed)} times as fast; losses told: {lost}; "
              f"connections opened anew: {figures['reopened']}"]
    return lines, {"hours": hours, "total_bytes": total, "log_bytes": log, "written_bytes": written, "peak": peak,
                   "after": after, "lost": lost}
