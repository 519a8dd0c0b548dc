"""Pushover, strictly: the form and its limits, emergencies, and how they are ended."""

import re
from urllib.parse import parse_qsl

from .channel import Channel
from .stand_in import Answer

TOKEN = "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
RECEIPT = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
USER = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
MEMBERS = {"token", "user", "title", "message", "priority", "retry", "expire", "tags", "ttl", "timestamp", "device",
           "sound", "url"}


def refusal(*errors, status=400):
    return Answer.json({"errors": list(errors), "status": 0, "request": "647d2300"}, status)


class Pushover(Channel):
    plugin = "pushover"
    secrets = (TOKEN, USER)
    REFUSED = refusal("application token is invalid")

    def __init__(self, authority=None):
        self.cancelled = []
        self.trouble_at = -5
        self.answered = False  # somebody answers what rings
        self.asked_at = 0
        super().__init__(authority)

    def options(self):
        return {"api_url": self.origin, "token": TOKEN, "user": USER}

    def take(self, request):
        answer = super().take(request)
        if answer.status >= 500:
            self.trouble_at = request.at
        return answer

    def inspect(self, request):
        yield from super().inspect(request)
        if request.at - self.trouble_at < 4.9:
            yield "tried again sooner than 5 s after an error of the service"

    def too_many_answer(self, seconds):
        answer = refusal("slow down", status=429)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def errors(self, form):
        if form.get("token") != TOKEN:
            yield "application token is invalid"
        if form.get("user") != USER:
            yield "user identifier is invalid"
        if not form.get("message"):
            yield "message cannot be blank"
        if len(form.get("message", "")) > 1024 or len(form.get("title", "")) > 250:
            yield "message or title is too long"
        if not re.fullmatch(r"-?[012]", form.get("priority", "0")):
            yield "priority is invalid"
        if form.get("priority") == "2" and not (int(form.get("retry", 0)) >= 30 and int(form.get("expire", 99999)) <= 10800):
            yield "retry and expire must be supplied with priority=2"
        if len(form.get("url", "").encode()) > 512:
            yield "url is too long"
        for name in ("timestamp", "ttl", "retry", "expire"):
            if not re.fullmatch(r"[1-9]\d{0,10}", form.get(name, "1")):
                yield f"{name} must be a positive number"
        for name in ("device", "sound"):
            if not re.fullmatch(r"[A-Za-z0-9_,-]{1,250}", form.get(name, "x")):
                yield f"{name} is invalid"
        if set(form) - MEMBERS:
            yield f"parameters that do not exist: {sorted(set(form) - MEMBERS)}"

    def receipt(self, request):
        """What became of an emergency; asking more often than every 5 s is refused to all alike."""
        if request.query.get("token") != [TOKEN]:
            return refusal("application token is invalid")
        if not any(message.level == 2 for message in self.messages):
            return refusal("receipt not found", status=404)
        if request.at - self.asked_at < 5:
            self.complain("a receipt is asked for more often than every 5 s")
        self.asked_at = request.at
        return Answer.json({"status": 1, "request": "647d2300", "acknowledged": int(self.answered), "expired": 0,
                            "acknowledged_by": USER if self.answered else "",
                            "acknowledged_by_device": "annas-phone" if self.answered else ""})

    def validate(self, form):
        if set(form) - {"token", "user", "device"}:
            self.complain(f"validate: parameters {sorted(form)}")
        if "," in form.get("device", ""):
            return refusal("device name is not valid for user")
        errors = [error for error in self.errors({**form, "message": "-"}) if "invalid" in error]
        return refusal(*errors) if errors else Answer.json({"status": 1, "group": 0, "devices": ["annas-phone"],
                                                            "licenses": ["Android"], "request": "647d2300"})

    def answer(self, request):
        if request.method == "GET" and request.path == f"/1/receipts/{RECEIPT}.json":
            return self.receipt(request)
        if request.method != "POST" or request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return refusal("not a form")
        form = dict(parse_qsl(request.body.decode(), strict_parsing=True))
        cancel = re.fullmatch(r"/1/receipts/cancel_by_tag/(\w+)\.json", request.path)
        if cancel:
            self.cancelled.append(cancel.group(1))
            return Answer.json({"status": 1, "request": "647d2300", "canceled": 1})
        if request.path == "/1/users/validate.json":
            return self.validate(form)
        if request.path != "/1/messages.json":
            return refusal("no such path", status=404)
        errors = list(self.errors(form))
        if errors:
            for error in errors:
                self.complain(error)
            return refusal(*errors)
        title = form.get("title", "")
        self.keep(request, title, f"{title}\n{form['message']}", int(form.get("priority", 0)), raw=form)
        more = {"receipt": RECEIPT} if form.get("priority") == "2" else {}
        return Answer.json({"status": 1, "request": "647d2300-702c-4b38-8b2f-d56326ae460b", **more})
