"""System logs: of another machine over TCP, and of this one."""

import socket
import struct
import tempfile
import threading


class Log:
    """A log over TCP. `spoil` resets connections instead of reading them; `records` are (text) of counted frames."""

    def __init__(self):
        self.records = []
        self.complaints = []
        self.spoil = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                if self.spoil:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    peer.recv(1)
                    continue
                data = b"".join(iter(lambda: peer.recv(65536), b""))
                count, _, record = data.partition(b" ")
                if int(count) != len(record):
                    self.complaints.append(f"syslog: a frame of {len(record)} bytes says {count!r}")
                self.records.append(record.decode())

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


class Datagrams:
    """The log of this machine: a socket at a path."""

    def __init__(self):
        self.records = []
        self.complaints = []
        self._folder = tempfile.TemporaryDirectory()  # a path of a test's own would be too long for a socket
        self.path = f"{self._folder.name}/log"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        for record in iter(lambda: self._socket.recv(65536), b""):
            self.records.append(record.decode())

    def stop(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self._thread.join(10)
        self._socket.close()
        self._folder.cleanup()
