"""
The Bot API of Telegram, strictly: what it refuses is refused with its own words and noted as a
complaint; a message sent before a 429's retry_after is over is one too.
"""

import json
import math
import re
import time
from dataclasses import dataclass, replace

from .stand_in import Answer, StandIn
from .telegram_bot import Bot
from .telegram_html import LONGEST, ParseError, parse, utf16_units
from .wait import until

_PATH = re.compile(r"/bot([^/]+)/(\w+)")
_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}")

# Parameters of sendMessage that exist, with the JSON type of each.
PARAMETERS = {"chat_id": (int, str), "text": str, "parse_mode": str, "link_preview_options": dict,
              "disable_notification": bool, "message_thread_id": int, "reply_markup": dict,
              "protect_content": bool, "entities": list, "reply_parameters": dict}
METHODS = {
    "sendMessage": set(PARAMETERS),
    "editMessageText": {"chat_id", "message_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup"},
    "editMessageReplyMarkup": {"chat_id", "message_id", "reply_markup"},
}
BURST = 3  # messages a chat takes before the pace of one a second is enforced
A_MINUTE = 20  # messages that a group takes


@dataclass(frozen=True)
class Message:
    at: float
    chat_id: int
    text: str  # as people see it
    html: str  # as it was sent
    silent: bool
    number: int
    thread: int = 0
    reply_to: int = 0
    buttons: tuple = ()  # (label, what it says)
    entities: tuple = ()  # how its text is shown, where it was sent so

    @property
    def title(self):
        return self.text.split("\n")[0]


def failure(status, description, retry_after=None, **parameters):
    body = {"ok": False, "error_code": status, "description": description}
    headers = {}
    if retry_after is not None:
        parameters["retry_after"] = retry_after
        headers["Retry-After"] = str(retry_after)
    if parameters:
        body["parameters"] = parameters
    answer = Answer.json(body, status)
    answer.headers.update(headers)
    return answer


UNAUTHORIZED = failure(401, "Unauthorized")
NOT_FOUND = failure(404, "Not Found")
BLOCKED = failure(403, "Forbidden: bot was blocked by the user")
RESTARTING = failure(500, "Internal Server Error: restart")


