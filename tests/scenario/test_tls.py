"""The server over TLS: who gets in, who does not, and what an exchange of certificates costs."""

import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import warnings

import pytest

from harness.certificates import Certificates, serial_of
from harness.keepalive import call, encode, flat, key_headers
from harness.places import VPN
from harness.ports import Port
from harness.program import run
from harness.wait import holds, until
from harness.wallclock import WallClock

PATIENCE = 10  # seconds, of sockets
REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST_REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HEALTHY = b'{"status":"healthy"}\n'


class Secured:
    """A server with a TLS port, and the plain one that the harness uses."""

    def __init__(self, lab, kind="ecdsa", days=90, tls=None, limits=None, **more):
        self.certificates = Certificates(lab.authority, lab.folder / "certificates")
        self.pair = self.certificates.install(self.certificates.make(kind, days))
        self.port = Port()
        self.server = lab.server(**more)
        self.lab = lab
        section = self.server.config["server"]
        section["listen"][0]["tls"] = False
        section["listen"].append({"address": self.port.address, "serve": ["api", "health", "metrics"]})
        section["tls"] = {"cert": self.certificates.cert, "key": self.certificates.key, **(tls or {})}
        if limits:
            section["limits"] = limits

    def start(self):
        self.server.start()
        return self

    @property
    def log(self):
        return self.server.program.wait_for_log

    def tcp(self):
        return socket.create_connection(("127.0.0.1", self.port.number), timeout=PATIENCE)

    def connect(self, context=None, **options):
        context = context or self.certificates.client()
        return context.wrap_socket(self.tcp(), server_hostname="localhost", suppress_ragged_eofs=False, **options)

    def serial(self):
        with self.connect() as connection:
            return serial_of(connection)

    def metric(self, name):
        text = self.server.get("/metrics", api="").body.decode()
        return int(re.search(rf"^vpn_sentinel_{name} (\d+)$", text, re.MULTILINE).group(1))

    def post(self, client_id):
        body = encode(flat(client_id, VPN, VPN.country))
        head = (f"POST /api/v1/keepalive HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.lab.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        return head.encode() + body


@pytest.fixture
def secured(lab):
    return Secured(lab, limits={"handshake_timeout": "1s"}).start()


def read_answer(connection):
    """(status, body) of one answer with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        assert piece, f"the server closed after {got!r}"
        got += piece
    head, body = got.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
    while len(body) < length:
        piece = connection.recv(65536)
        assert piece, f"the server closed after {got!r}"
        body += piece
    return int(head.split()[1]), body


def read_all(connection):
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


# -- who gets in


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_both_kinds_of_key_serve_both_versions(lab, kind):
    secured = Secured(lab, kind).start()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with secured.connect(secured.certificates.client(version)) as connection:
            assert serial_of(connection) == secured.pair[2]
            assert connection.version() == version.name.replace("_", ".")
            for _ in range(3):
                connection.sendall(REQUEST)
                status, body = read_answer(connection)
                assert status == 200 and HEALTHY in body
            connection.sendall(secured.post(f"by-{kind}"))
            assert read_answer(connection)[0] == 200
    assert secured.server.client(f"by-{kind}")
    assert secured.metric("tls_handshakes_total") == 2 and secured.metric("tls_handshakes_failed_total") == 0


def old_client():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_tls_1_1_is_refused(secured):
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        secured.connect(old_client())
    secured.log("no TLS with 127.0.0.1: unsupported protocol: the client speaks only versions")
    assert secured.metric("tls_handshakes_failed_total") == 1


def test_a_minimum_of_1_3_refuses_1_2(lab):
    secured = Secured(lab, tls={"min_version": "1.3"}).start()
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        secured.connect(secured.certificates.client(ssl.TLSVersion.TLSv1_2))
    with secured.connect() as connection:
        assert connection.version() == "TLSv1.3"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_ticket_shortens_the_second_handshake(secured, version):
    context = secured.certificates.client(version)
    with secured.connect(context) as connection:
        connection.sendall(LAST_REQUEST)
        assert HEALTHY in read_all(connection)
        session = connection.session
    with secured.connect(context, session=session) as connection:
        connection.sendall(LAST_REQUEST)
        assert HEALTHY in read_all(connection)
        assert connection.session_reused
    assert secured.metric("tls_handshakes_resumed_total") == 1


def test_http_1_1_is_the_protocol_that_is_agreed_on(secured):
    context = secured.certificates.client()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secured.connect(context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        secured.connect(context)


def test_a_client_that_does_not_trust_the_certificate_is_told_of_in_the_log(secured):
    with pytest.raises(ssl.SSLError):
        secured.connect(ssl.create_default_context())
    secured.log("no TLS with 127.0.0.1: .*unknown ca: the client does not trust this certificate")


def test_a_unix_socket_and_a_listener_that_says_so_stay_plain(secured):
    assert secured.server.healthy()
    done = run("status", "--json", environment={"VPN_SENTINEL_STATE_DIR": secured.server.folder})
    assert done.returncode == 0, done.stderr


# -- who does not


def test_plain_http_on_the_tls_port_is_answered_in_plain_and_told_once(secured):
    for _ in range(5):
        with secured.tcp() as connection:
            connection.sendall(secured.post("plain"))
            answer = read_all(connection)
            assert answer.startswith(b"HTTP/1.1 400 ") and b'"error":"tls_required"' in answer
    log = secured.server.program.log()
    assert log.count("an unencrypted request came to a TLS port from 127.0.0.1") == 1
    assert secured.server.client("plain") is None


def test_tls_on_the_plain_port_is_answered_in_plain_and_told_once(secured):
    for _ in range(3):
        with pytest.raises(ssl.SSLError):
            with socket.create_connection(("127.0.0.1", secured.server.port.number), timeout=PATIENCE) as tcp:
                secured.certificates.client().wrap_socket(tcp, server_hostname="localhost")
    log = secured.server.program.log()
    assert log.count("TLS was tried on a port without it by 127.0.0.1: make its URL begin with http://") == 1
    assert secured.server.healthy()


def test_silent_connections_hold_up_nobody_and_end_by_the_deadline(secured):
    silent = [secured.tcp() for _ in range(200)]
    begun = time.monotonic()
    with secured.connect() as connection:
        connection.sendall(REQUEST)
        assert read_answer(connection)[0] == 200
    for connection in silent:
        assert connection.recv(1) == b""
        connection.close()
    assert 0.9 < time.monotonic() - begun < 8
    assert secured.metric("tls_handshakes_failed_total") == 200
    secured.log("no TLS with 127.0.0.1: the handshake took too long")


def test_a_crowd_of_silent_connections_makes_room_for_one_that_speaks(lab):
    secured = Secured(lab, limits={"connections": 50, "handshake_timeout": "1m"}).start()
    silent = [secured.tcp() for _ in range(120)]
    for number in range(5):
        with secured.connect() as connection:
            connection.sendall(secured.post(f"speaks-{number}"))
            assert read_answer(connection)[0] == 200
    assert len(secured.server.status()) == 5
    for connection in silent:
        connection.close()


def hello(context):
    """The bytes that a client begins with."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_a_handshake_that_drips_ends_by_the_same_deadline(secured):
    first = hello(secured.certificates.client())
    begun = time.monotonic()
    with secured.tcp() as connection, pytest.raises(OSError):
        for byte in first:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
            if time.monotonic() - begun > 8:
                pytest.fail("nobody ended it")
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 40, -1])
def test_a_client_that_leaves_in_the_middle_of_its_handshake_harms_nobody(secured, cut):
    first = hello(secured.certificates.client())
    with secured.tcp() as connection:
        connection.sendall(first[:cut])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert secured.metric("tls_handshakes_failed_total") == 1
    assert secured.serial() == secured.pair[2]


