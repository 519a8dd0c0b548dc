"""What the bench's figures must not go beyond, on any machine that is not hopeless."""

import statistics

from . import crowd
from .disk import WANTED as WANTED_DISK
from .memory import MILLION, WANTED_BYTES, WANTED_START_S
from .table import number, size

FIGURES = ("memory", "disk", "crowd")
_CONSTANT_S = 0.7  # of a start, whatever is stored, with as much again for a busy machine
_BUSY = 2
_KEEPALIVE_S = 1  # of 99 in 100 while a crowd is lost, on a busy machine


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
    return wrong + list(_broken_of_crowd(found["crowd"]))


def _broken_of_crowd(found):
    for name in ("slow", "fast"):
        channel = found[name]
        if channel["told"] != found["clients"]:
            yield f"{channel['told']} of {found['clients']} losses were told by the {name} channel"
        if channel["messages"] > crowd.WANTED_MESSAGES:
            yield f"{channel['messages']} messages about a crowd: at most {crowd.WANTED_MESSAGES} are promised"
        if channel["first_s"] > crowd.WANTED_FIRST_S:
            yield (f"{number(channel['first_s'], 1)} s until the {name} channel's first message: at most "
                   f"{crowd.WANTED_FIRST_S} s are promised")
    median, slowest = statistics.median(found["singles_s"]), max(found["singles_s"])
    if median > crowd.WANTED_SINGLE_MEDIAN_S or slowest > crowd.WANTED_SINGLE_S:
        yield (f"{number(median, 2)} s, at most {number(slowest, 2)} s, until a single incident was told beside a crowd: "
               f"{crowd.WANTED_SINGLE_MEDIAN_S} s and {crowd.WANTED_SINGLE_S} s are promised")
    p99 = found["keepalives_beside"]["p99_us"] / 1e6
    if p99 > _KEEPALIVE_S:
        yield f"{number(p99, 2)} s for one keepalive in 100 while a crowd is lost: at most {_KEEPALIVE_S} s are allowed"
