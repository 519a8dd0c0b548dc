"""Ports on loopback that the kernel chose."""

import socket


class Port:
    """
    A port that belongs to us for as long as we want, although nobody listens on it.

    A bound socket that does not listen keeps the kernel from giving the number to anybody else;
    with SO_REUSEADDR on both sides a program may still listen there. Connecting meanwhile is refused.
    """

    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._holder = socket.socket(family, socket.SOCK_STREAM)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind((host, 0))
        self.host = host
        self.number = self._holder.getsockname()[1]

    @property
    def address(self):
        return f"[{self.host}]:{self.number}" if ":" in self.host else f"{self.host}:{self.number}"

    @property
    def url(self):
        return f"http://{self.address}"

    def close(self):
        self._holder.close()
