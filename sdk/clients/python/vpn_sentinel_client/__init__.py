"""Sends keepalives to a VPN Sentinel server and reads what it knows. Standard library only."""

from .client import Client, read_key
from .errors import Refused, SentinelError, Unreachable, Untrusted
from .records import Answer, ClientStatus, Report

__all__ = ["Answer", "Client", "ClientStatus", "Refused", "Report", "SentinelError", "Unreachable", "Untrusted",
           "read_key"]