@pytest.mark.parametrize("garbage", [b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 100, b"\x16\x03\x01\x00\x05hello",
                                     b"\x80\x2e\x01\x00\x02" + b"\1" * 60, b"\xff" * 20000])
def test_garbage_ends_its_own_connection_only(secured, garbage):
    with secured.tcp() as connection:
        try:
            connection.sendall(garbage)
            read_all(connection)
        except ConnectionError:
            pass
    assert secured.serial() == secured.pair[2]
    assert secured.metric("tls_handshakes_failed_total") == 1


def test_a_handshake_byte_by_byte_succeeds_when_it_is_in_time(lab):
    secured = Secured(lab).start()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = secured.certificates.client().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with secured.tcp() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def step(action):
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        connection.sendall(bytes([byte]))
                    incoming.write(connection.recv(65536))

        step(client.do_handshake)
        client.write(LAST_REQUEST)
        for byte in outgoing.read():
            connection.sendall(bytes([byte]))
        got = b""
        while HEALTHY not in got:
            got += step(lambda: client.read(65536))
    assert got.startswith(b"HTTP/1.1 200 ")


# -- HTTP within


def test_requests_that_come_together_are_answered_in_order(secured):
    with secured.connect() as connection:
        connection.sendall(REQUEST * 19 + LAST_REQUEST)
        got = read_all(connection)
    assert got.count(b"HTTP/1.1 200 ") == 20 and got.endswith(HEALTHY)


