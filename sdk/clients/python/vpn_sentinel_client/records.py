"""What is sent and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

JsonObject = Mapping[str, Any]


def text_of(record: JsonObject, name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else "unknown"


def _filled(**members: Optional[str]) -> dict[str, str]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class Report:
    """One keepalive. What was not measured stays None: it is unknown then, which is no leak."""

    client_id: str
    public_ip: Optional[str] = None
    country: Optional[str] = None
    city: Optional[str] = None
    region: Optional[str] = None
    provider: Optional[str] = None
    timezone: Optional[str] = None
    dns_location: Optional[str] = None
    dns_colo: Optional[str] = None
    client_version: Optional[str] = None

    def body(self) -> dict[str, object]:
        """The nested form, which servers of every age understand."""
        members: dict[str, object] = {"client_id": self.client_id, "status": "alive"}
        members.update(_filled(public_ip=self.public_ip, client_version=self.client_version))
        location = _filled(country=self.country, city=self.city, region=self.region, org=self.provider,
                           timezone=self.timezone)
        dns_test = _filled(location=self.dns_location, colo=self.dns_colo)
        if location:
            members["location"] = location
        if dns_test:
            members["dns_test"] = dns_test
        return members


@dataclass(frozen=True)
class Answer:
    """What the server made of a keepalive. `raw` is all that it said."""

    verdict: str  # "unknown" where the server does not judge
    interval: Optional[float]  # the seconds after which it expects the next one
    durable: bool  # whether it is stored
    raw: JsonObject = field(repr=False)

    @classmethod
    def read(cls, said: JsonObject) -> Answer:
        interval = said.get("interval_seconds")
        usable = isinstance(interval, (int, float)) and not isinstance(interval, bool) and interval > 0
        return cls(text_of(said, "verdict"), float(interval) if usable and interval is not None else None,
                   said.get("durable") is True, said)


@dataclass(frozen=True)
class ClientStatus:
    """What the server knows of one client. Texts are "unknown" where it does not know; `raw` has everything."""

    client_id: str
    status: str  # alive, late, lost, ...
    verdict: str
    public_ip: str
    country: str
    last_seen: str
    raw: JsonObject = field(repr=False)

    @classmethod
    def read(cls, said: JsonObject) -> ClientStatus:
        return cls(text_of(said, "client_id"), text_of(said, "status"), text_of(said, "verdict"),
                   text_of(said, "public_ip"), text_of(said, "country"), text_of(said, "last_seen"), said)
