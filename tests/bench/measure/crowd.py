"""A crowd is lost at once: how soon and in how few messages it is told, and who else notices."""

import http.client
import json
import re
import secrets
import statistics
import time
from collections import deque
from dataclasses import replace
from datetime import datetime

from .load import Load, load, make_known
from .place import Trouble
from .server import Server
from .table import number, table, verdict

from harness.channel_ntfy import Ntfy  # noqa: E402 - place.py shows where
from harness.channel_webhook import Webhook
from harness.telegram import Telegram, failure

TITLE = "a crowd is lost at once"
WANTED_FIRST_S = 5
WANTED_MESSAGES = 5
WANTED_SINGLE_MEDIAN_S = 1
WANTED_SINGLE_S = 5
WANTED_KEEPALIVE_S = 0.1  # of 99 in 100, on a quiet machine
_CHAT = -424242  # a group's number is negative
_A_MINUTE = 20  # messages that a group takes
_SLOW_S = 1.0  # that it takes over each answer
_HOME = "203.0.113.20"
_CONNECTIONS = 64
_STEP_S = 1.0  # between two single incidents
_PATIENCE_S = 60


class Group(Telegram):
    """Slow, and no more than 20 messages in any minute."""

    def __init__(self, token):
        self._taken = deque()
        self.refused = 0
        super().__init__(token, _CHAT)

    def take_of_others(self, count):
        """So many messages of this minute are not ours."""
        self._taken.extend([time.monotonic()] * count)

    def _refuse_pace(self, body, at):
        while self._taken and at - self._taken[0] >= 60:
            self._taken.popleft()
        if len(self._taken) < _A_MINUTE:
            self._taken.append(at)
            return None
        self.refused += 1
        left = int(60 - (at - self._taken[0])) + 1
        return failure(429, f"Too Many Requests: retry after {left}", left)

    def answer(self, request):
        return replace(super().answer(request), delay=_SLOW_S)


class Channels:
    """The crowd is told by a slow one and by a fast one; what is single by one that tells each alone."""

    def __init__(self, scale):
        token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
        self.slow, self.fast, self.single = Group(token), Webhook(), Ntfy()
        group = {"by": "kind", "wait": scale.crowd_wait, "interval": scale.crowd_interval}
        crowd = {"route": {"kind": ["tunnel_lost"], "client": ["bench-*"]}, "group": group}
        self.notifiers = [
            {"plugin": "telegram", "name": "slow", **crowd,
             "options": {"token": token, "chat_id": _CHAT, "api_url": self.slow.url, "commands": "off"}},
            self.fast.notifier("fast", **crowd, options={"allow_http": "yes"}),
            self.single.notifier("single", route={"kind": ["bypass"]}, group={"by": "none"})]

    def __enter__(self):
        return self

    def __exit__(self, *_reason):
        for stand_in in (self.slow, self.fast, self.single):
            stand_in.stop()


def _clients_in(message):
    """How many a message is about: it names one, or one "(+N)" more."""
    more = re.search(r"\(\+([\d.,\s]+)\)", message.title)
    return 1 + (int(re.sub(r"\D", "", more.group(1))) if more else 0)


def _told(channel):
    return sum(map(_clients_in, list(channel.messages)))


def _await(condition, what, within=_PATIENCE_S):
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise Trouble(f"waited {within:g} s for {what()}")
        time.sleep(0.02)


def _server(place, channels, scale):
    store = "sqlite" if place.has_store("sqlite") else "memory"
    monitor = {"interval": "2s", "grace": "1s", "lost_after": f"{scale.crowd_lost_after}s",
               "max_clients": scale.crowd_clients + 1000, "home": {"addresses": [_HOME], "learn": "no"}}
    return Server(place, "crowd", store=store, monitor=monitor, notifiers=channels.notifiers)


