"""A disk that fails when it is told to: tests/support/faultio.c, preloaded into a program."""

import errno
import mmap
import struct

from .preload import preload

_FIELDS = ("calls", "failed", "first", "last", "error", "is_short", "held", "deadly", "renames")
_FOR_EVER = 2**64 - 1


class Disk:
    """The files below `folder`, as the programs with `environment` see them. Sound until it is told to fail."""

    def __init__(self, folder, control):
        control.write_bytes(bytes(8 * len(_FIELDS)))
        with open(control, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.environment = {"FAULTIO_BELOW": folder, "FAULTIO_CONTROL": control, "LD_PRELOAD": preload("faultio")}

    def kill(self, first):
        """The program ends before its renaming number `first`, as by kill -9."""
        self._set("deadly", 1)
        self._set("first", first)

    def fail(self, first, error, calls=_FOR_EVER, short=False):
        """From call number `first` on, so many of them."""
        self._set("error", error)
        self._set("is_short", short)
        self._set("last", min(first + calls - 1, _FOR_EVER))
        self._set("first", first)

    def hold(self):
        """Nothing fails, but nothing comes back either, until release()."""
        self._set("held", 1)

    def release(self):
        self._set("held", 0)

    def heal(self):
        self._set("first", 0)
        self._set("deadly", 0)

    @property
    def calls(self):
        return self._get("calls")

    @property
    def renames(self):
        return self._get("renames")

    @property
    def failed(self):
        return self._get("failed")

    def _set(self, name, value):
        struct.pack_into("=Q", self._map, 8 * _FIELDS.index(name), value)

    def _get(self, name):
        return struct.unpack_from("=Q", self._map, 8 * _FIELDS.index(name))[0]


ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS}
