"""One request over one connection: whom to trust, how long to wait, how much to read."""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Mapping, Optional
from urllib.parse import SplitResult, urlsplit

from .errors import Unreachable, Untrusted

LONGEST_ANSWER = 64 << 20  # bytes: the status of every client that a server takes


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """(tag, where its content begins, where it ends) of the DER element at `at`."""
    tag, size = der[at], der[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        size = int.from_bytes(der[at:at + count], "big")
        at += count
    return tag, at, at + size


def pin_of(der: bytes) -> str:
    """The pin of a certificate's key, as `vpn-sentinel cert show` prints it."""
    _, at, _ = _element(der, 0)  # Certificate
    _, at, _ = _element(der, at)  # what is signed of it
    tag, _, end = _element(der, at)
    if tag == 0xA0:  # its version, which the oldest ones do not have
        at = end
    for _ in range(5):  # serial number, algorithm, issuer, validity, subject
        _, _, at = _element(der, at)
    _, _, end = _element(der, at)
    return "sha256//" + base64.b64encode(hashlib.sha256(der[at:end]).digest()).decode()


def _context(ca_file: Optional[str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"ca_file {ca_file}: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the server's URL must look like https://vpn.example.net:5000, not {url!r}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("the server's URL may have neither a user, nor a query, nor a fragment")
    _ = parts.port  # raises ValueError unless it is one
    return parts


class Transport:
    """Where requests go. An https:// server must have a certificate that is trusted, and, with a pin, that key."""

    def __init__(self, url: str, ca_file: Optional[str], pin: Optional[str], timeout: float) -> None:
        parts = _split(url)
        self._host = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/")
        self._pins = frozenset(each.strip() for each in pin.split(";")) if pin else frozenset()
        if not self._secure and (ca_file or pin):
            raise ValueError("ca_file and pin need an https:// URL")
        if not all(each.startswith("sha256//") for each in self._pins):
            raise ValueError("pin must be as `vpn-sentinel cert show` prints it: sha256//...")
        if timeout <= 0:
            raise ValueError("timeout must be more than 0 seconds")
        self._context = _context(ca_file) if self._secure else None
        self._timeout = timeout

    def request(self, method: str, path: str, headers: Mapping[str, str], body: Optional[bytes]) -> Reply:
        """The timeout is for the whole of it, but for the resolution of the server's name."""
        deadline = time.monotonic() + self._timeout
        try:
            plain = socket.create_connection((self._host, self._port), timeout=self._timeout)
        except OSError as error:
            raise Unreachable(f"{self._host} port {self._port}: {error}") from error
        try:
            return self._over(plain, deadline, method, path, headers, body)
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(f"the certificate of {self._host} is not trusted: {error.verify_message}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = f"no whole answer within {self._timeout:g} s" if time.monotonic() >= deadline else repr(error)
            raise Unreachable(f"{self._host} port {self._port}: {why}") from error
        finally:
            plain.close()

    def _over(self, plain: socket.socket, deadline: float, method: str, path: str, headers: Mapping[str, str],
              body: Optional[bytes]) -> Reply:
        sock = plain
        if self._context:
            sock = self._context.wrap_socket(plain, server_hostname=self._host, do_handshake_on_connect=False)
        # The socket's own timeout starts anew with every byte: a server that dribbles is ended by the clock.
        late = threading.Event()
        alarm = threading.Timer(max(deadline - time.monotonic(), 0), _end, (sock, late))
        alarm.daemon = True
        alarm.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
                self._check_pin(sock)
            reply = self._exchange(sock, method, path, headers, body)
            if late.is_set():  # an answer that ends in the middle of its head looks whole
                raise TimeoutError
            return reply
        finally:
            alarm.cancel()
            sock.close()

    def _check_pin(self, sock: ssl.SSLSocket) -> None:
        der = sock.getpeercert(binary_form=True)
        if self._pins and (der is None or pin_of(der) not in self._pins):
            raise Untrusted(f"{self._host} has another key than the one that is pinned")

    def _exchange(self, sock: socket.socket, method: str, path: str, headers: Mapping[str, str],
                  body: Optional[bytes]) -> Reply:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port)
        connection.sock = sock  # connected, and proven, before it may see the key
        connection.request(method, self._path + path, body, {"Connection": "close", **headers})
        with connection.getresponse() as response:
            content = response.read(LONGEST_ANSWER + 1)
            if len(content) > LONGEST_ANSWER:
                raise ValueError("its answer is too long")
            if response.length:
                raise http.client.IncompleteRead(content, response.length)
            return Reply(response.status, {name.lower(): text for name, text in response.getheaders()}, content)


def _end(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # the plain kind: TLS would want to say goodbye
    except OSError:
        pass  # it has just ended by itself
