"""What a day of 100 clients leaves on the disk, on a clock that runs faster."""

import time

from .load import Load
from .server import Server
from .table import number, size, table, verdict

TITLE = "disk: 100 clients that report every 5 minutes"
CLIENTS = 100
INTERVAL_S = 300
WANTED = 10 * 1000 * 1000
# On the fast clock every pause seems long, and every complaint about one is the bench's doing.
_ARTEFACTS = (" held up everything else for ", "the server stood still for ")


def _file_sizes(server):
    """{name: bytes} of what the server keeps, sockets and its configuration left out."""
    sizes = {}
    for file in server.folder.iterdir():
        if file.is_file() and file.name != "server.yaml" and file != server.log_file:
            sizes[file.name] = file.stat().st_size
    return sizes


def _log_size(server):
    return sum(len(line.encode()) for line in server.log().splitlines(keepends=True)
               if not any(artefact in line for artefact in _ARTEFACTS))


def measure(place, scale):
    if not place.has_store("sqlite"):
        return ["skipped: this build has no sqlite store"], {}
    server = Server(place, "disk", store="sqlite", notifiers=[{"plugin": "console"}])
    server.environment |= {"LD_PRELOAD": f"{server.environment.get('LD_PRELOAD', '')} {place.fast_clock}".strip(),
                           "BENCH_CLOCK_SPEED": str(scale.clock_speed)}
    count = int(scale.disk_hours * 3600 / INTERVAL_S) * CLIENTS
    peak = {}
    try:
        server.start()
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
    finally:
        server.close()  # in a moment of its clock no server could end in order
    lost = server.log().count("tunnel_lost")
    log = _log_size(server)
    total = sum(peak.values()) + log
    rows = [[name, size(length)] for name, length in sorted(peak.items())]
    rows += [["log", size(log)], ["together", size(total)]]
    hours = simulated / 3600
    lines = table(["file", "at its largest"], rows)
    spent = f"{number(hours, 1)} hours, {number(count)} keepalives; 10 MB wanted for a day"
    lines += ["", verdict(total, WANTED, spent) if scale.disk_hours >= 24 else spent,
              f"written to the disk, pages that were written over counted again: {size(written)}, "
              f"{size(written / figures['answered'])} for each keepalive",
              f"the clock ran {number(scale.clock_speed)} times as fast; losses told: {lost}; "
              f"connections opened anew: {figures['reopened']}"]
    return lines, {"hours": hours, "total_bytes": total, "log_bytes": log, "written_bytes": written, "peak": peak,
                   "lost": lost}
