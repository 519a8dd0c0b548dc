"""A real MQTT broker, mosquitto, on loopback, and a subscriber of a few lines."""

import json
import socket
import struct
import subprocess
import threading

from .ports import Port
from .wait import until

USER, PASSWORD = "sentinel", "broker-pass-phrase"
CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x82, 0x90


def _text(text):
    data = text.encode()
    return struct.pack(">H", len(data)) + data


class Subscriber:
    """Subscribes with QoS 0, so that there is nothing to confirm. `messages` are (topic, text, retained)."""

    def __init__(self, sock, name, topic):
        self._sock = sock
        self.messages = []
        flags = 0xC2  # user, password, a clean session
        self._send(CONNECT, _text("MQTT") + bytes([4, flags]) + struct.pack(">H", 0) + _text(name) + _text(USER) + _text(PASSWORD))
        kind, body = self._receive()
        assert (kind, body[1]) == (CONNACK, 0), (kind, body)
        self._send(SUBSCRIBE, struct.pack(">H", 1) + _text(topic) + b"\0")
        while True:
            kind, body = self._receive()
            if kind == SUBACK:
                break
            self._take(kind, body)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _send(self, kind, body):
        length, rest = b"", len(body)
        while rest > 127:
            length, rest = length + bytes([rest % 128 | 128]), rest // 128
        self._sock.sendall(bytes([kind]) + length + bytes([rest]) + body)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self._sock.recv(count - len(data))
            if not more:
                raise ConnectionError("the broker is gone")
            data += more
        return data

    def _receive(self):
        kind, length, shift = self._exactly(1)[0], 0, 0
        while True:
            byte = self._exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, self._exactly(length)

    def _take(self, kind, body):
        if kind & 0xF0 == PUBLISH:
            size = struct.unpack(">H", body[:2])[0]
            self.messages.append((body[2:2 + size].decode(), body[2 + size:].decode(), bool(kind & 1)))

    def _run(self):
        try:
            while True:
                self._take(*self._receive())
        except OSError:
            pass

    def close(self):
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._sock.close()
        self._thread.join(10)


class Broker:
    """`certificates`: a pair of files `cert` and `key` that it encrypts with; `keeps`: also over a restart."""

    def __init__(self, lab, encrypted=False, certificates=None, keeps=False):
        self.lab = lab
        self.encrypted = encrypted or certificates is not None
        self.keeps = keeps
        self._pair = certificates
        self.complaints = []
        self.port = Port()
        self.folder = lab.folder / "broker"
        self.folder.mkdir()
        self._process = self._listener = None
        self._heard = []
        self._configure()
        self.start()

    def _configure(self):
        subprocess.run(["mosquitto_passwd", "-b", "-c", self.folder / "passwords", USER, PASSWORD], check=True,
                       capture_output=True)
        (self.folder / "passwords").chmod(0o644)
        folder = self.lab.authority.folder
        cert, key = (self._pair.cert, self._pair.key) if self._pair else (folder / "server.pem", folder / "server.key")
        more = f"certfile {cert}\nkeyfile {key}\n" if self.encrypted else ""
        if self.keeps:
            more += f"persistence true\npersistence_location {self.folder}/\n"
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port.number} 127.0.0.1\n{more}allow_anonymous false\n"
            f"password_file {self.folder}/passwords\nuser root\nlog_dest file {self.folder}/log\n")

    def start(self):
        self._process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", self.folder / "mosquitto.conf"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, lambda: f"a broker\n{(self.folder / 'log').read_text()}")

    def _answers(self):
        try:
            if self._pair:  # which nobody believes
                socket.create_connection(("127.0.0.1", self.port.number), timeout=10).close()
            else:
                self._subscribe("probe", "nothing").close()
            return True
        except OSError:
            return False

    def _subscribe(self, name, topic):
        sock = socket.create_connection(("127.0.0.1", self.port.number), timeout=10)
        if self.encrypted:
            sock = self.lab.authority.client_context().wrap_socket(sock, server_hostname="localhost")
        sock.settimeout(None)
        return Subscriber(sock, name, topic)

    def listen(self):
        """From now on `heard()` grows."""
        if self._listener:
            self._heard += self._listener.messages
        self._listener = self._subscribe("listener", "vpn-sentinel/#")
        return self

    def _messages(self):
        return [*self._heard, *(self._listener.messages if self._listener else [])]

    def kept(self):
        """{topic: text} of what somebody who comes now is told."""
        marker = self._subscribe("looker", "vpn-sentinel/#")
        # Retained messages come right behind the confirmation, which is awaited: another question is answered after them.
        self._subscribe("another", "nothing").close()
        until(lambda: marker.messages, "something to be kept", within=5)
        marker.close()
        return {topic: text for topic, text, retained in marker.messages if retained}

    def heard(self):
        return [json.loads(text) for topic, text, _ in self._messages() if topic == "vpn-sentinel/events"]

    def wait_for(self, kind, event="opened", within=15):
        def found():
            return [e for e in self.heard() if (e["kind"], e["event"]) == (kind, event)]

        return until(found, lambda: f"{event} {kind}; heard {self.heard()}", within=within)

    def status(self):
        """The last that was told of it."""
        said = [text for topic, text, _ in self._messages() if topic == "vpn-sentinel/status"]
        return said[-1] if said else None

    def end(self):
        """As an administrator would end it."""
        self._process.terminate()
        self._process.wait(10)

    def pause(self):
        self._process.send_signal(19)

    def stop(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
