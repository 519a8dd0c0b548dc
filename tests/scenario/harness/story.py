"""
The life of one client in eight steps, and what people must have read at its end.

A step is reported until the server shows its effect: what an answer acknowledged as durable must
be there for ever after, whatever dies. A second client, STEADY, is never silent.
"""

import re
import time
from dataclasses import dataclass

from . import keepalive
from .places import HOME, OTHER_VPN, VPN
from .wait import PATIENCE, STEP

CLIENT = "office"
STEADY = "steady"
STEADY_EVERY = 0.3  # seconds
LOST_AFTER = 3
MONITOR = {"interval": "1s", "grace": "0s", "lost_after": f"{LOST_AFTER}s", "home": {"addresses": [HOME.ip]}}

COMBINED = "This is the first message about it"
MARK = "An earlier attempt may have arrived"


def is_open(*kinds):
    return lambda record: [i["kind"] for i in record["incidents"]] == list(kinds)


@dataclass(frozen=True)
class Step:
    headline: str  # of the message it causes
    place: object  # None: silence
    dns: str
    shows: object  # of a record: whether the step has had its effect
    begun_by: str = ""  # the headline that this one ends


STEPS = (
    Step("Connected", VPN, "RO", lambda record: True),
    Step("Exit changed", OTHER_VPN, "CH", lambda record: record["public_ip"] == OTHER_VPN.ip),
    Step("DNS leak", OTHER_VPN, "RO", is_open("dns_leak")),
    Step("DNS leak is over", OTHER_VPN, "CH", is_open(), "DNS leak"),
    Step("VPN bypass", HOME, "PL", is_open("bypass")),
    Step("VPN bypass is over", OTHER_VPN, "CH", is_open(), "VPN bypass"),
    Step("Lost", None, None, is_open("tunnel_lost")),
    Step("Recovered", OTHER_VPN, "CH", is_open(), "Lost"),
)

# The same in short: no waiting for silence.
SHORT_STEPS = (
    Step("Connected", VPN, "RO", lambda record: True),
    Step("VPN bypass", HOME, "PL", is_open("bypass")),
    Step("VPN bypass is over", VPN, "RO", is_open(), "VPN bypass"),
)


class Story:
    """`call(act)` runs act() against the server, started again if need be: Mortal.call, or plain."""

    def __init__(self, server, telegram, call=lambda act: act(), steps=STEPS, paced=False):
        self.server = server
        self.telegram = telegram
        self.call = call
        self.steps = steps
        self.paced = paced  # waits for each message before it goes on
        self.last_steady = 0
        self.durable = True  # what the last answer to CLIENT said
        self.acknowledged = {}  # headline of a step -> whether the answer to it said durable

    # -- telling the server

    def tell(self):
        """The whole story, until everything has been read."""
        for step in self.steps:
            self.live_step(step)
            if self.paced:
                self.wait(lambda step=step: step.headline in self.told() and self._queued() == 0,
                          f"the message {step.headline!r}")
        self.wait_told()

    def tell_whatever_the_store_does(self):
        """All steps, until each has its effect, be it in memory only."""
        for step in self.steps:
            self.live_step(step, durable=False)

    def wait_told(self):
        self.wait(lambda: not self.untold() and self._queued() == 0, "everything to be told")

    def live_step(self, step, durable=True):
        """Until it has its effect, and that is durable unless it need not be."""
        index = self.steps.index(step)
        before = self.steps[index - 1] if index else None
        deadline = time.monotonic() + PATIENCE + LOST_AFTER
        while True:
            if step.place:
                self.report(step)
            record = self.record()
            assert before is None or (record and (before.shows(record) or step.shows(record))), (
                f"{before.headline!r} was acknowledged and is gone: {record}")
            if record and step.shows(record):
                self.acknowledged.setdefault(step.headline, self.durable)
                if self.durable or not durable:
                    return
            assert time.monotonic() < deadline, f"{step.headline!r} has no effect: {record}"
            self.breathe()

    def report(self, step):
        body = keepalive.encode(keepalive.flat(CLIENT, step.place, step.dns))
        reply = self.call(lambda: self.server.post(body))
        assert reply.status == 200, reply
        self.durable = reply.json()["durable"]

    def record(self):
        reply = self.call(lambda: self.server.get(f"/clients/{CLIENT}"))
        assert reply.status in (200, 404), reply
        return reply.json() if reply.status == 200 else None

    def breathe(self):
        """A short while, in which STEADY is heard."""
        if time.monotonic() - self.last_steady > STEADY_EVERY:
            body = keepalive.encode(keepalive.flat(STEADY, VPN, "RO"))
            reply = self.call(lambda: self.server.post(body))
            assert reply.status == 200, reply
            self.last_steady = time.monotonic()
        time.sleep(2 * STEP)

    def health(self):
        return self.call(lambda: self.server.get("/health")).json()

    def _queued(self):
        return sum(channel["queued"] for channel in self.health()["channels"])

    def wait(self, probe, what):
        """As wait.until, with STEADY heard meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while not probe():
            assert time.monotonic() < deadline, f"waited in vain for {what}; came: {self.telegram.texts()}"
            self.breathe()

    # -- what was read

    def messages(self):
        """[(headline, client, message)]"""
        found = []
        for message in list(self.telegram.messages):
            match = re.fullmatch(r"\S+ ([^:]+): ([\w-]+)(?: .*)?", message.title)
            assert match, f"an unexpected message: {message.text}"
            found.append((match.group(1), match.group(2), message))
        return found

    def told(self):
        """The headlines of CLIENT that were told, those that a later message told too among them."""
        told = set()
        for headline, client, message in self.messages():
            if client == CLIENT:
                told.add(headline)
                if COMBINED in message.text:
                    told |= {step.begun_by for step in self.steps if step.headline == headline}
        return told

    def untold(self):
        return {step.headline for step in self.steps} - self.told()

    def judge(self, kills=()):
        """Fails unless all was told, nothing invented, and twice only what a kill excuses, marked. Counts."""
        assert not self.untold(), f"never told: {self.untold()}"
        expected = {(step.headline, CLIENT) for step in self.steps} | {("Connected", STEADY)}
        groups = {}
        for headline, client, message in self.messages():
            groups.setdefault((headline, client), []).append(message)
        assert set(groups) <= expected, f"invented: {set(groups) - expected}"
        marks = sum(MARK in message.text for group in groups.values() for message in group)
        duplicates = 0
        for key, group in groups.items():
            for first, second in zip(group, group[1:]):
                duplicates += 1
                assert MARK in second.text, f"{key} came twice without a mark"
                assert any(first.at - 0.5 <= at <= second.at for at, _ in kills), f"{key} came twice without a kill"
        assert marks <= len(kills), f"{marks} messages say that they may be duplicates after {len(kills)} kills"
        return {"messages": sum(map(len, groups.values())), "duplicates": duplicates, "marks": marks}
