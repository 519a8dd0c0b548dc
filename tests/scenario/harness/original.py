"""
The server of the Python original, played: its checks in its order, which members it reads of a body,
what it makes of their values, and its answers. `clients` is what its status would show.
"""

import ipaddress
import json
import re
import time

from .stand_in import Answer, StandIn
from .wait import until

PREFIX = "/api/v1"
_ID = re.compile(r"[a-zA-Z0-9._-]{1,100}")
_TEXT = re.compile(r"[a-zA-Z0-9\s.,'\"-]{0,100}")
_ZONE = re.compile(r"[a-zA-Z0-9\s.,'\"/_-]{0,100}")


def _text(value, pattern=_TEXT):
    return value if isinstance(value, str) and pattern.fullmatch(value) else "Unknown"


def _address(value):
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return "unknown"


class Original(StandIn):
    def __init__(self, key):
        self.key = key
        self.clients = {}
        super().__init__()

    @property
    def url(self):
        return self.origin

    def wait_keepalives(self, count, **options):
        until(lambda: len(self.requests) >= count, lambda: f"{count} requests; came {len(self.requests)}", **options)

    def answer(self, request):
        answer = self._route(request)
        answer.headers.update({"Server": "Werkzeug/3.0.1 Python/3.11.2", "Connection": "close"})
        return answer

    def _route(self, request):
        key = request.headers.get("x-api-key")
        if not key:
            return _error(401, "Authentication required", "X-API-Key header is required")
        if key != self.key:
            return _error(403, "Authentication failed", "Invalid API key")
        if (request.method, request.path) == ("POST", f"{PREFIX}/keepalive"):
            return self._keepalive(request)
        if (request.method, request.path) == ("GET", f"{PREFIX}/status"):
            return Answer.json(self.clients)
        return Answer(404, b"<!doctype html>\n<title>404 Not Found</title>\n", {"Content-Type": "text/html"})

    def _keepalive(self, request):
        body = None
        if request.headers.get("content-type", "").split(";")[0] == "application/json":
            try:
                body = json.loads(request.body)
            except ValueError:
                pass
        if body is None or isinstance(body, list):
            return _error(500, "Internal server error")
        if not body:
            return _error(400, "No JSON data provided")
        if not body.get("client_id"):
            return _error(400, "client_id is required")
        if not _ID.fullmatch(str(body["client_id"])):
            return _error(400, "Invalid client_id format")
        self.clients[body["client_id"]] = self._record(body)
        return Answer.json({"message": "Keepalive received", "status": "ok",
                            "server_time": time.strftime("%Y-%m-%dT%H:%M:%S.967421+00:00", time.gmtime())})

    @staticmethod
    def _record(body):
        location, dns_test = body.get("location"), body.get("dns_test")
        if isinstance(location, dict) and "country" in location:
            place = {**location, "provider": location.get("org", "unknown")}
        else:
            place = body
        if isinstance(dns_test, dict) and "location" in dns_test:
            dns_loc, colo = dns_test["location"], dns_test.get("colo", "Unknown")
        else:
            dns_loc, colo = body.get("dns_loc", "Unknown"), body.get("dns_colo", "Unknown")
        return {"ip": _address(body.get("public_ip") or body.get("ip") or "unknown"),
                **{name: _text(place.get(name, "unknown")) for name in ("country", "city", "region", "provider")},
                "timezone": _text(place.get("timezone", "unknown"), _ZONE), "dns_loc": _text(dns_loc),
                "dns_colo": _text(colo), "client_version": _text(body.get("client_version", "Unknown"))}


def _error(status, error, message=None):
    return Answer.json({"error": error, **({"message": message} if message else {})}, status)
