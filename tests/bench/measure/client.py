"""A client under measurement: the shipped configuration, which reports to a server of the bench."""

import os
import subprocess
import time

from .place import ROOT, Trouble


class ShippedClient:
    """Runs while its context lasts; server is a ShippedServer that runs, whose stand-ins its probes ask, too."""

    def __init__(self, server):
        folder = server.place.new_folder("client")
        self._server = server
        self._log = folder / "client.log"
        self._environment = {
            "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC",
            **{name: server.environment[name] for name in ("IPINFO_URL", "CLOUDFLARE_TRACE_URL")},
            "VPN_SENTINEL_STATE_DIR": str(folder),
            "VPN_SENTINEL_URL": f"http://127.0.0.1:{server.port.number}",
            "VPN_SENTINEL_API_KEY": server.key,
            "VPN_SENTINEL_CLIENT_ID": "bench",
        }
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def wait_reported(self, within=120):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._server.get("/api/v1/clients/bench")[0] == 200:
                return
            time.sleep(0.05)
        raise Trouble(f"the client did not report; its log:\n{self._log.read_text(errors='replace')[-2000:]}")

    def __enter__(self):
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [self._server.place.program, "client", "-c", ROOT / "etc" / "client.yaml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment)
        return self

    def __exit__(self, *_reason):
        self._process.terminate()
        self._process.wait()
