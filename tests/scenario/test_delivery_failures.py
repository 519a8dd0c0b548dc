"""Telegram refuses, breaks or hangs: what was to be told is told later or reported elsewhere, and nobody waits for it."""

import re
import statistics
import time

import pytest

from harness import keepalive
from harness import telegram as bot_api
from harness.places import VPN
from harness.stand_in import HANG, RESET
from harness.story import MARK
from harness.wait import until

KEEPALIVES = 11  # a round, of the clients that came last
ROUNDS = 25
ROUNDS_A_CLIENT = 4  # a chat takes twenty messages at once, then one a second: that must not be what is waited for
AS_FAST = {50: (3, 0.01), 99: (5, 0.05)}  # percentile: so many times slower, and seconds
TRIES = 3  # a busy machine is no fault, but each try is printed


class World:
    """A server with two chats, the first of which gets into trouble, and keepalives that are timed."""

    def __init__(self, lab, timeout="2s"):  # longer than a message waits for the pace of its chat
        self.oncall = lab.telegram()
        self.backup = lab.telegram(chat_id=99)
        self.server = lab.server(
            store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}},
            monitor={"interval": "1m", "grace": "0s", "lost_after": "1h"},
            notifiers=[lab.notifier(self.oncall, name="oncall", timeout=timeout),
                       lab.notifier(self.backup, chat_id=99, name="backup")])
        self.server.start()
        self.clients = 0

    def report(self, number):
        begun = time.monotonic()
        reply = self.server.post(keepalive.encode(keepalive.flat(f"c{number}", VPN, "RO")))
        took = time.monotonic() - begun
        assert reply.status == 200 and reply.json()["durable"], reply
        return took

    def load(self, rounds_a_client=ROUNDS_A_CLIENT):
        """Seconds that each keepalive took. Every few rounds bring a new client: something to tell, and to store."""
        took = []
        for number in range(ROUNDS):
            self.clients += number % rounds_a_client == 0
            took += [self.report(self.clients - back % min(KEEPALIVES, self.clients)) for back in range(KEEPALIVES)]
        return took

    def expected(self):
        return {f"c{number}" for number in range(1, self.clients + 1)}


def connected(telegram):
    """[(client, message)]"""
    found = [(re.search(r"Connected: (\w+)", message.title), message) for message in list(telegram.messages)]
    return [(match.group(1), message) for match, message in found if match]


def names(telegram):
    return {client for client, _ in connected(telegram)}


def percentile(values, rank):
    return statistics.quantiles(values, n=100)[rank - 1]


def compare(name, before, world, capsys):
    """Keepalives are answered as fast as before."""
    for left in reversed(range(TRIES)):
        during = world.load()
        with capsys.disabled():
            print(f"\nkeepalives while Telegram answers {name}: {len(before)} before, {len(during)} meanwhile; " + ", ".join(
                f"p{rank} {percentile(before, rank) * 1000:.1f} -> {percentile(during, rank) * 1000:.1f} ms" for rank in AS_FAST))
        slow = [rank for rank, (times, slack) in AS_FAST.items()
                if percentile(during, rank) > times * percentile(before, rank) + slack]
        if not slow:
            return
        assert left, f"too slow at percentiles {slow}, {TRIES} times"


def accepted_then_reset(telegram):
    """It takes the message, and the answer gets lost."""

    def answer(request):
        telegram.answer(request)
        return RESET

    return answer


def accepted_then_504(telegram):
    """A gateway gives up waiting for the answer, and asks for patience."""

    def answer(request):
        telegram.answer(request)
        gateway = bot_api.failure(504, "Gateway Timeout")
        gateway.headers["Retry-After"] = "1"
        return gateway

    return answer


PASSING = {
    "429 with retry_after": lambda telegram: telegram.too_many(1),
    "500": lambda telegram: bot_api.RESTARTING,
    "nothing": lambda telegram: HANG,
    "with a reset": lambda telegram: RESET,
    "with a reset once it took the message": accepted_then_reset,
    "504 with Retry-After once it took the message": accepted_then_504,
}


