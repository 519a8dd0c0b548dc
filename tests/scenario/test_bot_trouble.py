"""The Bot API fails those who listen, in every way; alerts go out meanwhile, and what was said is done once."""

from harness.places import HOME
from harness.stand_in import HANG, RESET, Answer
from harness.telegram import failure
from harness.wait import until

TROUBLE = [
    RESET,
    Answer.json({"ok": True, "result": [{"update_id": 7}] * 20}, manner="truncate"),
    Answer.text("<html>502 Bad Gateway</html>", status=502),
    failure(429, "Too Many Requests: retry after 2", 2),
]


def meet(world, trouble):
    """All is well until those who listen meet that."""
    world.until_secure()
    world.telegram.bot.wait_polled()
    world.telegram.bot.script += trouble
    number = world.telegram.bot.say("/ping")  # ends the poll under way, if there is one
    until(lambda: len(world.telegram.bot.script) < len(trouble), "the trouble to be met")
    return number


def leak(world):
    world.client_trace.ip, world.client_trace.country = HOME.ip, HOME.country
    world.client_ipinfo.place = HOME
    world.telegram.wait_for("bypass")


def test_alerts_arrive_while_what_is_said_gets_lost_and_it_is_heard_later_once(usual):
    number = meet(usual, TROUBLE)
    leak(usual)
    until(lambda: not usual.telegram.bot.script, "all of the trouble to be met", within=30)
    usual.telegram.wait_for("pong", within=30)
    usual.telegram.bot.wait_polled(beyond=number)
    assert len(usual.telegram.matching("pong")) == 1


def test_alerts_arrive_while_a_poll_hangs(usual):
    meet(usual, [HANG])
    leak(usual)
