"""Ports on loopback that the kernel chose."""

import errno
import socket

NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class Port:
    """
    A port that belongs to us for as long as we want, although nobody listens on it.

    A bound socket that does not listen keeps the kernel from giving the number to anybody else;
    with SO_REUSEADDR on both sides a program may still listen there. Connecting meanwhile is refused.
    A test that wants one on ::1 is skipped where loopback has no IPv6, as in most containers.
    """

    def __init__(self, host="127.0.0.1"):
        self._holder = self._hold(host)
        self.host = host
        self.number = self._holder.getsockname()[1]

    @staticmethod
    def _hold(host):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            holder = socket.socket(family, socket.SOCK_STREAM)
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((host, 0))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno in NO_IPV6:
                import pytest  # the bench has ports, too, and no pytest
                pytest.skip("loopback has no IPv6 here")
            raise
        return holder

    @property
    def address(self):
        return f"[{self.host}]:{self.number}" if ":" in self.host else f"{self.host}:{self.number}"

    @property
    def url(self):
        return f"http://{self.address}"

    def close(self):
        self._holder.close()
