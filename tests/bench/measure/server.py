"""A server under measurement."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import ssl
import subprocess
import time

from . import process
from .place import ROOT, Trouble

from harness import yaml  # noqa: E402 - place.py shows where
from harness.ipinfo import Ipinfo
from harness.places import HOME
from harness.ports import Port
from harness.trace import Trace

# What sanitized builds need when a library is preloaded before theirs; others do not look at it.
_ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0"}


def store_config(name, folder, **options):
    """The configuration of a store that keeps its file, if any, in folder."""
    if name == "memory":
        return {"plugin": "memory"}
    return {"plugin": name, "options": {"path": str(folder / "sentinel.db"), **options}}


class Server:
    """Runs with its own folder and port."""

    scheme = "http"

    def __init__(self, place, name, store=None, core=None, **sections):
        self.name = name
        self.place = place
        self.folder = place.new_folder(name)
        self.port = Port()
        self.key = secrets.token_hex(24)
        self.core = core
        self.process = None
        self.log_file = self.folder / "server.log"
        self.environment = {"PATH": os.environ.get("PATH", ""), **_ENVIRONMENT}
        self.config = {
            "state_dir": self.folder,
            "server": {"listen": [{"address": self.port.address}]},
            "rate_limit": {"requests": 0},
            "monitor": {"interval": "5m", "grace": "30s", "lost_after": "15m"},
            "auth": [{"plugin": "bearer", "control": "sufficient", "options": {"keys": self.key}}],
            "store": store_config(store or "memory", self.folder),
            **sections,
        }

    def start(self, ready=True):
        """Returns self once it answers; the log of earlier starts is kept."""
        file = self.folder / "server.yaml"
        file.write_text(yaml.dump(self.config), encoding="utf-8")
        return self._run(file, ready)

    def _run(self, file, ready):
        with open(self.log_file, "ab") as log:
            self.begun = time.monotonic()
            self.process = subprocess.Popen([self.place.program, "server", "-c", file], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment,
                                            preexec_fn=process.pin(self.core) if self.core is not None else None)
        if ready:
            self.wait_healthy()
        return self

    @property
    def pid(self):
        return self.process.pid

    def written_bytes(self):
        return process.written_bytes(self.pid)

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def _fail(self, what):
        raise Trouble(f"the server {what}; its log:\n{self.log()[-4000:]}")

    # -- asking it

    def connection(self):
        if self.scheme == "https":
            return http.client.HTTPSConnection("127.0.0.1", self.port.number, timeout=60,
                                               context=ssl._create_unverified_context())
        return http.client.HTTPConnection("127.0.0.1", self.port.number, timeout=60)

    def get(self, path):
        """(status, body) over a connection of its own; (0, b"") when there is none."""
        connection = self.connection()
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.key}"})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def wait_healthy(self, within=120):
        """Seconds from its start until it was ready for everything."""
        while time.monotonic() < self.begun + within:
            if self.process.poll() is not None:
                self._fail(f"ended with {self.process.returncode} at its start")
            if self.get("/health")[0] == 200:
                return time.monotonic() - self.begun
            time.sleep(0.002)
        return self._fail(f"was not healthy within {within} s")

    def wait_first_answer(self, within=60):
        """Seconds from its start to the first bytes of any answer, asked for without a pause."""
        request = b"GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
        while time.monotonic() < self.begun + within:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port.number)) as peer:
                peer.sendall(request)
                if peer.recv(1):
                    return time.monotonic() - self.begun
            if self.process.poll() is not None:
                self._fail(f"ended with {self.process.returncode} at its start")
            time.sleep(0.0002)
        return self._fail(f"did not answer within {within} s")

    # -- ending it

    def stop(self, within=60):
        """Asks it to end; all it has to write is written."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self._fail(f"still runs {within} s after SIGTERM")
        if code != 0:
            self._fail(f"ended with {code} after SIGTERM")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        """Gone at once, however it was."""
        self.kill()
        self.port.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_rest):
        try:
            if kind is None:
                self.stop()
        finally:
            self.close()


class ShippedServer(Server):
    """With etc/server.yaml as it is shipped; what its probes ask stands on loopback."""

    def __init__(self, place, name, core=None, limited=False, tls=None):
        """limited: its rate limit counts, but is never reached. tls: {"cert": FILE, "key": FILE}."""
        super().__init__(place, name, core=core)
        self._file = ROOT / "etc" / "server.yaml"
        if limited:
            self._file = self.folder / "server.yaml"
            self._file.write_text((ROOT / "etc" / "server.yaml").read_text().replace("per: 1m", "per: 1s"))
        self._stand_ins = [Ipinfo(HOME), Trace(HOME.ip, HOME.country)]
        self.environment |= {
            "VPN_SENTINEL_STATE_DIR": str(self.folder),
            "VPN_SENTINEL_SERVER_ADDRESS": "127.0.0.1",
            "VPN_SENTINEL_SERVER_API_PORT": str(self.port.number),
            "VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS": "1000000" if limited else "0",
            "VPN_SENTINEL_API_KEY": self.key,
            "IPINFO_URL": self._stand_ins[0].url,
            "CLOUDFLARE_TRACE_URL": self._stand_ins[1].url,
        }
        if tls is not None:
            self.scheme = "https"
            self.environment |= {"VPN_SENTINEL_TLS_CERT_PATH": str(tls["cert"]),
                                 "VPN_SENTINEL_TLS_KEY_PATH": str(tls["key"])}

    def start(self, ready=True):
        return self._run(self._file, ready)

    def asked(self):
        """How many questions its probes have asked so far."""
        return sum(len(stand_in.requests) for stand_in in self._stand_ins)

    def __exit__(self, *reason):
        try:
            super().__exit__(*reason)
        finally:
            for stand_in in self._stand_ins:
                stand_in.stop()
