"""Gotify, strictly: who may send, the members of a message, and its way to refuse."""

import json

from .channel import Channel
from .stand_in import Answer

TOKEN = "AaBbCcDdEeFf.gg"
MEMBERS = {"title": str, "message": str, "priority": int, "extras": dict}


def refusal(status, error, description):
    return Answer.json({"error": error, "errorCode": status, "errorDescription": description}, status)


class Gotify(Channel):
    plugin = "gotify"
    secrets = (TOKEN,)
    REFUSED = refusal(401, "Unauthorized",
                      "you need to provide a valid access token or user credentials to access this api")

    def options(self):
        return {"url": f"{self.origin}/sub/", "token": TOKEN}

    def too_many_answer(self, seconds):
        answer = refusal(429, "Too Many Requests", "slow down")
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def answer(self, request):
        if request.method == "GET" and request.path == "/sub/health":
            return Answer.json({"health": "green", "database": "green"})
        if request.method != "POST" or request.path != "/sub/message":
            return refusal(404, "Not Found", "page not found")
        if request.headers.get("x-gotify-key") != TOKEN:
            return self.REFUSED
        try:
            body = json.loads(request.body)
        except ValueError as error:
            self.complain(str(error))
            return refusal(400, "Bad Request", str(error))
        if request.headers.get("content-type") != "application/json" or not isinstance(body, dict):
            self.complain("no JSON, or no object")
            return refusal(400, "Bad Request", "invalid message")
        if any("::" not in name or not isinstance(value, dict) for name, value in body.get("extras", {}).items()):
            self.complain("extras without a namespace")
        for name, value in body.items():
            if not isinstance(value, MEMBERS.get(name, ())):
                self.complain(f"{name} is {value!r}")
        if not body.get("message"):
            self.complain("no message")
            return refusal(400, "Bad Request", "Field 'message' is required")
        if body.get("extras", {}).get("client::display", {}).get("contentType") != "text/plain":
            self.complain("a client may take it for Markdown")
        if not 0 <= body.get("priority", 0) <= 10:
            self.complain("a priority that no client knows")
        title = body.get("title", "")
        message = self.keep(request, title, f"{title}\n{body['message']}", body.get("priority"), raw=body)
        return Answer.json({"id": len(self.messages), "appid": 5, "message": body["message"], "title": message.title,
                            "priority": message.level, "date": "2026-01-02T03:04:05Z"})
