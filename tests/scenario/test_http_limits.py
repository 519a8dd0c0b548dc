"""
What peers may take of the server: bytes, time, connections. What they would take beyond it costs them their
own request and nobody else's.
"""

import signal
import socket
import threading
import time

import pytest

from harness import keepalive
from harness.places import VPN
from harness.raw import Raw
from harness.wait import until

HOST = b"Host: a\r\n"
HEALTH = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))
HEAD_MAX, TARGET_MAX, BODY_MAX, FIELDS_MAX = 16384, 8192, 65536, 100
LONG = 4 << 20
TIMES = 20


@pytest.fixture(scope="module")
def server(shared_lab):
    return shared_lab.server().start()


def post(server, headers, body=b"", key=True, path=b"/api/v1/keepalive"):
    shown = b"X-API-Key: " + server.key.encode() + b"\r\n" if key else b""
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + shown + headers + b"\r\n" + body


def padded_head(total):
    start = b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: "
    return start + b"a" * (total - len(start) - 4) + b"\r\n\r\n"


def fields(count):
    return b"GET /health HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % i for i in range(count - 1)) + b"\r\n"


def target(length):
    return b"GET /health?" + b"q" * (length - len("/health?")) + b" HTTP/1.1\r\n" + HOST + b"\r\n"


# --- bytes: at the limit, and one beyond -----------------------------------------------------------

@pytest.mark.parametrize("data, status", [
    pytest.param(padded_head(HEAD_MAX), 200, id="the largest head"),
    pytest.param(padded_head(HEAD_MAX + 1), 431, id="a head one byte larger"),
    pytest.param(padded_head(100000), 431, id="a header of 100 KB"),
    pytest.param(fields(FIELDS_MAX), 200, id="the most headers"),
    pytest.param(fields(FIELDS_MAX + 1), 431, id="one header more"),
    pytest.param(fields(5000), 431, id="5,000 headers"),
    pytest.param(target(TARGET_MAX), 200, id="the longest target"),
    pytest.param(target(TARGET_MAX + 1), 414, id="a target one byte longer"),
    pytest.param(b"GET /" + b"a" * 1000000, 414, id="a target of 1 MB"),
    pytest.param(b"\r\n" * 50000, 431, id="blank lines without end"),
])
def test_a_head_has_bounds(server, data, status):
    with Raw(server.port.number) as wire:
        wire.send(data)
        assert wire.answer().status == status
        assert wire.stays() if status == 200 else wire.closes()


def padded_body(length):
    return BODY[:-1] + b" " * (length - len(BODY)) + b"}"


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize("headers, body, status", [
    pytest.param(b"Content-Length: 65536\r\n", padded_body(BODY_MAX), 200, id="the largest body"),
    pytest.param(b"Content-Length: 65537\r\n", padded_body(BODY_MAX + 1), 413, id="a body one byte larger"),
    pytest.param(b"Content-Length: 65537\r\n", b"", 413, id="one that is only announced"),
    pytest.param(b"Content-Length: 10000000000\r\n", b"", 413, id="10 GB announced"),
    pytest.param(b"Content-Length: 18446744073709551615\r\n", b"", 413, id="the largest number"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(padded_body(BODY_MAX)), 200, id="the largest chunk"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(padded_body(BODY_MAX), b" "), 413, id="one chunk more"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n" + b"a" * (BODY_MAX + 1), 413,
                 id="a chunk without end"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", b"1;" + b"x" * 100000, 400, id="a chunk extension without end"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", b"0\r\n" + b"X-A: b\r\n" * 10000, 400, id="trailers without end"),
])
def test_a_body_has_bounds(server, headers, body, status):
    with Raw(server.port.number) as wire:
        wire.send(post(server, headers, body))
        assert wire.answer().status == status
        assert wire.stays() if status == 200 else wire.closes()


