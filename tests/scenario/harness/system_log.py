"""A system log of another machine, over TCP."""

import socket
import struct
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