def test_a_request_in_records_of_a_byte_each_is_one_request(secured):
    with secured.connect() as connection:
        for byte in secured.post("drop-by-drop"):
            connection.sendall(bytes([byte]))
        assert read_answer(connection)[0] == 200
    assert secured.server.client("drop-by-drop")


def test_the_end_of_an_answer_is_told_from_a_cut_off_one(secured):
    """Without a goodbye the read would end in an error: ragged ends are not suppressed."""
    with secured.connect() as connection:
        connection.sendall(LAST_REQUEST)
        assert HEALTHY in read_all(connection)
    with secured.connect() as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


def test_an_answer_comes_before_the_body_that_is_too_large_was_read(secured):
    head = (f"POST /api/v1/keepalive HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secured.lab.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n")
    with secured.connect() as connection:
        connection.sendall(head.encode() + b"x" * 200000)
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(65536)
    assert got.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_no_more_still_gets_its_answer(secured):
    with secured.connect() as connection:  # without a goodbye
        connection.sendall(REQUEST)
        socket.socket.shutdown(connection, socket.SHUT_WR)
        assert read_answer(connection)[0] == 200
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = secured.certificates.client().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with secured.tcp() as connection:  # with one
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        while True:
            connection.sendall(outgoing.read())
            incoming.write(connection.recv(65536))
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                pass
        client.write(REQUEST)
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        connection.sendall(outgoing.read())
        assert len(read_all(connection)) > 100  # the answer, and the goodbye


# So that nobody is lost meanwhile.
PATIENT = {"interval": "1h", "grace": "30s", "lost_after": "3h"}


def fill(secured, count):
    for number in range(count):
        reply = secured.server.post(encode(flat(f"client-{number:05d}", VPN, VPN.country)))
        assert reply.status == 200, reply


def test_a_long_list_goes_to_a_slow_reader_whole_and_holds_up_nobody(lab):
    secured = Secured(lab, monitor=PATIENT).start()
    count = 1500
    fill(secured, count)
    with socket.socket() as tcp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", secured.port.number))
        with secured.certificates.client().wrap_socket(tcp, server_hostname="localhost",
                                                       suppress_ragged_eofs=False) as connection:
            connection.sendall(f"GET /api/v1/status HTTP/1.0\r\nAuthorization: Bearer {lab.key}\r\n\r\n".encode())
            got = connection.recv(1000)
            slowest = 0.0
            for number in range(20):
                begun = time.monotonic()
                assert secured.server.post(encode(flat(f"client-{number:05d}", VPN, VPN.country))).status == 200
                slowest = max(slowest, time.monotonic() - begun)
                got += connection.recv(1000)
            got += read_all(connection)
    records = json.loads(got.split(b"\r\n\r\n", 1)[1])
    assert len(got) > 1 << 20, len(got)
    assert {record["client_id"] for record in records} == {f"client-{n:05d}" for n in range(count)}
    assert slowest < 3, slowest


