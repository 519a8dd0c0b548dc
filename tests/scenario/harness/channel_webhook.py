"""A receiver of our own events, strictly: the form of the event, its signature and its headers."""

import hashlib
import hmac
import json
import re
import time

from .channel import Channel
from .stand_in import Answer

KEY = "0123456789abcdef0123456789abcdef"
OLD_KEY = "fedcba9876543210fedcba9876543210"
PATH = "/in/4711-secret-path"

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
EVENTS = ("notice", "opened", "escalated", "acknowledged", "reminded", "resolved")
MEMBERS = {"version": int, "delivery": str, "event": str, "at": str, "severity": str, "kind": str,
           "incident": (str, type(None)), "client": (str, type(None)), "title": str, "body": str, "fields": list,
           "text": str, "channel": str, "attempt": int, "possible_duplicate": bool, "late": bool,
           "priority": str, "silent": bool, "count": int}


def is_ours(key, header, body, now=None):
    """As the plugin's README tells receivers to check."""
    parts = [part.split("=", 1) for part in header.split(",")]
    t = next(value for name, value in parts if name == "t")
    right = hmac.new(key.encode(), t.encode() + b"." + body, hashlib.sha256).hexdigest()
    return abs((now or time.time()) - int(t)) < 300 and any(
        hmac.compare_digest(value, right) for name, value in parts if name == "v1")


class Webhook(Channel):
    plugin = "webhook"
    secrets = (KEY, PATH)
    GONE = Answer.text("no more, please", 410)
    REFUSED = Answer.text("who are you?", 403)

    def __init__(self, authority=None, keys=(KEY,)):
        self.keys = keys
        self.deliveries = []
        super().__init__(authority)

    def options(self):
        return {"url": f"{self.origin}{PATH}", "key": KEY}

    def too_many_answer(self, seconds):
        return Answer.text("slow down", 429, Retry_After=str(seconds))

    def faults(self, request, event):
        for name, kind in MEMBERS.items():
            if name not in event or not isinstance(event[name], kind):
                yield f"{name} is {event.get(name)!r}"
        if set(event) - set(MEMBERS):
            yield f"members that no README names: {sorted(set(event) - set(MEMBERS))}"
        if event.get("event") not in EVENTS or request.headers.get("x-sentinel-event") != event.get("event"):
            yield "X-Sentinel-Event is not the event"
        if request.headers.get("x-sentinel-delivery") != event.get("delivery"):
            yield "X-Sentinel-Delivery is not the delivery"
        if not _ULID.fullmatch(str(event.get("delivery"))) or not _TIME.fullmatch(str(event.get("at"))):
            yield "an id or a time of another form"
        if event.get("priority") not in ("low", "normal", "high", "urgent") or event.get("count", 0) < 1:
            yield "a priority or a count that does not exist"
        if event.get("count") == 1 and (event.get("incident") is None) != (event.get("event") == "notice"):
            yield "an incident without an id, or a notice with one"

    def answer(self, request):
        if request.method != "POST" or request.path != PATH:
            return Answer.text("nothing here", 404)
        if request.headers.get("content-type") != "application/json":
            return Answer.text("JSON, please", 415)
        signature = request.headers.get("x-sentinel-signature", "t=0")
        if not any(is_ours(key, signature, request.body) for key in self.keys):
            self.complain("a signature that is wrong")
            return Answer.text("a wrong signature", 401)
        event = json.loads(request.body)
        for fault in self.faults(request, event):
            self.complain(fault)
        if event["delivery"] in self.deliveries:
            return Answer(status=200)
        self.deliveries.append(event["delivery"])
        fields = [f"{f['label']}: {f['value']}" for f in event["fields"]]
        self.keep(request, event["title"], "\n".join([event["title"], event["body"], *fields]), event["severity"],
                  raw=event)
        return Answer(status=204)
