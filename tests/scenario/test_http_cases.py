"""
What the built server makes of bytes: one row a case, each over a connection of its own. Behind each
request that must be refused stands one that would report a client: it must never be read as a request.
"""

import json

import pytest

from harness import keepalive
from harness.places import VPN
from harness.raw import Raw
from harness.roles import API

KEY = b"X-API-Key: @KEY@\r\n"
HOST = b"Host: a\r\n"
HEALTH = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
STATUS = b"GET /api/v1/status HTTP/1.1\r\n" + HOST + KEY + b"\r\n"
BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))
SMUGGLED = keepalive.encode(keepalive.flat("smuggled", VPN, "RO"))
STAYS, CLOSES, OVER = "stays", "closes", "closes, or is reset by what comes after all"


def get(path=b"/health", headers=b"", version=b"HTTP/1.1"):
    return b"GET " + path + b" " + version + b"\r\n" + HOST + headers + b"\r\n"


def post(headers=None, body=BODY, path=b"/api/v1/keepalive", method=b"POST"):
    if headers is None:
        headers = b"Content-Length: %d\r\n" % len(body)
    return method + b" " + path + b" HTTP/1.1\r\n" + HOST + KEY + headers + b"\r\n" + body


def chunked(*chunks, end=b"0\r\n\r\n", headers=b"Transfer-Encoding: chunked\r\n"):
    return post(headers, b"".join(chunks) + end)


def chunk(data, size=None, extension=b""):
    return (size or b"%x" % len(data)) + extension + b"\r\n" + data + b"\r\n"


def halves(body):
    return chunk(body[:50]), chunk(body[50:])


# --- what is valid: (name, bytes, statuses, stays or closes) ------------------------------------

