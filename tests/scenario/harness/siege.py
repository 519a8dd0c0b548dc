"""
Attackers, each kind a process of its own with one epoll loop. They end when their standard input does,
so that none outlives its test, and then print what they did as one line of JSON.
"""

import errno
import json
import os
import random
import select
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter, deque

HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
ROUNDS = 4  # of requests that a flooding connection sends at once
DRIBBLE_S = 1.0
TURN_S = 0.02
TIRED = 19  # of nice: the server under siege is not to be starved of a processor by those who besiege it


def hello():
    """The bytes that a TLS client begins with."""
    context = ssl.create_default_context()
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Attack:
    """
    Holds `count` connections from `sources` in turn, opens at most `pace` a second, and opens another one for
    each that was cut. Counts connections opened and cut, bytes sent, answers by status.
    """

    def __init__(self, port, sources, count, pace):
        self.port, self.sources, self.count, self.pace = port, sources, count, pace
        self.epoll = select.epoll()
        self.open = {}  # by descriptor
        self.young = set()  # not known to be connected
        self.done = Counter()
        self.begun = time.monotonic()
        self.ending = False

    # -- what kinds differ in

    def connected(self, wire):
        """May send."""

    def read(self, wire, data):
        """Something came."""

    def turn(self):
        """Now and then."""

    # -- what they share

    def enter(self):
        wire = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: ports are chosen a destination
        wire.bind((self.sources[self.done["opened"] % len(self.sources)], 0))
        self.done["opened"] += 1
        self.open[wire.fileno()] = wire
        if wire.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            self.leave(wire, "refused")
            return
        self.young.add(wire)
        self.epoll.register(wire.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)

    def leave(self, wire, why):
        self.done[why] += 1
        self.young.discard(wire)
        del self.open[wire.fileno()]
        wire.close()

    def send(self, wire, data):
        try:
            self.done["sent"] += wire.send(data)
        except BlockingIOError:
            pass
        except OSError:
            self.leave(wire, "cut")

    def event(self, wire, events):
        if events & select.EPOLLIN:
            try:
                data = wire.recv(262144)
            except BlockingIOError:
                data = None
            except OSError:
                data = b""
            if data == b"":
                self.leave(wire, "cut")
                return
            if data:
                self.read(wire, data)
        elif events & (select.EPOLLERR | select.EPOLLHUP):
            self.leave(wire, "cut")
        elif wire in self.young:
            self.young.remove(wire)
            self.connected(wire)

    def refill(self):
        allowed = (time.monotonic() - self.begun) * self.pace
        while len(self.open) < self.count and self.done["opened"] < allowed:
            self.enter()

    def run(self):
        self.epoll.register(sys.stdin.fileno(), select.EPOLLIN)
        while not self.ending:
            self.refill()
            for fd, events in self.epoll.poll(TURN_S):
                if fd == sys.stdin.fileno():
                    self.ending = True
                elif fd in self.open:
                    self.event(self.open[fd], events)
            self.turn()
        self.done["held"] = len(self.open)
        return dict(self.done)


class Idle(Attack):
    """Every other one asks once, which anybody may; then nothing more comes."""

    def connected(self, wire):
        if wire.fileno() % 2:
            self.send(wire, HEALTH)


class Dribble(Attack):
    """A byte a second of a head that has no end."""

    def __init__(self, *args):
        super().__init__(*args)
        self.due = deque()

    def connected(self, wire):
        self.due.append((time.monotonic() + random.random() * DRIBBLE_S, wire))
        self.send(wire, HEALTH[:18])

    def turn(self):
        now = time.monotonic()
        while self.due and self.due[0][0] <= now:
            _, wire = self.due.popleft()
            if wire.fileno() >= 0:
                self.due.append((now + DRIBBLE_S, wire))
                self.send(wire, b"a")


class Flood(Attack):
    """Requests of strangers, as many as are answered, without a key, with a wrong one, and with a body."""

    REQUESTS = (b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\nX-API-Key: guessed-0123456789abcdef\r\n\r\n",
                b"POST /api/v1/keepalive HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" + b"{" * 20,
                b"DELETE /api/v1/clients/office-vpn HTTP/1.1\r\nHost: a\r\n\r\n")
    AT_ONCE = REQUESTS * ROUNDS

    def __init__(self, *args):
        super().__init__(*args)
        self.blob = b"".join(self.AT_ONCE)
        self.missing = {}  # answers

    def connected(self, wire):
        self.missing[wire] = len(self.AT_ONCE)
        self.send(wire, self.blob)

    def read(self, wire, data):
        answers = data.split(b"HTTP/1.1 ")[1:]
        for answer in answers:
            self.done[answer[:3].decode("latin-1")] += 1
        self.done["answers"] += len(answers)
        self.missing[wire] -= len(answers)
        if self.missing[wire] <= 0:
            self.again(wire)

    def leave(self, wire, why):
        super().leave(wire, why)
        self.missing.pop(wire, None)

    def again(self, wire):
        self.connected(wire)


class Short(Flood):
    """The same with a connection for each request."""

    AT_ONCE = Flood.REQUESTS[1:2]

    def again(self, wire):
        self.leave(wire, "left")


class Begun(Attack):
    """TLS handshakes that are begun; who began leaves when the answer comes, and begins anew."""

    def __init__(self, *args):
        super().__init__(*args)
        self.hello = hello()

    def connected(self, wire):
        self.send(wire, self.hello)

    def read(self, wire, _data):
        self.leave(wire, "left")


class Encrypted(Attack):
    """TLS handshakes that are finished; then nothing more comes."""

    def __init__(self, *args):
        super().__init__(*args)
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.halves = {}

    def connected(self, wire):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.halves[wire] = (self.context.wrap_bio(incoming, outgoing), incoming, outgoing)
        self.advance(wire)

    def read(self, wire, data):
        if wire in self.halves:
            self.halves[wire][1].write(data)
            self.advance(wire)

    def advance(self, wire):
        half, _, outgoing = self.halves[wire]
        try:
            half.do_handshake()
            del self.halves[wire]
            self.done["shaken"] += 1
        except ssl.SSLWantReadError:
            pass
        self.send(wire, outgoing.read())

    def leave(self, wire, why):
        super().leave(wire, why)
        self.halves.pop(wire, None)


KINDS = {"idle": Idle, "dribble": Dribble, "flood": Flood, "short": Short, "silent": Attack, "begun": Begun,
         "encrypted": Encrypted}


class Siege:
    """The attackers of a test: `send()` a kind, then `lift()` to have {kind: what it did}."""

    def __init__(self):
        self.sent = {}

    def send(self, kind, port, sources, count, pace):
        order = json.dumps([kind, port, sources, count, pace])
        self.sent[kind] = subprocess.Popen([sys.executable, __file__, order], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, text=True)

    def lift(self):
        for attacker in self.sent.values():
            attacker.stdin.close()
        did = {kind: json.loads(attacker.stdout.read() or "null") for kind, attacker in self.sent.items()}
        for attacker in self.sent.values():
            attacker.wait(10)
            attacker.stdout.close()
        self.sent = {}
        return did

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for attacker in self.sent.values():
            attacker.kill()
            attacker.wait(10)


def main():
    kind, *order = json.loads(sys.argv[1])
    os.nice(TIRED)
    print(json.dumps(KINDS[kind](*order).run()))


if __name__ == "__main__":
    main()
