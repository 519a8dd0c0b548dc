"""
The half of the Bot API that listens: getUpdates by long polling, strictly. Who polls while somebody else does ends that
with a 409, as Telegram would.
"""

import itertools
import json
import threading
import time

from .stand_in import Answer
from .telegram_html import utf16_units
from .wait import until

LONGEST_WAIT = 50  # seconds


def _failure(status, description):
    return Answer.json({"ok": False, "error_code": status, "description": description}, status)


class Bot:
    METHODS = ("getMe", "getChat", "getUpdates", "setMyCommands", "answerCallbackQuery")

    def __init__(self, service):
        self._service = service
        self._changed = threading.Condition()
        self._updates = []  # (id, update)
        self._ids = itertools.count(1000)
        self._poll = 0  # number of the newest
        self._queries = {}  # id -> what was shown to who pressed; None: not answered yet
        self.commands = {}  # language -> [(name, help)], for everybody
        self.own_commands = {}  # (chat, user, language) -> the same for one person
        self.requests = []
        self.offsets = []  # that were polled with
        self.webhook = False
        self.script = []  # answers to the next polls, before the ordinary ones

    # -- what tests use

    def say(self, text, chat=None, user=42, name="Ana", kind="private", **message):
        """Somebody writes into a chat; returns the update's number."""
        return self._add(lambda: {"message": {
            "message_id": 5000 + len(self._updates), "date": int(time.time()), "text": text,
            "from": {"id": user, "is_bot": False, "first_name": name}, "chat": self._chat(chat, kind), **message}})

    def press(self, message, label, user=42, name="Ana", kind="private"):
        """Somebody presses a button below a message of ours."""
        data = dict(message.buttons)[label]
        query = f"q{next(self._ids)}"
        self._queries[query] = None
        return self._add(lambda: {"callback_query": {
            "id": query, "from": {"id": user, "is_bot": False, "first_name": name}, "data": data, "chat_instance": "1",
            "message": self._pressed(message, kind)}})

    def _pressed(self, message, kind):
        """The message with the button, as it stands there now; a topic's says so."""
        now = self._service.message(message.number)
        shown = {"message_id": now.number, "date": int(time.time()), "text": now.text, "entities": list(now.entities),
                 "chat": self._chat(now.chat_id, kind)}
        if now.thread:
            shown |= {"message_thread_id": now.thread, "is_topic_message": True}
        return shown

    def wait_polled(self, beyond=0):
        """Until somebody asks for what comes after that update."""
        until(lambda: self.has_polled(beyond) if beyond else self.polls(),
              lambda: f"a poll beyond {beyond}; came: {self.offsets}")

    def has_polled(self, beyond):
        return any(offset is not None and offset > beyond for offset in list(self.offsets))

    def polls(self):
        return [body for method, body in self.requests if method == "getUpdates"]

    def unanswered(self):
        return [query for query, hint in self._queries.items() if hint is None]

    def hints(self):
        """What was shown to those who pressed, in that order; "" where nothing was."""
        return [hint for hint in self._queries.values() if hint is not None]

    # -- the service

    def take(self, request, method):
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            return _failure(400, "Bad Request: can't parse JSON object")
        self.requests.append((method, body))
        return {"getMe": self._get_me, "getChat": self._get_chat, "getUpdates": self._get_updates, "setMyCommands": self._set_commands,
                "answerCallbackQuery": self._answer_query}[method](body)

    def _complain(self, fault):
        self._service.complaints.append(fault)

    def _chat(self, chat, kind):
        return {"id": chat if chat is not None else next(iter(self._service.chats)), "type": kind}

    def _add(self, make):
        with self._changed:
            number = next(self._ids)
            self._updates.append((number, {"update_id": number, **make()}))
            self._changed.notify_all()
        return number

    def _get_me(self, _):
        return Answer.json({"ok": True, "result": self._service.me()})

    def _get_chat(self, body):
        chat = str(body.get("chat_id"))
        if set(body) != {"chat_id"} or chat not in map(str, self._service.chats):
            return _failure(400, "Bad Request: chat not found")
        return Answer.json({"ok": True, "result": {"id": int(chat), "type": "private", "first_name": "Anna"}})

    def _set_commands(self, body):
        commands = [(c["command"], c["description"]) for c in body["commands"]]
        for name, text in commands:
            if not (1 <= len(name) <= 32 and name.islower() and 1 <= len(text) <= 256):
                self._complain(f"setMyCommands: {name}: {text}")
        scope = body.get("scope", {"type": "default"})
        language = body.get("language_code", "")
        if scope["type"] == "default":
            self.commands[language] = commands
        elif scope["type"] in ("chat", "chat_member"):
            self.own_commands[scope["chat_id"], scope.get("user_id", 0), language] = commands
        else:
            self._complain(f"setMyCommands: scope {scope}")
        return Answer.json({"ok": True, "result": True})

    def _answer_query(self, body):
        query = body.get("callback_query_id")
        if query not in self._queries:
            return _failure(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if not set(body) <= {"callback_query_id", "text", "show_alert"} or utf16_units(body.get("text", "")) > 200:
            self._complain(f"answerCallbackQuery: {body}")
        self._queries[query] = body.get("text", "")
        return Answer.json({"ok": True, "result": True})

    def _inspect_poll(self, body):
        if not 0 <= body.get("timeout", 0) <= LONGEST_WAIT:
            self._complain(f"getUpdates waits {body['timeout']} s")
        if not 1 <= body.get("limit", 100) <= 100:
            self._complain(f"getUpdates: limit {body['limit']}")
        if not set(body) <= {"offset", "limit", "timeout", "allowed_updates"}:
            self._complain(f"getUpdates: parameters {sorted(body)}")

    def _get_updates(self, body):
        self._inspect_poll(body)
        if self.script:
            return self.script.pop(0)
        if self.webhook:
            return _failure(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
                                 "delete the webhook first")
        offset = body.get("offset", 0)
        end = time.monotonic() + body.get("timeout", 0)
        with self._changed:
            self._poll += 1
            mine = self._poll
            self.offsets.append(body.get("offset"))
            self._changed.notify_all()
            self._confirm(offset)
            while True:
                if mine != self._poll:
                    return _failure(409, "Conflict: terminated by other getUpdates request; make sure that only one bot "
                                         "instance is running")
                left = end - time.monotonic()
                if self._updates or left <= 0 or self._service.stopping.is_set():
                    break
                self._changed.wait(min(left, 0.05))
            found = [update for _, update in self._updates[: body.get("limit", 100)]]
        return Answer.json({"ok": True, "result": found})

    def _confirm(self, offset):
        if offset < 0:
            self._updates = self._updates[offset:]
        else:
            self._updates = [(number, update) for number, update in self._updates if number >= offset]
