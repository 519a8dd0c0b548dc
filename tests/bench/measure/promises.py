"""What the bench's figures must not go beyond, on any machine that is not hopeless."""

from .disk import WANTED as WANTED_DISK
from .memory import MILLION, WANTED_BYTES, WANTED_START_S
from .table import number, size

FIGURES = ("memory", "disk")
_CONSTANT_S = 0.7  # of a start, whatever is stored, with as much again for a busy machine
_BUSY = 2


def _start_limit(clients):
    return _CONSTANT_S + _BUSY * WANTED_START_S * clients / MILLION


def broken(found):
    """A sentence for each figure beyond its limit. `found` is of a day on disk and of 100,000 clients or more."""
    wrong = []
    for figure in found["memory"].values():
        clients = figure["clients"]
        if figure["bytes_each"] > WANTED_BYTES:
            wrong.append(f"{number(figure['bytes_each'])} bytes for each of {number(clients)} clients: "
                         f"at most {number(WANTED_BYTES)} are promised")
        if figure["start_ready_s"] > _start_limit(clients):
            wrong.append(f"{number(figure['start_ready_s'], 2)} s until a server with {number(clients)} clients is ready: "
                         f"at most {number(_start_limit(clients), 2)} s are allowed, for {WANTED_START_S:g} s at "
                         f"{number(MILLION)}")
    if found["disk"]["hours"] < 24:
        wrong.append(f"only {number(found['disk']['hours'], 1)} hours of a day on disk were measured")
    if found["disk"]["total_bytes"] > WANTED_DISK:
        wrong.append(f"{size(found['disk']['total_bytes'])} on the disk after a day: at most {size(WANTED_DISK)} are promised")
    return wrong