class Telegram(StandIn):
    """One bot, and the chats it may write to."""

    def __init__(self, token, chat_id, authority=None):
        self.token = token
        self.chats = {chat_id}
        self.migrated = {}  # old chat -> new chat
        self.messages = []
        self.pace = False  # True: one a second and chat, twenty a minute and group
        self._closed_until = {}  # chat -> monotonic seconds before which nothing may be sent
        self._sent_at = {}
        self.edits = []  # messages as they were changed into
        self.bot = Bot(self)
        super().__init__(authority)

    # -- what tests use

    @property
    def url(self):
        return self.origin

    def too_many(self, retry_after):
        """A scripted 429; the chat stays closed for that long."""

        def answer(request):
            chat = self._chat(json.loads(request.body))
            self._closed_until[chat] = time.monotonic() + retry_after
            return failure(429, f"Too Many Requests: retry after {retry_after}", retry_after)

        return answer

    def migrate(self, old, new):
        self.chats = self.chats - {old} | {new}
        self.migrated[old] = new

    def has_had(self, chat, count, seconds_ago):
        """So many were sent there before, by us or by others."""
        self._sent_at[chat] = [time.monotonic() - seconds_ago] * count

    def matching(self, pattern):
        """Messages whose title holds the regular expression, in any case."""
        return [m for m in list(self.messages) if re.search(pattern, m.title, re.IGNORECASE)]

    def wait_for(self, pattern, count=1, within=None):
        """The messages that match, once there are `count` of them."""
        options = {} if within is None else {"within": within}
        until(lambda: len(self.matching(pattern)) >= count,
              lambda: f"{count} message(s) with {pattern!r}; came: {self.texts()}", **options)
        return self.matching(pattern)

    def message(self, number):
        """As it stands there now."""
        return self.messages[number - 1]

    def texts(self):
        return [m.text for m in list(self.messages)]

    # -- the service

    def take(self, request):
        """What a bot asks besides sending is no part of `requests` and of the script."""
        path = _PATH.fullmatch(request.path)
        if not path or path.group(1) != self.token or path.group(2) not in Bot.METHODS:
            return super().take(request)
        return self.bot.take(request, path.group(2))

    def inspect(self, request):
        if request.method != "POST":
            yield "the Bot API is called by POST here"
        path = _PATH.fullmatch(request.path)
        if not path:
            yield "not a path of the Bot API"
        elif path.group(1) != self.token:
            yield "a wrong token"
        if request.query:
            yield "parameters belong in the body"
        if path and path.group(2) in METHODS:
            yield from self._inspect_message(request, path.group(2))

    def _inspect_message(self, request, method):
        try:
            body = json.loads(request.body)
        except ValueError:
            return
        for name, value in body.items():
            expected = {**PARAMETERS, "message_id": int}.get(name)
            if expected is None or name not in METHODS[method]:
                yield f"{method} has no parameter {name}"
            elif not isinstance(value, expected):
                yield f"{name} is a {type(value).__name__}"
        if self._closed_until.get(self._chat(body), 0) > request.at:
            yield "sent before retry_after was over"

    def answer(self, request):
        path = _PATH.fullmatch(request.path)
        if not path or not _TOKEN.fullmatch(path.group(1)):
            return NOT_FOUND
        if path.group(1) != self.token:
            return UNAUTHORIZED
        if path.group(2) not in METHODS:
            self.complaints.append(f"method {path.group(2)} is not played here")
            return NOT_FOUND
        answer = self._send_message(request, path.group(2))
        if answer.status == 400 and not any(fine in answer.body for fine in _NO_FAULT):
            self.complaints.append(f"{path.group(2)}: {json.loads(answer.body)['description']}")
        return answer

    def _send_message(self, request, method):
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return failure(400, "Bad Request: message text is empty")
        try:
            body = json.loads(request.body.decode("utf-8"))
        except ValueError:
            return failure(400, "Bad Request: can't parse JSON object")
        refusal = self._refuse_chat(body) or self._refuse_pace(body, request.at)
        if refusal:
            return refusal
        if method == "editMessageReplyMarkup":
            return self._change_buttons(body)
        return self._accept(body, request.at, method == "editMessageText")

    def _change_buttons(self, body):
        before = self._mine(body)
        if before is None:
            return failure(400, "Bad Request: message to edit not found")
        if before.buttons == _buttons(body):
            return failure(400, _NOT_MODIFIED)
        self.messages[before.number - 1] = replace(before, buttons=_buttons(body))
        return Answer.json({"ok": True, "result": {"message_id": before.number}})

    def _mine(self, body):
        """The message that is to be changed; None: there is none of that number in that chat."""
        number = body.get("message_id", 0)
        found = self.messages[number - 1] if 0 < number <= len(self.messages) else None
        return found if found and found.chat_id == self._chat(body) else None

    def _chat(self, body):
        try:
            return int(body.get("chat_id", ""))
        except (TypeError, ValueError):
            return None

    def _refuse_chat(self, body):
        chat = self._chat(body)
        if chat in self.migrated:
            return failure(400, "Bad Request: group chat was upgraded to a supergroup chat",
                           migrate_to_chat_id=self.migrated[chat])
        if chat not in self.chats:
            return failure(400, "Bad Request: chat not found")
        return None

    def _refuse_pace(self, body, at):
        chat = self._chat(body)
        left = self._closed_until.get(chat, 0) - at
        if left > 0:
            return failure(429, f"Too Many Requests: retry after {int(left) + 1}", int(left) + 1)
        sent = [t for t in self._sent_at.get(chat, []) if at - t < 60]
        wait = self._too_fast(chat, sent, at) if self.pace else 0
        if wait > 0:
            self._closed_until[chat] = at + wait
            return failure(429, f"Too Many Requests: retry after {math.ceil(wait)}", math.ceil(wait))
        self._sent_at[chat] = [*sent, at]
        return None

    @staticmethod
    def _too_fast(chat, sent, at):
        """Seconds until the chat takes another one; groups have negative numbers."""
        if chat < 0 and len(sent) >= A_MINUTE:
            return sent[-A_MINUTE] + 60 - at
        return sent[-BURST] + BURST - at if len(sent) >= BURST else 0

    def _accept(self, body, at, edits=False):
        mode = body.get("parse_mode", "")
        if mode not in ("", "HTML"):
            return failure(400, "Bad Request: unsupported parse_mode")
        html = str(body.get("text", ""))
        try:
            text = parse(html) if mode == "HTML" else html
        except ParseError as error:
            return failure(400, f"Bad Request: can't parse entities: {error}")
        if not text.strip():
            return failure(400, "Bad Request: message text is empty")
        if utf16_units(text) > LONGEST:
            return failure(400, "Bad Request: message is too long")
        try:
            buttons = _buttons(body)
        except (KeyError, TypeError, ValueError) as error:
            return failure(400, f"Bad Request: {error}")
        number = body.get("message_id", 0) if edits else len(self.messages) + 1
        if edits and not self._mine(body):
            return failure(400, "Bad Request: message to edit not found")
        message = Message(at, self._chat(body), text, html, body.get("disable_notification", False), number,
                          body.get("message_thread_id", 0), body.get("reply_parameters", {}).get("message_id", 0),
                          buttons, tuple(body.get("entities", ())))
        if edits:
            before = self.messages[number - 1]
            if (before.text, before.buttons) == (message.text, message.buttons):
                return failure(400, _NOT_MODIFIED)
            message = replace(message, thread=before.thread, reply_to=before.reply_to, silent=before.silent)
            self.messages[number - 1] = message
            self.edits.append(message)
        else:
            self.messages.append(message)
        return Answer.json({"ok": True, "result": {
            "message_id": message.number, "from": self.me(), "date": int(time.time()),
            "chat": {"id": message.chat_id, "type": "private"}, "text": text}})

    def me(self):
        return {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "sentinel", "username": "sentinel_bot"}


_NOT_MODIFIED = ("Bad Request: message is not modified: specified new message content and reply markup are exactly the "
                 "same as a current content and reply markup of the message")
_NO_FAULT = (b"migrate_to_chat_id", b"message is not modified", b"message to edit not found")


def _buttons(body):
    """The buttons of a message, row by row. Raises what the Bot API would complain about."""
    found = []
    for row in body.get("reply_markup", {}).get("inline_keyboard", []):
        if not 0 < len(row) <= 8:
            raise ValueError("too many buttons in a row")
        for button in row:
            data = button["callback_data"]
            if not button["text"] or not 1 <= len(data.encode()) <= 64:
                raise ValueError("BUTTON_DATA_INVALID")
            found.append((button["text"], data))
    return tuple(found)
