"""What can go wrong, by what the caller can do about it. No text of these holds the key."""

from __future__ import annotations


class SentinelError(Exception):
    """Of all that this package raises, but for ValueError: a mistake in an argument."""


class Unreachable(SentinelError):
    """No answer, or none that a VPN Sentinel server gives. Later it may work."""


class Untrusted(SentinelError):
    """The server could not prove who it is. The key was not sent."""


class Refused(SentinelError):
    """The server said no. `status` is the HTTP status, `code` the stable name of the reason, or ""."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        super().__init__(f"the server answered {status}" + (f": {detail}" if detail else ""))
