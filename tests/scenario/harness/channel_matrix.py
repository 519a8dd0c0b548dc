"""A homeserver of Matrix, strictly: transactions, events, edits, threads, and HTML that holds no foreign markup."""

import html
import json
import re
from urllib.parse import unquote

from .channel import Channel
from .stand_in import Answer

TOKEN = "syt_c2VudGluZWw_secretsecret_1abcde"
ROOM = "!aBcDeF/g:example.net"
_PATH = re.compile(r"/_matrix/client/v3/rooms/([^/]+)/send/m\.room\.message/([^/]+)")
_MEMBER = re.compile(r"/_matrix/client/v3/rooms/([^/]+)/state/m\.room\.member/([^/]+)")
USER = "@sentinel:example.net"
_TAGS = re.compile(r"</?(?:b|i|code|br)>")


def refusal(status, code, error, **members):
    return Answer.json({"errcode": code, "error": error, **members}, status)


def no_float(text):
    raise ValueError(f"{text} is no integer, which canonical JSON wants")


def canonical(raw):
    """(content, what is wrong): JSON as events may be, an object without fractions and surrogates."""
    try:
        body = json.loads(raw.decode(), parse_float=no_float, parse_constant=no_float)
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError as error:
        return None, str(error)
    return body, None if isinstance(body, dict) else "Content must be a JSON object"


class Matrix(Channel):
    plugin = "matrix"
    secrets = (TOKEN,)
    edits = True
    REFUSED = refusal(403, "M_FORBIDDEN", "You are not invited to this room.")

    def __init__(self, authority=None):
        self.transactions = {}
        super().__init__(authority)

    def options(self):
        return {"url": self.origin, "token": TOKEN, "room": ROOM}

    def too_many_answer(self, seconds):
        return refusal(429, "M_LIMIT_EXCEEDED", "Too many requests", retry_after_ms=seconds * 1000)

    def text_of(self, content):
        """What people see; both forms say the same."""
        if content.get("msgtype") not in ("m.text", "m.notice") or content.get("m.mentions") != {}:
            self.complain(f"msgtype or mentions: {content}")
        if content.get("format") != "org.matrix.custom.html":
            self.complain("formatted_body has no format")
        marked = content["formatted_body"]
        bare = _TAGS.sub("", marked)
        if re.search(r"[<>]|&(?!amp;|lt;|gt;|quot;)", bare):
            self.complain(f"foreign markup in {marked!r}")
        seen = html.unescape(_TAGS.sub("", marked.replace("<br>", "\n")))
        if seen.split() != content["body"].split():
            self.complain(f"{seen!r} is not {content['body']!r}")
        return content["body"]

    def ask(self, request):
        """What a self test asks for: who we are, and whether we are in the room."""
        member = _MEMBER.fullmatch(request.path)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
        if request.path == "/_matrix/client/v3/account/whoami":
            return Answer.json({"user_id": USER, "device_id": "ABC", "is_guest": False})
        if not member or unquote(member.group(1)) != ROOM or unquote(member.group(2)) != USER:
            return refusal(404, "M_NOT_FOUND", "Event not found.")
        return Answer.json({"membership": "join", "displayname": "sentinel"})

    def answer(self, request):
        if request.method == "GET":
            return self.ask(request)
        path = _PATH.fullmatch(request.path)
        if not path or request.method != "PUT":
            return refusal(404, "M_UNRECOGNIZED", "Unrecognized request")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
        if unquote(path.group(1)) != ROOM:
            return refusal(403, "M_FORBIDDEN", "not in room")
        if len(unquote(path.group(2))) > 255 or request.headers.get("content-type") != "application/json":
            self.complain("a transaction or a type that is none")
            return refusal(400, "M_INVALID_PARAM", "invalid request")
        if len(request.body) > 65000:
            self.complain("an event that is too large")
            return refusal(413, "M_TOO_LARGE", "event too large")
        if path.group(2) in self.transactions:
            return self.sent(self.transactions[path.group(2)])
        body, wrong = canonical(request.body)
        if wrong:
            self.complain(wrong)
            return refusal(400, "M_BAD_JSON", wrong)
        event = f"$event{len(self.transactions) + 1}"
        self.transactions[path.group(2)] = event
        relation = body.get("m.relates_to", {})
        earlier = self.find(relation.get("event_id"))
        if relation and not earlier:
            self.complain("a relation to an event that is not there")
        if relation.get("rel_type") == "m.replace" and earlier:
            earlier.text = self.text_of(body["m.new_content"])
            earlier.title, earlier.edits = earlier.text.split("\n")[0], earlier.edits + 1
        else:
            text = self.text_of(body)
            self.keep(request, text.split("\n")[0], text, body["msgtype"], event, body)
        return self.sent(event)

    def sent(self, event):
        return self.unless_spoiled(Answer.json({"event_id": event}))
