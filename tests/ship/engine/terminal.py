"""A command at a terminal, as people run it: keys go in, text comes out."""

import os
import pty
import re
import select
import subprocess
import time

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    def __init__(self, argv, environment):
        self._screen, inside = pty.openpty()
        self.process = subprocess.Popen(argv, env=environment, stdin=inside, stdout=inside, stderr=inside,
                                        start_new_session=True)
        os.close(inside)
        self.text = ""

    def _read(self, seconds):
        """Whether more may come."""
        if not select.select([self._screen], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # the last one inside is gone
            return False
        self.text = COLOURS.sub("", self.text + data.decode(errors="replace").replace("\r\n", "\n"))
        return bool(data)

    def wait_for(self, words, within):
        deadline = time.monotonic() + within
        while words not in self.text:
            assert self._read(1), f"ended without {words!r}: {self.text}"
            assert time.monotonic() < deadline, f"waited {within} s in vain for {words!r}: {self.text}"

    def press(self, keys):
        os.write(self._screen, keys.encode())

    def end(self, within):
        """Its exit status, once it has ended by itself."""
        deadline = time.monotonic() + within
        while self._read(1):
            assert time.monotonic() < deadline, f"still there after {within} s: {self.text}"
        return self.process.wait(timeout=within)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._screen)