def _go_home(server, name):
    """A keepalive that is answered when its incident is stored. When it was sent."""
    body = json.dumps({"client_id": name, "public_ip": _HOME, "country": "PL"})
    connection = http.client.HTTPConnection("127.0.0.1", server.port.number, timeout=_PATIENCE_S)
    sent = time.monotonic()
    connection.request("POST", "/api/v1/keepalive", body,
                       {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise Trouble(f"the keepalive of {name} was answered with {status}")
    return sent


def _singles(server, channel, count):
    """Seconds from the keepalive that showed each incident until a healthy channel had it."""
    sent = {}
    for i in range(count):
        name = f"single-{i:02}"
        sent[name] = _go_home(server, name)
        time.sleep(_STEP_S)

    def arrived():
        return {name: message.at for message in list(channel.messages) for name in sent if name in message.text}

    _await(lambda: len(arrived()) == count, lambda: f"{count} single incidents; told: {channel.texts()}")
    at = arrived()
    return [at[name] - sent[name] for name in sent]


def _detected(server, first_id, last_id):
    """When the crowd's losses were seen, from the first to the last, on the monotonic clock."""
    status, body = server.get("/api/v1/incidents")
    if status != 200:
        raise Trouble(f"the incidents were answered with {status}")
    offset = time.time() - time.monotonic()
    found = [datetime.fromisoformat(incident["opened_at"]).timestamp() - offset for incident in json.loads(body)
             if incident["kind"] == "tunnel_lost" and first_id <= incident["client"] < last_id]
    if not found:
        raise Trouble("nobody was lost")
    return sorted(found)


def _alive(server, scale, seq, seconds):
    return Load(server, ids=scale.crowd_alive, first_id=scale.crowd_clients, first_seq=seq,
                connections=min(_CONNECTIONS, scale.crowd_alive), rate=scale.crowd_rate, seconds=seconds)


def _story(server, channels, scale):
    """The crowd reports for the last time; what is heard of it until all of it was told everywhere."""
    everybody = scale.crowd_clients
    make_known(server, everybody + scale.crowd_alive, connections=_CONNECTIONS)
    load(server, ids=everybody, count=everybody, first_seq=10_000_000, connections=_CONNECTIONS)
    silent = time.monotonic()
    calm = _alive(server, scale, 20_000_000, scale.crowd_lost_after / 2).result()
    rest = silent + scale.crowd_lost_after - 2 - time.monotonic()
    _alive(server, scale, 30_000_000, max(rest, 0.1)).result()
    channels.slow.take_of_others(scale.crowd_others)
    beside = _alive(server, scale, 40_000_000, scale.crowd_busy)
    _await(lambda: channels.fast.messages, lambda: "the first message about the crowd")
    singles = _singles(server, channels.single, scale.crowd_singles)
    busy = beside.result()
    with _alive(server, scale, 50_000_000, 3600):  # nobody else may be lost
        for channel in (channels.slow, channels.fast):
            _await(lambda told=channel: _told(told) >= everybody,
                   lambda told=channel: f"{everybody} losses to be told; {_told(told)} were: "
                                        f"{[message.title for message in told.messages]}", within=180)
        times = _detected(server, "bench-0000000", f"bench-{everybody:07}")
    return {"clients": everybody, "lost_within_s": times[-1] - times[0], "keepalives_calm": calm,
            "keepalives_beside": busy, "singles_s": singles, "refused": channels.slow.refused,
            **{name: {"messages": len(channel.messages), "told": _told(channel),
                      "first_s": channel.requests[0].at - times[0], "last_s": channel.requests[-1].at - times[0]}
               for name, channel in (("slow", channels.slow), ("fast", channels.fast))}}


def _lines(found, scale):
    lines = table(["channel", "messages", "clients told", "first, s", "last, s"], [
        [name, number(f["messages"]), number(f["told"]), number(f["first_s"], 2), number(f["last_s"], 2)]
        for name, f in ((name, found[name]) for name in ("slow", "fast"))])
    lines += ["", *table([f"keepalives, {number(scale.crowd_rate)} a second", "p50 us", "p90 us", "p99 us", "max us"], [
        [name, *(number(f[key]) for key in ("p50_us", "p90_us", "p99_us", "max_us"))]
        for name, f in (("before", found["keepalives_calm"]), ("while the crowd is lost", found["keepalives_beside"]))])]
    median, slowest = statistics.median(found["singles_s"]), max(found["singles_s"])
    first, most = (max(found[name][figure] for name in ("slow", "fast")) for figure in ("first_s", "messages"))
    return lines + [
        "", f"{number(found['clients'])} clients, all lost within {number(found['lost_within_s'], 2)} s; group: wait "
            f"{scale.crowd_wait}, interval {scale.crowd_interval}",
        verdict(first, WANTED_FIRST_S,
                f"first message {number(first, 2)} s after the first loss was seen, {WANTED_FIRST_S} s wanted"),
        verdict(most, WANTED_MESSAGES, f"all told in {most} messages, at most {WANTED_MESSAGES} wanted"),
        verdict(median, WANTED_SINGLE_MEDIAN_S, f"single incidents meanwhile, from keepalive to message: median "
                                                f"{number(median * 1000)} ms, {WANTED_SINGLE_MEDIAN_S} s wanted"),
        verdict(slowest, WANTED_SINGLE_S, f"the slowest of {len(found['singles_s'])}: {number(slowest * 1000)} ms, "
                                          f"{WANTED_SINGLE_S} s wanted"),
        verdict(found["keepalives_beside"]["p99_us"] / 1e6, WANTED_KEEPALIVE_S,
                f"keepalives meanwhile: 99 in 100 within {number(found['keepalives_beside']['p99_us'] / 1000)} ms, "
                f"{number(WANTED_KEEPALIVE_S * 1000)} wanted"),
        f"slow: takes {_SLOW_S:g} s over each message, and at most {_A_MINUTE} a minute, of which others had "
        f"{scale.crowd_others}; it refused {found['refused']}"]


def measure(place, scale):
    with Channels(scale) as channels, _server(place, channels, scale) as server:
        found = _story(server, channels, scale)
    return _lines(found, scale), found
