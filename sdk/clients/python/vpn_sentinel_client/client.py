"""The calls of the API, and when to try them again."""

from __future__ import annotations

import email.utils
import json
import random
import time
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Union
from urllib.parse import quote

from .errors import Refused, Unreachable
from .records import Answer, ClientStatus, Report
from .transport import Reply, Transport

_LATER = frozenset({408, 429, 500, 502, 503, 504})
_LONGEST_KEY_FILE = 65536


def read_key(path: Union[str, Path]) -> str:
    """The key in a file, without the newline at its end."""
    with open(path, encoding="utf-8") as file:
        return file.read(_LONGEST_KEY_FILE).rstrip("\r\n")


def _usable(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or key.strip() != key:
        raise ValueError("the key must be printable ASCII without spaces around it; `vpn-sentinel key new` makes one")
    return key


def _retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """The seconds that the server asks for, which may be written as a date."""
    text = headers.get("retry-after", "").strip()[:40]
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(email.utils.parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreachable("something else than a VPN Sentinel server answers there: its answer is no JSON") from error


def _refusal(reply: Reply) -> Refused:
    try:
        said = json.loads(reply.body.decode("utf-8"))
    except (ValueError, RecursionError):
        said = None
    texts: Dict[str, str] = {}
    if isinstance(said, dict):
        texts = {name: text for name, text in said.items() if isinstance(text, str)}
    detail = next((texts[name] for name in ("detail", "title", "message", "error") if texts.get(name)), "")
    return Refused(reply.status, texts.get("error", ""), detail[:300])


class Client:
    """
    Speaks to one server, one request at a time each; threads may share it.

    Give the key as `key`, or as `key_file`, which is read for every request, so that a new key needs no
    restart. A request is tried `attempts` times, `timeout` seconds each, when there is no answer or one that
    asks to come later; in between it waits for as long as Retry-After says, at most `longest_wait` seconds.
    """

    def __init__(self, url: str, *, key: Optional[str] = None, key_file: Union[str, Path, None] = None,
                 ca_file: Optional[str] = None, pin: Optional[str] = None, api_path: str = "/api/v1",
                 timeout: float = 30.0, attempts: int = 3, longest_wait: float = 60.0,
                 pause: Callable[[float], object] = time.sleep) -> None:
        if (key is None) == (key_file is None):
            raise ValueError("give either key or key_file")
        if attempts < 1:
            raise ValueError("attempts must be 1 or more")
        self._key = None if key is None else _usable(key)
        self._key_file = key_file
        self._transport = Transport(url, ca_file, pin, timeout)
        self._prefix = "/" + api_path.strip("/") if api_path.strip("/") else ""
        self._attempts = attempts
        self._longest_wait = longest_wait
        self._pause = pause

    def keepalive(self, report: Report) -> Answer:
        """Sends one report; raises SentinelError when nobody took it."""
        body = json.dumps(report.body(), ensure_ascii=False).encode("utf-8")
        said = _json(self._call("POST", "/keepalive", body))
        if not isinstance(said, dict) or said.get("status") != "ok":
            raise Unreachable("something else than a VPN Sentinel server answers there: it does not say \"ok\"")
        return Answer.read(said)

    def status(self) -> list[ClientStatus]:
        """All clients that the server knows and the key may see."""
        said = _json(self._call("GET", "/status"))
        if isinstance(said, dict):  # the original's server: an object by client id
            said = [{"client_id": name, **record} for name, record in said.items() if isinstance(record, dict)]
        if not isinstance(said, list):
            raise Unreachable("something else than a VPN Sentinel server answers there: it lists no clients")
        return [ClientStatus.read({"public_ip": one.get("ip"), **one}) for one in said if isinstance(one, dict)]

    def client(self, client_id: str) -> ClientStatus:
        """One of them. Refused with the code "client_not_found" when there is none."""
        said = _json(self._call("GET", f"/clients/{quote(client_id, safe='')}"))
        if not isinstance(said, dict):
            raise Unreachable("something else than a VPN Sentinel server answers there: that is no client")
        return ClientStatus.read(said)

    # -- one call, as often as it takes

    def _headers(self) -> dict[str, str]:
        key = self._key
        if key is None and self._key_file is not None:
            key = _usable(read_key(self._key_file))
        return {"X-API-Key": key or "", "Content-Type": "application/json", "Accept": "application/json",
                "User-Agent": "vpn-sentinel-client-python/1.0"}

    def _call(self, method: str, path: str, body: Optional[bytes] = None) -> Reply:
        last = self._attempts - 1
        for attempt in range(self._attempts):
            wait: Optional[float] = None
            try:
                reply = self._transport.request(method, self._prefix + path, self._headers(), body)
            except Unreachable:
                if attempt == last:
                    raise
            else:
                if 200 <= reply.status <= 299:
                    return reply
                if reply.status not in _LATER or attempt == last:
                    raise _refusal(reply)
                wait = _retry_after(reply.headers)
            if wait is None:
                wait = 2.0 ** attempt * random.uniform(0.5, 1.0)
            self._pause(min(wait, self._longest_wait))
        raise AssertionError("unreachable: the last attempt returns or raises")