@pytest.mark.parametrize("trouble", PASSING)
def test_what_fails_for_a_while_is_delivered_afterwards(lab, capsys, trouble):
    world = World(lab)
    before = world.load()
    until(lambda: names(world.oncall) == world.expected(), "all to be told before the trouble", within=30)
    asked = len(world.oncall.requests)
    world.oncall.always(PASSING[trouble](world.oncall))
    world.load()
    until(lambda: len(world.oncall.requests) > asked + 1, "a second attempt")
    compare(trouble, before, world, capsys)
    until(lambda: names(world.backup) == world.expected(), "the other chat to be told meanwhile", within=30)

    world.oncall.always(None)
    until(lambda: names(world.oncall) == world.expected(), lambda: f"all to be told; came {names(world.oncall)}", within=45)
    seen = set()
    for client, message in connected(world.oncall):
        assert client not in seen or MARK in message.text, f"{client} came twice without a mark"
        seen.add(client)
    assert len(connected(world.backup)) == world.clients, "the other chat has each once"


@pytest.mark.parametrize("answer", [bot_api.BLOCKED, bot_api.UNAUTHORIZED], ids=["403", "401"])
def test_what_fails_for_good_is_reported_on_the_other_channel(lab, capsys, answer):
    world = World(lab)
    before = world.load()
    until(lambda: names(world.oncall) == world.expected(), "all to be told before the trouble", within=30)
    told = names(world.oncall)
    world.oncall.always(answer)
    compare(f"{answer.status}", before, world, capsys)
    (report,) = world.backup.wait_for("channel broken")
    assert "oncall" in report.text and str(answer.status) in report.text
    until(lambda: names(world.backup) == world.expected(), "the other chat to be told", within=30)
    until(lambda: world.server.get("/health").json()["channels"][0]["queued"] == 0, "all to be given up", within=30)
    dropped = world.server.get("/health").json()["channels"][0]
    assert (dropped["state"], dropped["dropped"]) == ("broken", len(world.expected() - told))

    world.oncall.always(None)
    world.clients += 1
    world.report(world.clients)
    world.backup.wait_for("channel works again")
    assert names(world.oncall) == told | {f"c{world.clients}"}
    assert len(world.backup.matching("channel")) == 2, world.backup.texts()


@pytest.mark.parametrize("wish", [600, 3600, 86400])
def test_a_channel_that_asks_for_a_long_silence_is_told_on_the_other_at_once(lab, capsys, wish):
    world = World(lab)
    before = world.load()
    until(lambda: names(world.oncall) == world.expected(), "all to be told before the trouble", within=30)
    world.oncall.always(world.oncall.too_many(wish))
    world.clients += 1
    world.report(world.clients)
    (report,) = world.backup.wait_for("channel broken")
    assert "oncall" in report.text and "it asks to be left alone for" in report.text
    health = world.server.get("/health").json()
    assert health["status"] == "degraded" and health["channels"][0]["state"] == "broken"
    assert "the next attempt is in" in health["channels"][0]["last_error"]
    asked = len(world.oncall.requests)
    compare(f"429 with retry_after {wish}", before, world, capsys)
    until(lambda: names(world.backup) == world.expected(), "the other chat to be told", within=30)
    assert len(world.oncall.requests) == asked


def test_a_chat_that_takes_three_seconds_a_message_holds_up_no_keepalive(lab, capsys):
    world = World(lab, timeout="30s")
    before = world.load()
    until(lambda: names(world.oncall) == world.expected(), "all to be told before the trouble", within=30)
    asked = len(world.oncall.requests)
    world.oncall.always(lambda _request: time.sleep(3))
    world.load(rounds_a_client=1)
    until(lambda: len(world.oncall.requests) > asked + 1, "a second message")
    assert world.server.get("/health").json()["channels"][0]["queued"] >= 20
    compare("after three seconds each time", before, world, capsys)
    world.oncall.always(None)
    until(lambda: names(world.oncall) == world.expected(), "all to be told", within=60)
    assert len(connected(world.oncall)) == world.clients, "each once"
    assert not [message.text for _, message in connected(world.oncall) if MARK in message.text]
