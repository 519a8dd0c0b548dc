"""ntfy, strictly: JSON published at the root, its limits, and editing by sequence id."""

import json
import re

from .channel import Channel
from .stand_in import Answer

TOPIC = "alerts-4711-secret-topic"
TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"

_ID = re.compile(r"[-_A-Za-z0-9]{1,64}")
MEMBERS = {"topic": str, "title": str, "message": str, "priority": int, "tags": list, "click": str,
           "sequence_id": str, "actions": list}
ACTION = {"action": str, "label": str, "url": str, "method": str, "headers": dict, "body": str, "clear": bool}


def refusal(code, error, **headers):
    return Answer.json({"code": code, "http": code // 100, "error": error, "link": "https://ntfy.sh/docs"}, code // 100,
                       **headers)


class Ntfy(Channel):
    plugin = "ntfy"
    secrets = (TOPIC, TOKEN)
    edits = True
    REFUSED = refusal(40301, "forbidden")

    def options(self):
        return {"url": self.origin, "topic": TOPIC, "token": TOKEN}

    def too_many_answer(self, seconds):
        return refusal(42901, "limit reached: too many requests", Retry_After=str(seconds))

    def action_fault(self, actions):
        if len(actions) > 3:
            return "too many actions, only 3 supported"
        for action in actions:
            if action.get("action") not in ("view", "broadcast", "http", "copy"):
                return f"action {action.get('action')!r} unknown"
            if not action.get("label") or not action.get("url", "").startswith(("http://", "https://")):
                return "parameter 'label' and 'url' are required"
            if set(action) - set(ACTION) or not all(isinstance(v, ACTION[k]) for k, v in action.items()):
                return f"an action of another form: {action}"
        return None

    def fault(self, request):
        if request.method != "POST" or request.path != "/":
            return refusal(40401, "page not found")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(40101, "unauthorized")
        if len(request.body) > 8192:
            return refusal(41303, "JSON body too large")
        try:
            body = json.loads(request.body)
        except ValueError:
            return refusal(40024, "invalid request: request body must be message JSON")
        if not _ID.fullmatch(body.get("topic", "")) or body["topic"] != TOPIC:
            return refusal(40009, "invalid request: topic invalid")
        if not isinstance(body.get("priority", 3), int) or not 1 <= body.get("priority", 3) <= 5:
            return refusal(40007, "invalid request: priority invalid")
        if not _ID.fullmatch(body.get("sequence_id", "x")):
            return refusal(40049, "invalid request: sequence ID invalid")
        wrong = self.action_fault(body.get("actions", []))
        if wrong:
            return refusal(40018, f"invalid request: actions invalid; {wrong}")
        if any(not isinstance(tag, str) for tag in body.get("tags", [])) or not isinstance(body.get("title", ""), str):
            return refusal(40024, "invalid request: request body must be message JSON")
        if len(body.get("message", "").encode()) > 4096:
            self.complain("a message that would become a file")
        for name, value in body.items():
            if not isinstance(value, MEMBERS.get(name, ())):
                self.complain(f"{name} is {value!r}")
        return None

    def account(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(40101, "unauthorized")
        return Answer.json({"username": "sentinel", "role": "user", "tokens": []})

    def answer(self, request):
        if request.method == "GET" and request.path == "/v1/account":
            return self.account(request)
        fault = self.fault(request)
        if fault:
            self.complain(json.loads(fault.body)["error"])
            return fault
        body = json.loads(request.body)
        title, message = body.get("title", ""), body.get("message") or "triggered"
        ref = f"id{len(self.requests):08d}"
        earlier = self.find(body.get("sequence_id"))
        if earlier:
            earlier.title, earlier.text, earlier.edits = title, f"{title}\n{message}", earlier.edits + 1
            earlier.raw = body
        else:
            self.keep(request, title, f"{title}\n{message}", body.get("priority"), body.get("sequence_id") or ref, body)
        return self.unless_spoiled(Answer.json({"id": ref, "time": 1767323045, "expires": 1767366245, "event": "message",
                                                "topic": body["topic"], "title": title, "message": message}))
