"""A raw sender of keepalives in each of the three bodies, and small HTTP calls."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Reply:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


def call(url, method="GET", body=None, headers=None, timeout=10):
    """One request over a connection of its own; any status is a reply."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target or "/", body, headers or {})
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def key_headers(key, form="bearer"):
    """The two ways to present a key, or none."""
    return {"bearer": {"Authorization": f"Bearer {key}"}, "x-api-key": {"X-API-Key": key}, "none": {}}[form]


def flat(client_id, place, dns_location, **more):
    """The flat body, all at the top level."""
    return {"client_id": client_id, "timestamp": "2026-11-23T00:43:05Z", "public_ip": place.ip,
            "country": place.country, "city": place.city, "region": place.region, "provider": place.org,
            "timezone": place.timezone, "dns_location": dns_location, **more}


def nested(client_id, place, dns_location, **more):
    """The original client's body, with its exact members."""
    return {"client_id": client_id, "timestamp": "2026-11-23T00:43:05+0000", "public_ip": place.ip, "status": "alive",
            "client_version": "1.0.0-dev-e53dc65",
            "location": {"country": place.country, "city": place.city, "region": place.region, "org": place.org,
                         "timezone": place.timezone},
            "dns_test": {"location": dns_location, "colo": "OTP"}, **more}


def own(client_id, place, dns_location, **more):
    """Our own body: the nested one with observations."""
    now = more.pop("observed_at", None)
    ipinfo = {"source": "ipinfo", "status": "pass",
              "facts": {"exit.ip": place.ip, "exit.country": place.country, "exit.city": place.city,
                        "exit.region": place.region, "exit.asn": place.asn, "exit.timezone": place.timezone}}
    trace = {"source": "cloudflare_trace", "status": "pass",
             "facts": {"trace.ip": place.ip, "dns_location": dns_location}}
    for observation in (ipinfo, trace):
        if now:
            observation["observed_at"] = now
    return {**nested(client_id, place, dns_location), "v": 2, "seq": 1, "interval_seconds": 60, "nonces": [],
            "observations": [ipinfo, trace], **more}


BODIES = {"flat": flat, "nested": nested, "own": own}


def encode(body):
    return json.dumps(body, ensure_ascii=False).encode()