def test_a_reader_that_takes_nothing_is_cut_off(lab):
    secured = Secured(lab, limits={"write_timeout": "1s"}, monitor=PATIENT).start()
    fill(secured, 800)
    with socket.socket() as tcp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tcp.settimeout(PATIENCE)
        tcp.connect(("127.0.0.1", secured.port.number))
        connection = secured.certificates.client().wrap_socket(tcp, server_hostname="localhost",
                                                               suppress_ragged_eofs=False)
        many = f"GET /api/v1/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {lab.key}\r\n\r\n".encode() * 20
        connection.sendall(many)
        before = secured.metric("http_connections")
        until(lambda: secured.metric("http_connections") < before, "the connection to be closed")
        with pytest.raises((ssl.SSLError, OSError)):  # no goodbye: the answer is not whole
            while connection.recv(65536):
                pass
        connection.close()


# -- certificates that change


class Load(threading.Thread):
    """Keepalives over one connection, or over a new one each."""

    def __init__(self, secured, name, keep):
        super().__init__(daemon=True)
        self.secured, self.client_id, self.keep = secured, name, keep
        self.context = secured.certificates.client()
        self.done, self.failures, self.serials, self.ending = 0, [], set(), False

    def run(self):
        connection = None
        while not self.ending:
            try:
                if connection is None:
                    connection = self.secured.connect(self.context)
                    self.serials.add(serial_of(connection))
                connection.sendall(self.secured.post(self.client_id))
                status, body = read_answer(connection)
                if status != 200:
                    self.failures.append((status, body))
                self.done += 1
            except (OSError, AssertionError) as error:
                self.failures.append(error)
                connection = None
                time.sleep(0.1)
            if connection and not self.keep:
                connection.close()
                connection = None
        if connection:
            connection.close()


def test_twenty_swaps_under_load_lose_no_handshake_and_no_keepalive(lab):
    secured = Secured(lab).start()
    pairs = [secured.certificates.make("rsa" if n % 7 == 3 else "ecdsa") for n in range(20)]
    loads = [Load(secured, f"load-{n}", keep=n < 2) for n in range(4)]
    for load in loads:
        load.start()
    for pair in pairs:
        secured.certificates.install(pair)
        before = [load.done for load in loads]
        secured.server.program.signal(signal.SIGHUP)
        until(lambda: secured.serial() == pair[2], f"serial {pair[2]}")  # noqa: B023
        until(lambda: all(l.done > b for l, b in zip(loads, before)), "keepalives to go on")  # noqa: B023
    for load in loads:
        load.ending = True
    for load in loads:
        load.join(PATIENCE)
    assert [load.failures for load in loads] == [[], [], [], []]
    assert loads[0].serials == {secured.pair[2]}, "a connection that is there keeps its certificate"
    assert len(loads[2].serials | loads[3].serials) >= 10
    assert secured.metric("tls_handshakes_failed_total") == 0


def test_files_that_change_are_noticed_without_a_word(lab):
    secured = Secured(lab).start()
    pair = secured.certificates.install(secured.certificates.make())
    until(lambda: secured.serial() == pair[2], "the new certificate to be noticed", within=25)
    secured.log(f"new connections get the certificate of localhost \\(ECDSA, serial {pair[2]}\\)")