def test_the_largest_body_may_be_set(lab):
    server = lab.server()
    server.config["server"]["limits"] = {"body": "1KiB"}
    server.start()
    for length, status in ((1024, 200), (1025, 413)):
        assert server.post(padded_body(length)).status == status


@pytest.mark.parametrize("key, path, status", [
    pytest.param(True, b"/api/v1/keepalive", 413, id="a report that is too large"),
    pytest.param(False, b"/api/v1/keepalive", 401, id="a stranger"),
    pytest.param(True, b"/api/v1/nothing", 404, id="a path that is not there"),
    pytest.param(True, b"/api/v1/status", 405, id="another method"),
])
def test_an_early_answer_is_never_lost_though_the_body_goes_on(server, key, path, status):
    for _ in range(TIMES):
        with Raw(server.port.number) as wire:
            assert wire.send(post(server, b"Content-Length: %d\r\n" % LONG, b"a" * LONG, key, path))
            answer = wire.answer()
            assert answer.status == status and answer.header("connection") == "close"
            assert wire.closes()


def test_an_early_answer_is_never_lost_over_tls_either(lab):
    server = lab.server()
    server.config["server"]["tls"] = {"cert": str(lab.authority.folder / "server.pem"),
                                      "key": str(lab.authority.folder / "server.key")}
    server.start(ready=False)
    server.program.wait_for_log("vpn-sentinel .*: server at")
    for key, status in [(True, 413), (False, 401)] * (TIMES // 2):
        with Raw(server.port.number, context=lab.authority.client_context()) as wire:
            assert wire.send(post(server, b"Content-Length: %d\r\n" % LONG, b"a" * LONG, key))
            assert wire.answer().status == status
            assert wire.closes()


def test_a_stranger_whose_body_never_comes_is_not_waited_for(server):
    with Raw(server.port.number) as wire:
        wire.send(post(server, b"Content-Length: 60000\r\n", key=False))
        assert wire.answer().status == 401
        assert wire.closes()


# --- time -----------------------------------------------------------------------------------------

BRIEF = {"request_timeout": "700ms", "idle_timeout": "600ms", "write_timeout": "700ms"}
REQUEST_S, IDLE_S = 0.7, 0.6
MARGIN_S = 5.0  # of a busy machine


@pytest.fixture(scope="module")
def brief(shared_lab):
    server = shared_lab.server(name="brief")
    server.config["server"]["limits"] = dict(BRIEF)
    return server.start()


def dribble(wire, data, pause=0.02):
    """A byte at a time until the peer has enough; returns for how long it took them."""
    begun = time.monotonic()
    wire.socket.settimeout(pause)
    for at in range(len(data)):
        if not wire.send(data[at : at + 1]):
            break
        try:
            wire.buffer += wire.socket.recv(65536)
        except TimeoutError:
            continue
        break
    wire.socket.settimeout(MARGIN_S)
    return time.monotonic() - begun


@pytest.mark.parametrize("before, slow", [
    pytest.param(b"", b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 5000, id="its head"),
    pytest.param(b"Content-Length: 5000\r\n", b" " * 5000, id="its body"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", b"1\r\n \r\n" * 1000, id="its chunks"),
    pytest.param(b"Transfer-Encoding: chunked\r\n", b"0\r\n" + b"X-A: b\r\n" * 1000, id="its trailers"),
])
def test_a_peer_that_dribbles_is_cut_by_one_deadline_that_its_bytes_do_not_move(brief, before, slow):
    with Raw(brief.port.number) as wire:
        if before:
            wire.send(post(brief, before))
        took = dribble(wire, slow)
        assert wire.answer().status == 408
        assert REQUEST_S - 0.05 <= took <= REQUEST_S + MARGIN_S
        assert wire.closes()


def test_a_hundred_that_dribble_hold_up_nobody(brief):
    wires = [Raw(brief.port.number) for _ in range(100)]
    threads = [threading.Thread(target=dribble, args=(wire, b"GET /" + b"a" * 5000)) for wire in wires]
    for thread in threads:
        thread.start()
    taken = 0
    while any(thread.is_alive() for thread in threads):
        assert brief.post(BODY).status == 200
        taken += 1
    assert taken > 3, "reports were taken meanwhile, not one after the other's deadline"
    for wire in wires:
        assert wire.answer().status == 408
        wire.socket.close()


@pytest.mark.parametrize("first", [b"", HEALTH], ids=["who says nothing", "who says nothing more"])
def test_an_idle_connection_ends_after_its_time(brief, first):
    with Raw(brief.port.number) as wire:
        begun = time.monotonic()
        wire.send(first)
        if first:
            assert wire.answer().status == 200
        assert wire.closes(MARGIN_S)
        assert time.monotonic() - begun >= IDLE_S - 0.05


def test_a_connection_that_is_used_does_not_end(brief):
    end = time.monotonic() + 3 * IDLE_S
    with Raw(brief.port.number) as wire:
        while time.monotonic() < end:
            assert wire.stays()
            time.sleep(IDLE_S / 4)


def list_of(server, times):
    question = b"GET /api/v1/status HTTP/1.1\r\n" + HOST + b"X-API-Key: " + server.key.encode() + b"\r\n\r\n"
    return question * times


@pytest.fixture(scope="module")
def crowded(brief):
    """With a list long enough that some of them fill every buffer on the way."""
    with Raw(brief.port.number) as wire:
        for i in range(300):
            body = keepalive.encode(keepalive.flat(f"client-{i}", VPN, "RO"))
            wire.send(post(brief, b"Content-Length: %d\r\n" % len(body), body))
            assert wire.answer().status == 200
    return brief


def connections(server):
    lines = server.get("/metrics", api="").body.decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("vpn_sentinel_http_connections "))


def test_a_reader_that_takes_nothing_is_cut_and_holds_up_nobody(crowded):
    until(lambda: connections(crowded) == 1, "only our own question to be there")
    with Raw(crowded.port.number, receive_buffer=4096) as wire:
        wire.send(list_of(crowded, 200))
        until(lambda: connections(crowded) == 2, "it to be there")
        assert crowded.post(BODY).status == 200
        until(lambda: connections(crowded) == 1, "it to be cut", within=MARGIN_S)


def test_a_slow_reader_gets_everything(crowded):
    count = 80
    with Raw(crowded.port.number, receive_buffer=65536) as wire:
        wire.send(list_of(crowded, count))
        begun = time.monotonic()
        while time.monotonic() - begun < 3 * REQUEST_S:  # several write deadlines
            wire.buffer += wire.socket.recv(16384)
            time.sleep(0.02)
        assert wire.statuses(count) == [200] * count
        assert wire.stays()


# --- connections ----------------------------------------------------------------------------------

@pytest.fixture
def few(lab):
    server = lab.server()
    server.config["server"]["limits"] = {"connections": 10, "per_address": 8}
    return server.start()


def test_at_the_limit_the_longest_idle_connection_makes_room(few):
    wires = [Raw(few.port.number, source=f"127.0.0.{2 + i // 5}") for i in range(10)]
    for wire in wires:
        assert wire.stays()
    with Raw(few.port.number) as late:
        assert late.stays()
    assert wires[0].closes()
    assert all(wire.stays() for wire in wires[1:])
    few.program.wait_for_log(r"limit of connections \(server.limits.connections\) is reached")


def test_one_address_has_its_share_and_others_come_in(few):
    wires = [Raw(few.port.number, source="127.0.0.2") for _ in range(8)]
    assert all(wire.stays() for wire in wires)
    with Raw(few.port.number, source="127.0.0.2") as ninth:
        assert ninth.closes()
    with Raw(few.port.number, source="127.0.0.3") as other:
        assert other.stays()
    wires[3].socket.close()

    def comes_in():
        with Raw(few.port.number, source="127.0.0.2") as wire:
            try:
                return wire.stays()
            except ConnectionResetError:
                return False

    until(comes_in, "the place that was given back to be had")
    assert all(wire.stays() for wire in wires[:3])
    few.program.wait_for_log(r"limit of connections \(server.limits.per_address\)")


def test_a_crowd_that_only_connects_locks_nobody_out(few):
    for _ in range(300):
        Raw(few.port.number, source="127.0.0.2").socket.close()
    silent = [Raw(few.port.number, source="127.0.0.2") for _ in range(50)]
    assert few.post(BODY).status == 200
    assert len(silent) == 50


def test_a_crowd_that_dribbles_locks_nobody_out(few):
    slow = []
    for i in range(30):
        slow.append(Raw(few.port.number, source=f"127.0.0.{2 + i // 5}"))
        slow[-1].send(b"GET /health HTTP/1.1\r\nHo")
    assert few.post(BODY).status == 200
    with Raw(few.port.number) as wire:
        assert wire.stays()
    assert len(slow) == 30


def test_with_fewer_descriptors_than_connections_it_takes_what_fits_and_says_so(lab):
    server = lab.server()
    server.program.wrapper = ["sh", "-c", 'ulimit -n 400; exec "$@"', "sh"]
    server.start()
    server.program.wait_for_log(r"there is room for \d+ connections only, not 12000.*LimitNOFILE")
    wires = [Raw(server.port.number) for _ in range(380)]
    assert server.post(BODY).status == 200
    assert sum(wire.closes(0.05) for wire in wires[:10]) > 0, "the longest idle ones made room"


def test_a_soft_limit_of_descriptors_is_raised(lab):
    server = lab.server()
    server.program.wrapper = ["sh", "-c", 'ulimit -S -n 64; exec "$@"', "sh"]
    server.config["server"]["limits"] = {"connections": 500}
    server.start()
    wires = [Raw(server.port.number) for _ in range(200)]
    assert all(wire.stays() for wire in wires)


# --- the end --------------------------------------------------------------------------------------

def test_a_server_with_idle_connections_ends_within_a_second(lab):
    server = lab.server().start()
    wires = [Raw(server.port.number) for _ in range(100)]
    assert all(wire.stays() for wire in wires)
    assert server.stop() < 1
    assert all(wire.closes() for wire in wires)


def test_a_request_that_is_under_way_when_the_server_ends_is_answered(lab):
    server = lab.server().start()
    with Raw(server.port.number) as wire:
        wire.send(post(server, b"Content-Length: %d\r\n" % len(BODY), BODY[:20]))
        until(lambda: connections(server) >= 1, "it to be there")
        server.program.signal(signal.SIGTERM)
        server.program.wait_for_log("stopping after signal 15")
        wire.send(BODY[20:])
        answer = wire.answer()
        assert answer.status in (200, 503) and answer.header("connection") == "close"
        assert wire.closes()
    assert server.program.wait() == 0


def test_what_comes_after_the_last_answer_of_a_server_that_ends_does_not_cost_it(lab):
    server = lab.server().start()
    with Raw(server.port.number) as wire:
        wire.send(post(server, b"Content-Length: %d\r\n" % len(BODY), BODY[:20]))
        until(lambda: connections(server) >= 1, "it to be there")
        server.program.signal(signal.SIGTERM)
        server.program.wait_for_log("stopping after signal 15")
        wire.send(BODY[20:])
        assert wire.socket.recv(1, socket.MSG_PEEK) == b"H"
        assert wire.send(HEALTH, piece=4, pause=0.002), "it is not reset"
        answer = wire.answer()
        assert answer.status in (200, 503) and answer.header("connection") == "close"
        assert wire.closes()
    assert server.program.wait() == 0


def test_a_request_that_never_ends_holds_up_the_end_for_5_seconds_at_most(lab):
    server = lab.server().start()
    with Raw(server.port.number) as wire:
        wire.send(post(server, b"Content-Length: 500\r\n", b"{"))
        until(lambda: connections(server) >= 1, "it to be there")
        assert server.stop() <= 5.5
