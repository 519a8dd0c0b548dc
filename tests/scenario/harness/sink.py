"""Our own server, played: takes keepalives, keeps their bodies, answers what a test wants."""

import json
import time

from .stand_in import Answer, StandIn
from .wait import until

PATH = "/api/v1/keepalive"


class Sink(StandIn):
    """`reports` are the parsed bodies that were answered with 200, in order."""

    def __init__(self, key, authority=None, verdict="secure"):
        self.key = key
        self.verdict = verdict
        self.reports = []
        super().__init__(authority)

    @property
    def url(self):
        return self.origin

    def inspect(self, request):
        if (request.method, request.path) != ("POST", PATH):
            yield "not a call of a client"
            return
        if request.headers.get("authorization") != f"Bearer {self.key}" and request.headers.get("x-api-key") != self.key:
            yield "without the key"
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            yield "not announced as JSON"
        try:
            json.loads(request.body.decode("utf-8"))
        except ValueError:
            yield "not JSON"

    def answer(self, request):
        self.reports.append(json.loads(request.body))
        return Answer.json({
            "status": "ok", "message": "Keepalive received", "interval_seconds": 300, "requests": [], "durable": False,
            "server_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "verdict": self.verdict,
            "verdicts": {"tunnel": {"verdict": self.verdict, "confidence": "high", "evidence": "the stand-in says so"}}})

    def wait_reports(self, count, **options):
        until(lambda: len(self.reports) >= count, lambda: f"{count} reports; came: {self.reports}", **options)
        return self.reports[:count]