def test_a_broken_new_pair_changes_nothing(secured):
    other = secured.certificates.make()
    secured.certificates.put(secured.certificates.cert, other[0])  # and not its key
    secured.server.program.signal(signal.SIGHUP)
    secured.log("key .* does not belong to the certificate")
    assert secured.serial() == secured.pair[2]
    secured.certificates.put(secured.certificates.cert, other[0][:300])
    secured.server.program.signal(signal.SIGHUP)
    secured.log("cannot be read as PEM")
    assert secured.serial() == secured.pair[2]
    secured.certificates.install(other)
    secured.server.program.signal(signal.SIGHUP)
    until(lambda: secured.serial() == other[2], "the pair that is whole")


def test_a_certificate_that_ends_soon_is_an_incident_until_it_is_renewed(lab):
    secured = Secured(lab, days=10).start()
    secured.log(r"expires in \d days, at 2\d\d\d-.*: renew it")
    secured.log(f"certificate_expiring opened: the certificate of localhost \\(serial {secured.pair[2]}\\) expires at")
    incidents = secured.server.get("/incidents").json()
    assert [i["kind"] for i in incidents] == ["certificate_expiring"], incidents
    until(lambda: secured.metric("certificate_expiry_timestamp_seconds") - time.time() < 11 * 86400, "the metric")
    secured.certificates.install(secured.certificates.make())
    secured.server.program.signal(signal.SIGHUP)
    secured.log("certificate_expiring resolved")
    assert secured.server.get("/incidents").json() == []


def test_an_incident_of_a_certificate_gets_worse_when_it_has_ended(lab):
    clock = WallClock(lab.folder / "clock")
    secured = Secured(lab, days=10)
    program = secured.server.program
    program.environment = {**program.environment, **clock.environment}
    secured.start()
    secured.log("certificate_expiring opened: .* expires at")
    clock.jump(11 * 86400)
    secured.log("certificate_expiring escalated: .* has expired at 2.*: clients that verify it cannot report", within=25)
    incidents = secured.server.get("/incidents").json()
    assert len(incidents) == 1 and "has expired" in incidents[0]["evidence"], incidents


# -- what check says of the files


def check(lab, secured, **more):
    secured.server.write()
    return run("check", secured.server.file, environment=lab.environment | more)


def test_check_warns_of_a_key_that_all_may_read_and_a_certificate_that_ends(lab):
    secured = Secured(lab, days=20)
    secured.certificates.key.chmod(0o644)
    done = check(lab, secured)
    assert done.returncode == 0, done.stderr
    assert "everybody on this host may read the key" in done.stderr
    assert "expires in 19 days" in done.stderr or "expires in 20 days" in done.stderr


def test_check_and_the_server_refuse_a_key_of_another_certificate_in_the_same_words(lab):
    secured = Secured(lab)
    secured.certificates.put(secured.certificates.key, secured.certificates.make()[1])
    done = check(lab, secured)
    assert done.returncode == 2
    sentence = re.search(r"the key \S+ does not belong to the certificate \S+: .*", done.stderr).group()
    secured.server.start(ready=False)
    assert secured.server.program.wait() == 2
    assert sentence in secured.server.program.log()


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(lab):
    secured = Secured(lab)
    locked = secured.certificates.folder / "locked.pem"
    subprocess.run(["openssl", "pkey", "-in", secured.certificates.key, "-aes256", "-passout", "pass:secret-word",
                    "-out", locked], check=True, capture_output=True)
    secured.certificates.put(secured.certificates.key, locked.read_text())
    done = check(lab, secured)
    assert done.returncode == 2 and "is protected by a passphrase" in done.stderr, done.stderr


def test_a_server_whose_certificate_has_ended_still_runs_and_says_so(lab):
    secured = Secured(lab, days=-1).start()
    secured.log("the certificate has expired at")
    secured.log("certificate_expiring opened: .* has expired at")
    holds(secured.server.healthy, "it to run", during=0.3)
    reply = call(f"{secured.server.url}/api/v1/incidents", headers=key_headers(lab.key))
    assert "has expired at" in reply.body.decode()
