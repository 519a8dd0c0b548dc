"""A server that may die at any moment, and is started again whenever it did."""

import http.client
import signal
import time

from .wait import PATIENCE, STEP

BROKEN = (OSError, http.client.HTTPException)  # what a call meets when the server dies


class Mortal:
    """
    Keeps `server` running. `faults` ("name:3") are armed one after the other: the first at the first
    start, the next when that one has killed, none when all have. `kills` are (moment, fault).
    """

    def __init__(self, server, faults=()):
        self.server = server
        self.faults = list(faults)
        self.kills = []
        self.environment = dict(server.program.environment)

    @property
    def armed(self):
        return self.faults[0] if self.faults else None

    def start(self):
        """Returns once it is healthy, however often it dies on the way."""
        while not self._start_once():
            self._bury()
        return self

    def _start_once(self):
        program = self.server.program
        program.environment = {**self.environment, **({"VPN_SENTINEL_FAULT": self.armed} if self.armed else {})}
        self.server.start(ready=False)
        deadline = time.monotonic() + PATIENCE
        while program.alive():
            assert time.monotonic() < deadline, f"not healthy in time\n{program.log_since_start()}"
            try:
                if self.server.get("/health", form="none", api="").status == 200:
                    return True
            except BROKEN:
                pass
            time.sleep(STEP)
        return False

    def _bury(self):
        program = self.server.program
        code = program.wait()
        assert code == -signal.SIGKILL and self.armed, f"it ended with {code}\n{program.log_since_start()}"
        self.kills.append((time.monotonic(), self.faults.pop(0)))

    def call(self, act):
        """act()'s result; while the server dies meanwhile it is started again, and act() repeated."""
        while True:
            try:
                return act()
            except BROKEN:
                self._bury()
                self.start()

    def end(self):
        """A clean end, unless what is still armed is met on the way."""
        program = self.server.program
        program.signal(signal.SIGTERM)
        code = program.wait()
        assert code == 0 or (code == -signal.SIGKILL and self.armed), f"it ended with {code}\n{program.log()}"
        return code
