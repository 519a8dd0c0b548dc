"""
What the stand-ins of channels over HTTP have in common: messages as people see them, closed times, and
refusals. A channel is strict: what the real service refuses is refused with its own words and noted.
"""

import re
import time
from dataclasses import dataclass, field

from .stand_in import RESET, Answer, StandIn
from .wait import until


@dataclass
class Message:
    at: float
    ref: str
    title: str  # as people see it
    text: str  # title and all else, as people see it
    level: object = None  # how loud, in the service's own terms
    edits: int = 0
    raw: dict = field(default_factory=dict)


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


class Channel(StandIn):
    """Subclasses fill in `plugin`, `options()`, `REFUSED`, `too_many_answer()` and `answer()`."""

    plugin = None
    secrets = ()
    edits = False  # whether a message can be changed
    REFUSED = Answer(status=403)  # it will never work

    def __init__(self, authority=None):
        self.messages = []
        self.spoil_answers = 0  # so many answers are lost after the message was taken
        self.closed_until = 0
        super().__init__(authority)

    # -- what tests use

    def notifier(self, name="channel", **more):
        """The configuration of a notifier that talks to this stand-in."""
        options = more.pop("options", {})
        return {"plugin": self.plugin, "name": name, **more, "options": {**self.options(), **options}}

    def options(self):
        raise NotImplementedError

    def too_many(self, seconds):
        """A scripted 429; requests before its end are complained about."""

        def answer(request):
            self.closed_until = time.monotonic() + seconds
            return self.too_many_answer(seconds)

        return answer

    def too_many_answer(self, seconds):
        raise NotImplementedError

    def matching(self, pattern):
        return [m for m in list(self.messages) if re.search(pattern, m.title, re.IGNORECASE)]

    def wait_for(self, pattern, count=1, within=None):
        options = {} if within is None else {"within": within}
        until(lambda: len(self.matching(pattern)) >= count,
              lambda: f"{count} message(s) with {pattern!r}; came: {self.texts()}, requests: {len(self.requests)}",
              **options)
        return self.matching(pattern)

    def texts(self):
        return [m.text for m in list(self.messages)]

    # -- for subclasses

    def inspect(self, request):
        if request.at < self.closed_until:
            yield "sent before the time to wait was over"

    def unless_spoiled(self, answer):
        if self.spoil_answers > 0:
            self.spoil_answers -= 1
            return RESET
        return answer

    def complain(self, text):
        self.complaints.append(text)

    def keep(self, request, title, text, level=None, ref=None, raw=None):
        message = Message(request.at, ref or f"ref-{len(self.messages) + 1}", title, text, level, 0, raw or {})
        self.messages.append(message)
        return message

    def find(self, ref):
        return next((m for m in self.messages if m.ref == ref), None)
