"""HTTP over a raw socket: any bytes out, answers taken apart by a strict reader of our own."""

import socket
import time
from dataclasses import dataclass, field

PATIENCE = 15.0


class Broken(AssertionError):
    """What came is no HTTP answer."""


@dataclass
class Answer:
    status: int
    headers: list  # (name in lower case, value), in their order
    body: bytes = b""
    chunks: int = field(default=-1)  # of a chunked body

    def header(self, name):
        values = [value for have, value in self.headers if have == name.lower()]
        assert len(values) <= 1, f"{name} stands there {len(values)} times"
        return values[0] if values else None


class Raw:
    """One connection, encrypted where a context is given. Every wait is bounded by PATIENCE."""

    def __init__(self, port, receive_buffer=None, source=None, context=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # -- sending

    def send(self, data, piece=None, pause=0.0):
        """All of it, in pieces of so many bytes. False when the peer would not take it."""
        try:
            for at in range(0, len(data), piece or max(len(data), 1)):
                self.socket.sendall(data[at : at + (piece or len(data))])
                if pause:
                    time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def finish(self):
        """We send no more, but still listen."""
        self.socket.shutdown(socket.SHUT_WR)

    # -- receiving

    def _more(self):
        """Reads on; False at the end. A reset is an error: it may have cost an answer."""
        if self.ended:
            return False
        got = self.socket.recv(65536)
        self.ended = not got
        self.buffer += got
        return not self.ended

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                raise Broken(f"the connection ended before {mark!r}: {self.buffer[:300]!r}")
        taken, self.buffer = self.buffer.split(mark, 1)
        return taken

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise Broken(f"the connection ended {count - len(self.buffer)} bytes early")
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _chunked(self, answer):
        answer.chunks = 0
        while size := int(self._until(b"\r\n"), 16):
            answer.body += self._exactly(size)
            answer.chunks += 1
            assert self._exactly(2) == b"\r\n"
        assert self._until(b"\r\n") == b"", "a trailer that nobody announced"

    def answer(self, to_head=False):
        """The next answer, or None when the connection ended in good order before it."""
        while not self.buffer:
            if not self._more():
                return None
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, _reason = first.split(" ", 2)
        if version != "HTTP/1.1":
            raise Broken(first)
        answer = Answer(int(status), [tuple(line.split(": ", 1)) for line in lines])
        answer.headers = [(name.lower(), value) for name, value in answer.headers]
        if to_head or answer.status in (100, 204, 304):
            return answer
        if answer.header("transfer-encoding") == "chunked":
            self._chunked(answer)
        elif (length := answer.header("content-length")) is not None:
            answer.body = self._exactly(int(length))
        else:
            while self._more():
                pass
            answer.body, self.buffer = self.buffer, b""
        return answer

    def statuses(self, count):
        """Of the next `count` answers."""
        return [answer.status if answer else None for answer in (self.answer() for _ in range(count))]

    def closes(self, within=PATIENCE):
        """True when it ends, in good order and without another byte."""
        self.socket.settimeout(within)
        try:
            return not self.buffer and not self._more()
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(PATIENCE)

    def stays(self):
        """True when it takes one more request."""
        if not self.send(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"):
            return False
        answer = self.answer()
        return answer is not None and answer.status == 200 and b"healthy" in answer.body
