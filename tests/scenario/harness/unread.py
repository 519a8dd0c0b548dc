"""A program whose standard error is a pipe that nobody reads, as when a journal stands still."""

import fcntl
import os
import subprocess
import threading

from .program import Program, binary, clean_environment

CAPACITY = 4096


class Unread(Program):
    """Until read() it can write 4 KiB."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._end = None
        self._reader = None

    @classmethod
    def instead_of(cls, role):
        """The role, which was not started yet, gets one of these."""
        before = role.program
        role.program = cls(before.name, before.args, role.lab.folder, before.environment)
        role.lab.programs[role.lab.programs.index(before)] = role.program
        return role

    def start(self, stdin=subprocess.DEVNULL):
        self._end, theirs = os.pipe()
        fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, CAPACITY)
        with open(self.out_file, "ab") as out:
            self.process = subprocess.Popen([str(binary()), *self.args], stdin=stdin, stdout=out, stderr=theirs,
                                            env=clean_environment(self.environment), start_new_session=True)
        os.close(theirs)
        return self

    def read(self):
        """From now on it is read, into err_file."""
        self._reader = threading.Thread(target=self._copy)
        self._reader.start()

    def read_rest(self):
        """For a program that has ended: all that it could write."""
        if self._reader is None:
            self.read()
        self._reader.join(10)

    def clean_up(self):
        if self.process is None:
            return
        if self._reader is None:
            self.read()
        super().clean_up()
        self._reader.join(10)

    def _copy(self):
        with open(self._end, "rb", buffering=0) as source, open(self.err_file, "ab", buffering=0) as file:
            while part := source.read(CAPACITY):
                file.write(part)
