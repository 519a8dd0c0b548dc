"""A wall clock that jumps when it is told to: tests/support/wallclock.c, preloaded into a program."""

import mmap
import struct

from .preload import preload


class WallClock:
    """What the programs with `environment` take for the time of day."""

    def __init__(self, control):
        control.write_bytes(bytes(8))
        with open(control, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.environment = {"WALLCLOCK_CONTROL": control, "LD_PRELOAD": preload("wallclock")}

    def jump(self, seconds):
        """From where it stands; back when negative."""
        struct.pack_into("=q", self._map, 0, self.ahead + seconds * 1000)

    @property
    def ahead(self):
        """Milliseconds before the true time."""
        return struct.unpack_from("=q", self._map, 0)[0]