VALID = [
    ("two pipelined requests", HEALTH + HEALTH, [200, 200], STAYS),
    ("forty pipelined reports", post() * 40, [200] * 40, STAYS),
    ("a report, then a question", post() + STATUS, [200, 200], STAYS),
    ("a report refused, then another that is taken", post(body=b"{}") + post(), [400, 200], STAYS),
    ("blank lines before the request line", b"\r\n\r\n" + HEALTH, [200], STAYS),
    ("a chunked report", chunked(chunk(BODY)), [200], STAYS),
    ("a report in two chunks, then another request", chunked(*halves(BODY)) + HEALTH, [200, 200], STAYS),
    ("a chunk for each byte", chunked(*(chunk(BODY[i : i + 1]) for i in range(len(BODY)))), [200], STAYS),
    ("chunks with an extension", chunked(chunk(BODY, extension=b';a="b c"')), [200], STAYS),
    ("a chunk size in upper case with zeros before it", chunked(chunk(BODY, b"00%X" % len(BODY))), [200], STAYS),
    ("a chunked report with trailers", chunked(chunk(BODY), end=b"0\r\nX-A: b\r\nDigest: c\r\n\r\n") + HEALTH,
     [200, 200], STAYS),
    ("a trailer is no header: its key opens nothing",
     b"POST /api/v1/keepalive HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(BODY)
     + b"0\r\n" + KEY + b"\r\n", [401], CLOSES),
    ("Chunked in upper case", chunked(chunk(BODY), headers=b"Transfer-Encoding: CHUNKED\r\n"), [200], STAYS),
    ("header names in any case", b"GET /api/v1/status HTTP/1.1\r\nhOST: a\r\nx-api-KEY: @KEY@\r\n\r\n", [200], STAYS),
    ("blanks and tabs around a value", get(headers=b"X-A: \t b \t \r\n"), [200], STAYS),
    ("an empty value", get(headers=b"X-A:\r\nX-B: \r\n"), [200], STAYS),
    ("a value with bytes over 127", get(headers=b"X-A: caf\xc3\xa9 \xff\r\n"), [200], STAYS),
    ("a length with blanks after it", post(b"Content-Length: %d \r\n" % len(BODY)), [200], STAYS),
    ("a length with zeros before it", post(b"Content-Length: 000%d\r\n" % len(BODY)), [200], STAYS),
    ("a GET with a body, then another request", get(headers=b"Content-Length: 3\r\n") + b"abc" + HEALTH,
     [200, 200], STAYS),
    ("a GET with a body that looks like a request", get(headers=b"Content-Length: %d\r\n" % len(HEALTH)) + HEALTH
     + HEALTH, [200, 200], STAYS),
    ("an empty Host", b"GET /health HTTP/1.1\r\nHost:\r\n\r\n", [200], STAYS),
    ("a Host with a port", b"GET /health HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n", [200], STAYS),
    ("Connection: close", get(headers=b"Connection: close\r\n"), [200], CLOSES),
    ("more after Connection: close", get(headers=b"Connection: close\r\n") + HEALTH, [200], OVER),
    ("Connection: keep-alive, close", get(headers=b"Connection: keep-alive, close\r\n"), [200], CLOSES),
    ("HTTP/1.0 ends with its answer", b"GET /health HTTP/1.0\r\n\r\n", [200], CLOSES),
    ("HTTP/1.0 with keep-alive stays", b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [200], STAYS),
    ("HTTP/1.0 gets a long list without chunks", b"GET /api/v1/status HTTP/1.0\r\n" + KEY + b"\r\n", [200], CLOSES),
    ("an offer of a web socket is declined", get(headers=b"Connection: Upgrade\r\nUpgrade: websocket\r\n"), [200],
     STAYS),
    ("an offer of HTTP/2 is declined and the next request read",
     get(headers=b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")
     + HEALTH, [200, 200], STAYS),
    ("an upgrade with a body", post(b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n" % len(BODY))
     + HEALTH, [200, 200], STAYS),
    ("absolute form", get(b"http://a/health"), [200], STAYS),
    ("absolute form with another host than Host", get(b"http://elsewhere.example:99/health"), [200], STAYS),
    ("absolute form of https", get(b"https://a/health"), [200], STAYS),
    ("absolute form without a path", b"GET http://a HTTP/1.1\r\n" + HOST + KEY + b"\r\n", [200], STAYS),
    ("an escaped letter in the path", get(b"/he%61lth"), [200], STAYS),
    ("an empty query", get(b"/health?"), [200], STAYS),
    ("a query of separators", get(b"/health?&&==&a&=b&%00%zz"), [200], STAYS),
    ("Expect without a body", get(headers=b"Expect: 100-continue\r\n"), [200], STAYS),
    ("Expect with the body behind it", post(b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(BODY)), [200],
     STAYS),
    ("Expect in HTTP/1.0 is ignored", b"POST /api/v1/keepalive HTTP/1.0\r\n" + KEY
     + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY, [200], CLOSES),
    ("OPTIONS of everything", b"OPTIONS * HTTP/1.1\r\n" + HOST + KEY + b"\r\n", [204], STAYS),
]

# --- what is there, and what is not --------------------------------------------------------------

TARGETS = [
    ("a path that is not there", b"/no-such-thing", 404),
    ("a path with a slash more", b"/health/", 404),
    ("a path with a slash doubled", b"//health", 404),
    ("a path with a parameter", b"/health;a=b", 404),
    ("a path in upper case", b"/HEALTH", 404),
    ("a path that climbs", b"/api/v1/../../etc/passwd", 404),
    ("a path that climbs to what is there", b"/x/../health", 404),
    ("a path that climbs in escapes", b"/api/v1/clients/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
    ("a client whose name is a path", b"/api/v1/clients/..%2f..%2fstatus", 404),
    ("a client with a line in its name", b"/api/v1/clients/a%0d%0aX-Injected:%20yes", 404),
    ("a client that is not there", b"/api/v1/clients/nobody", 404),
    ("an empty client", b"/api/v1/clients/", 404),
    ("a limit twice: the first counts", b"/api/v1/status?limit=1&limit=x", 200),
    ("a limit of no number", b"/api/v1/status?limit=ten", 400),
    ("a limit below one", b"/api/v1/status?limit=0", 400),
    ("a negative limit", b"/api/v1/status?limit=-1", 400),
    ("a limit that overflows", b"/api/v1/status?limit=99999999999999999999", 400),
    ("an escape that is none in a query", b"/api/v1/status?limit=%zz", 400),
    ("a NUL in a query", b"/api/v1/status?limit=1%00", 400),
    ("a query that is only marks", b"/api/v1/status????&&&", 200),
]

# --- what can be read in two ways, or in none: 400, close, and nothing behind it is read --------

BAD = [
    ("no Host", b"GET /health HTTP/1.1\r\n\r\n"),
    ("two Hosts", get(headers=HOST)),
    ("two Hosts that differ", get(headers=b"Host: b\r\n")),
    ("a Host with a blank", b"GET /health HTTP/1.1\r\nHost: a b\r\n\r\n"),
    ("a Host with a path", b"GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ("a Host with a user", b"GET /health HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    ("a Host with two ports", b"GET /health HTTP/1.1\r\nHost: a:b:c\r\n\r\n"),
    ("a Host whose port is no number", b"GET /health HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    ("a Host with an open bracket", b"GET /health HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    ("a list of Hosts", b"GET /health HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    ("two Hosts in HTTP/1.0", b"GET /health HTTP/1.0\r\n" + HOST + HOST + b"\r\n"),
    ("length and chunked", post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
    ("chunked and length", post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n")),
    ("chunked, identity", chunked(headers=b"Transfer-Encoding: chunked, identity\r\n")),
    ("identity, chunked", chunked(headers=b"Transfer-Encoding: identity, chunked\r\n")),
    ("gzip, chunked", chunked(headers=b"Transfer-Encoding: gzip, chunked\r\n")),
    ("chunked, chunked", chunked(headers=b"Transfer-Encoding: chunked, chunked\r\n")),
    ("chunked twice", chunked(headers=b"Transfer-Encoding: chunked\r\n" * 2)),
    ("identity and length", post(b"Transfer-Encoding: identity\r\nContent-Length: 4\r\n", b"abcd")),
    ("xchunked", chunked(headers=b"Transfer-Encoding: xchunked\r\n")),
    ("chunked in quotes", chunked(headers=b'Transfer-Encoding: "chunked"\r\n')),
    ("chunked with a parameter", chunked(headers=b"Transfer-Encoding: chunked;q=1\r\n")),
    ("chunked after a vertical tab", chunked(headers=b"Transfer-Encoding: \x0bchunked\r\n")),
    ("chunked with a blank before the colon", chunked(headers=b"Transfer-Encoding : chunked\r\n")),
    ("an empty coding", chunked(headers=b"Transfer-Encoding:\r\n")),
    ("chunked in HTTP/1.0", b"POST /api/v1/keepalive HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two lengths that differ", post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd")),
    ("two lengths that agree", post(b"Content-Length: 4\r\nContent-Length: 4\r\n", b"abcd")),
    ("a list of lengths", post(b"Content-Length: 4, 4\r\n", b"abcd")),
    ("a length with a plus", post(b"Content-Length: +4\r\n", b"abcd")),
    ("a negative length", post(b"Content-Length: -1\r\n", b"")),
    ("a length of letters", post(b"Content-Length: 0x4\r\n", b"abcd")),
    ("a length with a blank in it", post(b"Content-Length: 4 4\r\n", b"abcd")),
    ("an empty length", post(b"Content-Length:\r\n", b"")),
    ("a length of 2^64 and four", post(b"Content-Length: 18446744073709551620\r\n", b"abcd")),
    ("a blank before a colon", get(headers=b"X-A : b\r\n")),
    ("a tab before a colon", get(headers=b"X-A\t: b\r\n")),
    ("a blank before the first header", b"GET /health HTTP/1.1\r\n Host: a\r\n\r\n"),
    ("a header without a name", get(headers=b": b\r\n")),
    ("a header without a colon", get(headers=b"X-A\r\n")),
    ("a folded header", get(headers=b"X-A: b\r\n c\r\n")),
    ("a header folded with a tab", get(headers=b"X-A: b\r\n\tc\r\n")),
    ("a folded coding", chunked(headers=b"Transfer-Encoding:\r\n chunked\r\n")),
    ("a NUL in a value", get(headers=b"X-A: b\0c\r\n")),
    ("a NUL in a name", get(headers=b"X\0A: b\r\n")),
    ("a control character in a name", get(headers=b"X\x01A: b\r\n")),
    ("a control character in a value", get(headers=b"X-A: b\x01c\r\n")),
    ("a delete character in a value", get(headers=b"X-A: b\x7fc\r\n")),
    ("a bare CR in a value", get(headers=b"X-A: b\rX-B: c\r\n")),
    ("a bare CR that hides a coding", post(b"X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"abcd")),
    ("a bare CR before the request line", b"\r" + HEALTH),
    ("a bare CR after a blank line", b"\r\n\r" + HEALTH),
    ("bare LF everywhere", b"GET /health HTTP/1.1\nHost: a\n\n"),
    ("a bare LF after the request line", b"GET /health HTTP/1.1\nHost: a\r\n\r\n"),
    ("a bare LF after a header", b"GET /health HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n"),
    ("a bare LF at the end of the head", b"GET /health HTTP/1.1\r\nHost: a\r\n\n"),
    ("a bare LF before the request line", b"\n" + HEALTH),
    ("a bare LF after a chunk size", chunked(b"4\nabcd\r\n")),
    ("a bare LF after a chunk", chunked(b"4\r\nabcd\n")),
    ("a bare LF after the last chunk", chunked(end=b"0\n\n")),
    ("a bare LF in a trailer", chunked(end=b"0\r\nX-A: b\n\r\n")),
    ("a coding with a tab behind it", chunked(chunk(b"abcd"), headers=b"Transfer-Encoding: chunked\t\r\n")),
    ("a bare LF that ends the trailers", chunked(end=b"0\r\nX-A: b\r\n\n")),
    ("a bare LF instead of trailers", chunked(end=b"0\r\n\n")),
    ("a folded trailer", chunked(end=b"0\r\nX-A: b\r\n c\r\n\r\n")),
    ("a bare LF in a chunk extension", chunked(b"4;a\nb\r\nabcd\r\n")),
    ("two CRs at the end of the head", b"GET /health HTTP/1.1\r\nHost: a\r\n\r\rX"),
    ("a chunk size with a prefix", chunked(b"0x4\r\nabcd\r\n")),
    ("a negative chunk size", chunked(b"-4\r\nabcd\r\n")),
    ("a chunk size that overflows", chunked(b"10000000000000004\r\nabcd\r\n")),
    ("an empty chunk size", chunked(b"\r\nabcd\r\n")),
    ("a chunk longer than it says", chunked(b"2\r\nabcd\r\n")),
    ("a chunk size of no digits", chunked(b"four\r\nabcd\r\n")),
    ("HTTP/0.9", b"GET /health\r\n\r\n"),
    ("HTTP/1.2", get(version=b"HTTP/1.2")),
    ("HTTP/2.0", get(version=b"HTTP/2.0")),
    ("HTTP/9.9", get(version=b"HTTP/9.9")),
    ("HTTP/1.10", get(version=b"HTTP/1.10")),
    ("http in lower case", get(version=b"http/1.1")),
    ("a blank after the version", get(version=b"HTTP/1.1 ")),
    ("another protocol", get(version=b"ICE/1.1")),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("a greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("garbage", b"\xff\xfe\xfd" * 30),
    ("two blanks before the target", b"GET  /health HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("two blanks after the target", b"GET /health  HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a tab after the method", b"GET\t/health HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("no target", b"GET HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a blank in the target", get(b"/hea lth")),
    ("a fragment", get(b"/health#top")),
    ("a byte over 127 in the target", get(b"/\xc3\xa9")),
    ("a control character in the target", get(b"/hea\x01lth")),
    ("a NUL in the target", get(b"/health\0")),
    ("an escaped NUL in the path", get(b"/health%00")),
    ("half an escape", get(b"/health%4")),
    ("an escape of no digits", get(b"/health%zz")),
    ("a target without a slash", get(b"health")),
    ("everything, with GET", get(b"*")),
    ("absolute form with a user", get(b"http://u:p@a/health")),
    ("absolute form of another scheme", get(b"ftp://a/health")),
    ("authority form with GET", get(b"a:80")),
    ("CONNECT", b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("TRACE", post(method=b"TRACE")),
    ("a method of WebDAV", post(method=b"PROPFIND")),
    ("a method of RTSP", b"DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    ("a method of RTSP in HTTP", post(method=b"ANNOUNCE")),
    ("an unknown method", post(method=b"BREW")),
    ("a method in lower case", post(method=b"post")),
    ("a method that goes on", post(method=b"POSTT")),
]


def cases(rows):
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.fixture(scope="module")
def server(shared_lab):
    server = shared_lab.server().start()
    assert server.post(BODY).status == 200
    return server


def spell(server, data):
    return data.replace(b"@KEY@", server.key.encode())


def behind(server):
    """A report that would be taken if it were read as a request."""
    return spell(server, post(body=SMUGGLED))


def final(wire):
    """The next answer that is not "100 Continue": who sends slowly may be told to go on, or not."""
    while (answer := wire.answer()) and answer.status == 100:
        pass
    return answer


def ends(wire, fate):
    """A peer that breaks its own word by sending on finds nobody there, if it is too late for an end in good order."""
    try:
        return wire.closes()
    except ConnectionResetError:
        return fate == OVER


@pytest.mark.parametrize("piece", [None, 1], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("data, statuses, fate", cases(VALID))
def test_what_is_valid_is_answered(server, data, statuses, fate, piece):
    data = spell(server, data)
    if piece and len(data) > 4000:
        piece = 17
    with Raw(server.port.number) as wire:
        wire.send(data, piece)
        answers = [final(wire) for _ in statuses]
        assert [answer and answer.status for answer in answers] == statuses
        assert wire.stays() if fate == STAYS else ends(wire, fate)
        if fate != STAYS:
            assert answers[-1].header("connection") == "close"


@pytest.mark.parametrize("path, status", cases(TARGETS))
def test_a_target_gets_its_status(server, path, status):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, get(path, KEY)))
        answer = wire.answer()
        assert answer.status == status and answer.header("x-injected") is None
        if status != 200:
            assert answer.header("content-type") == "application/problem+json"
        assert wire.stays()


def assert_refused(wire):
    answer = wire.answer()
    assert answer and answer.status == 400, answer
    assert answer.header("content-type") == "application/problem+json"
    assert json.loads(answer.body)["status"] == 400
    assert answer.header("connection") == "close"
    assert wire.closes()


@pytest.mark.parametrize("piece", [None, 1], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("data", cases(BAD))
def test_what_is_broken_or_can_be_read_in_two_ways_is_400_and_ends(server, data, piece):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, data) + (b"" if piece else behind(server)), piece)
        if piece:
            wire.send(behind(server))
        assert_refused(wire)
    assert "smuggled" not in server.status()


@pytest.mark.parametrize("data", cases(row for row in BAD if row[0] in (
    "length and chunked", "two lengths that differ", "bare LF everywhere", "two Hosts", "garbage")))
def test_what_came_before_a_broken_request_is_answered_first(server, data):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, HEALTH + post() + data) + behind(server))
        assert wire.statuses(2) == [200, 200]
        assert_refused(wire)
    assert "smuggled" not in server.status()


def test_two_requests_in_the_body_of_a_report_are_no_requests(server):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, post(body=behind(server))))
        assert wire.statuses(1) == [400]
        assert wire.stays()
    assert "smuggled" not in server.status()


# --- methods -------------------------------------------------------------------------------------

READ = "GET, HEAD, OPTIONS"
ROUTES = [
    ("/health", READ), (f"{API}/health", READ), (f"{API}/status", READ), ("/status", READ), ("/", READ),
    ("/metrics", READ), (f"{API}/incidents", READ), (f"{API}/clients/office-vpn", "GET, HEAD, DELETE, OPTIONS"),
    (f"{API}/clients/office-vpn/incidents", READ), (f"{API}/clients/office-vpn/history", READ),
    (f"{API}/keepalive", "POST, OPTIONS"), (f"{API}/backup", "POST, OPTIONS"),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def ask(server, method, path, wire):
    wire.send(spell(server, b"%s %s HTTP/1.1\r\n" % (method.encode(), path.encode()) + HOST + KEY + b"\r\n"))
    return wire.answer(to_head=method == "HEAD")


@pytest.mark.parametrize("path, allow", ROUTES)
def test_options_tells_the_methods_of_a_path_and_others_are_405(server, path, allow):
    with Raw(server.port.number) as wire:
        answer = ask(server, "OPTIONS", path, wire)
        assert answer.status == 204 and answer.header("allow") == allow and not answer.body
        for method in set(METHODS) - set(allow.split(", ")):
            answer = ask(server, method, path, wire)
            assert answer.status == 405 and answer.header("allow") == allow, method
        assert wire.stays()


CHANGING = {"date", "x-ratelimit-remaining", "x-ratelimit-reset", "content-length"}


@pytest.mark.parametrize("path", [path for path, allow in ROUTES if "HEAD" in allow] + ["/no-such-thing"])
def test_head_has_the_headers_of_get_and_no_body(server, path):
    with Raw(server.port.number) as wire:
        to_get = ask(server, "GET", path, wire)
        to_head = ask(server, "HEAD", path, wire)
        assert to_head.status == to_get.status
        assert [name for name, _ in to_head.headers] == [name for name, _ in to_get.headers]
        assert dict(to_head.headers).items() ^ dict(to_get.headers).items() <= {
            (name, value) for answer in (to_get, to_head) for name, value in answer.headers if name in CHANGING}
        assert wire.stays(), "a body followed the answer to HEAD"


# --- before the body -----------------------------------------------------------------------------

EXPECT = b"Expect: 100-continue\r\n"


def test_continue_is_said_when_the_key_is_good_and_the_body_is_waited_for(server):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, post(EXPECT + b"Content-Length: %d\r\n" % len(BODY), b"")))
        assert wire.answer().status == 100
        wire.send(BODY)
        assert wire.answer().status == 200
        assert wire.stays()


def test_continue_is_said_to_a_chunked_body_too(server):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, post(EXPECT + b"Transfer-Encoding: chunked\r\n", b"")))
        assert wire.answer().status == 100
        wire.send(chunk(BODY) + b"0\r\n\r\n")
        assert wire.answer().status == 200
        assert wire.stays()


LATER = b"Content-Length: 300\r\n"


@pytest.mark.parametrize("data, status", [
    pytest.param(post(EXPECT + LATER, b"").replace(KEY, b""), 401, id="no key"),
    pytest.param(post(EXPECT + LATER, b"").replace(KEY, b"X-API-Key: wrong\r\n"), 401, id="a wrong key"),
    pytest.param(post(EXPECT + b"Content-Length: 65537\r\n", b""), 413, id="too much"),
    pytest.param(post(b"Expect: miracles\r\n" + LATER, b""), 417, id="another expectation"),
    pytest.param(post(EXPECT + LATER, b"", path=b"/api/v1/nothing"), 404, id="no such path"),
    pytest.param(post(EXPECT + LATER, b"", path=b"/api/v1/status"), 405, id="another method"),
])
def test_who_asks_first_is_refused_without_sending_the_body(server, data, status):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, data))
        answer = wire.answer()
        assert answer.status == status and answer.header("connection") == "close"
        assert wire.closes()


# --- the end of a connection ----------------------------------------------------------------------

@pytest.mark.parametrize("data, statuses", [
    pytest.param(HEALTH, [200], id="one request"),
    pytest.param(HEALTH * 50, [200] * 50, id="fifty requests"),
    pytest.param(chunked(*halves(BODY)), [200], id="a chunked report"),
    pytest.param(STATUS, [200], id="a list"),
    pytest.param(b"", [], id="nothing"),
    pytest.param(HEALTH[:20], [], id="half a head"),
    pytest.param(post(LATER), [], id="half a body"),
    pytest.param(chunked(chunk(BODY), end=b""), [], id="chunks without the last"),
])
def test_who_ends_his_side_gets_all_answers_and_then_the_end(server, data, statuses):
    with Raw(server.port.number) as wire:
        wire.send(spell(server, data))
        wire.finish()
        assert wire.statuses(len(statuses)) == statuses
        assert wire.closes()
