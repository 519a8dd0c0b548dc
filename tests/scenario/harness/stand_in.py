"""
A service of the internet, played on loopback by threads of the test process.

A stand-in records every request, answers from a script first and by its own rules afterwards, and
notes as a complaint whatever the real service would never accept from a well-behaved caller.
"""

import json
import select
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

LONGEST_BODY = 1 << 20


@dataclass
class Answer:
    """What goes back: whole, or spoiled in one of the ways networks spoil things."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    manner: str = "whole"  # whole, hang, reset, truncate, slow
    delay: float = 0.0  # seconds before the first byte

    @staticmethod
    def json(value, status=200, manner="whole", delay=0.0, **headers):
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        return Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **headers}, manner, delay)

    @staticmethod
    def text(body, status=200, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        return Answer(status, body.encode(), {"Content-Type": "text/plain", **headers})


HANG = Answer(manner="hang")
RESET = Answer(manner="reset")


@dataclass(frozen=True)
class Request:
    at: float  # monotonic seconds
    method: str
    path: str
    query: dict
    headers: dict  # names in lower case
    body: bytes
    peer: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format, *args):  # noqa: A002 - the name is the base class's
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (OSError, ssl.SSLError, ValueError):
            self.close_connection = True

    def _any(self):
        length = int(self.headers.get("Content-Length") or 0)
        assert length <= LONGEST_BODY
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        request = Request(time.monotonic(), self.command, parts.path, parse_qs(parts.query),
                          {name.lower(): value for name, value in self.headers.items()}, body,
                          self.client_address[0])
        self._send(self.server.stand_in.take(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def _send(self, answer):
        if answer.delay:
            self.server.stand_in.stopping.wait(answer.delay)
        if answer.manner == "hang":
            self._hang()
        elif answer.manner == "reset":
            self._reset()
        else:
            self._write(answer)

    def _hang(self):
        """Neither a byte nor an end until the caller gives up."""
        self.close_connection = True
        while not self.server.stand_in.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable and not self.connection.recv(1):
                return

    def _reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.close(self.connection)

    def _write(self, answer):
        head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head += f"Content-Length: {len(answer.body)}\r\n\r\n"
        if answer.manner == "truncate":
            self.close_connection = True
            self.wfile.write(head.encode() + answer.body[: len(answer.body) // 2])
            return
        if answer.manner == "slow":
            for byte in head.encode() + answer.body:
                self.wfile.write(bytes([byte]))
                if self.server.stand_in.stopping.wait(0.01):
                    break
            return
        self.wfile.write(head.encode() + answer.body)


_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
            404: "Not Found", 405: "Method Not Allowed", 429: "Too Many Requests", 500: "Internal Server Error",
            502: "Bad Gateway", 503: "Service Unavailable"}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    host = "127.0.0.1"

    def __init__(self, stand_in, context):
        self.stand_in = stand_in
        self.context = context
        self.open = set()
        super().__init__((self.host, stand_in.port or 0), _Handler)

    def finish_request(self, request, client_address):
        # The handshake belongs to the connection's own thread: a silent peer must not hold up the others.
        if self.context:
            request.settimeout(30)
            request = self.context.wrap_socket(request, server_side=True)
        self.open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self.open.discard(request)
            socket.socket.close(request)  # at once, also where TLS would still say goodbye

    def drop_connections(self):
        """Ends kept-alive connections, as the end of a process would."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has just ended by itself

    def handle_error(self, request, client_address):
        # A peer that leaves in the middle is an ordinary event of these tests.
        pass


class StandIn:
    """Subclasses answer requests in `answer()`; tests read `requests` and fill the script."""

    listener = _Server

    def __init__(self, authority=None):
        self._context = authority.context() if authority else None
        self._lock = threading.Lock()
        self._script = deque()
        self._always = None
        self._server = None
        self.port = None
        self.stopping = threading.Event()
        self.requests = []
        self.complaints = []
        self.start()

    # -- what tests use

    @property
    def origin(self):
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def script(self, *answers):
        """The next requests get these answers, one each, before the ordinary ones."""
        with self._lock:
            self._script.extend(answers)

    def always(self, answer):
        """Every request gets this answer; None goes back to the ordinary ones."""
        with self._lock:
            self._always = answer

    def start(self):
        """Listens, on the same port as before."""
        assert self._server is None
        self.stopping.clear()
        self._server = self.listener(self, self._context)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        """Connections are refused from here on; hanging ones end."""
        if self._server is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()
        self._server = None

    # -- what subclasses fill in

    def answer(self, request):
        raise NotImplementedError

    def inspect(self, request):
        """Complaints about a request, whatever it is answered."""
        return []

    # -- what the handler calls

    def take(self, request):
        with self._lock:
            self.requests.append(request)
            self.complaints += [f"{request.method} {request.path}: {fault}" for fault in self.inspect(request)]
            if self._script:
                answer = self._script.popleft()
            elif self._always:
                answer = self._always
            else:
                answer = None
            if callable(answer):
                answer = answer(request)
            return answer or self.answer(request)
