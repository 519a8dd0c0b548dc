"""nginx as the measure: one worker that answers every request with the same bytes and keeps an access log."""

import shutil
import socket
import subprocess
import time

from . import process
from .place import Trouble

from harness.ports import Port  # noqa: E402 - place.py shows where

# As many bytes as the server's own answer to a keepalive has, and a log written as ours is: in pieces, and soon.
_FORM = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    log_format audit escape=json '{{"time":"$time_iso8601","address":"$remote_addr","principal":"$remote_user",'
        '"method":"$request_method","path":"$uri","status":$status,"client":null,"ms":$request_time}}';
    access_log {folder}/access.log audit buffer=64k flush=250ms;
    keepalive_requests 1000000000;
    keepalive_timeout 120s;
    types {{ }}
    default_type application/json;
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        location / {{ return 200 '{canned}'; }}
        location /list/ {{ alias {folder}/; sendfile on; }}
    }}
}}
"""


def find_nginx():
    """Its path; None where it is not installed."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Side:
    """One of its ports, as the load generator sees a server."""

    def __init__(self, nginx, scheme, port):
        self.name = f"nginx {scheme}"
        self.place = nginx.place
        self.key = nginx.key
        self.scheme = scheme
        self.port = port
        self._nginx = nginx

    @property
    def pid(self):
        return self._nginx.pid


class Nginx:
    """Until its context is left. `plain` and `tls` are what to ask; /list/list.json is `listed`."""

    def __init__(self, place, core, tls, answer, listed, key):
        self.place = place
        self.key = key
        self.folder = place.new_folder("nginx")
        self.plain = Side(self, "http", Port())
        self.tls = Side(self, "https", Port())
        (self.folder / "list.json").write_bytes(listed)
        (self.folder / "nginx.conf").write_text(_FORM.format(
            folder=self.folder, plain=self.plain.port.number, tls=self.tls.port.number,
            canned=answer.decode().strip().replace("'", " ").replace("$", " "), **tls), encoding="utf-8")
        self._core = core
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def _fail(self, log):
        raise Trouble("nginx does not run:\n" + log.read_text(encoding="utf-8", errors="replace")[-2000:])

    def __enter__(self):
        log = self.folder / "nginx.log"
        with open(log, "wb") as out:
            self._process = subprocess.Popen(
                [find_nginx(), "-p", self.folder, "-c", self.folder / "nginx.conf"], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, preexec_fn=process.pin(self._core) if self._core is not None else None)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._fail(log)
            try:
                socket.create_connection(("127.0.0.1", self.plain.port.number)).close()
                return self
            except OSError:
                time.sleep(0.01)
        return self._fail(log)

    def __exit__(self, *_reason):
        self._process.terminate()
        self._process.wait()
        self.plain.port.close()
        self.tls.port.close()
