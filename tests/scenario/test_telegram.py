"""Messages reach the chat, whatever the Bot API does meanwhile."""

import pytest

from harness import telegram as bot_api
from harness.keepalive import encode, flat
from harness.lab import CHAT
from harness.places import HOME, VPN
from harness.stand_in import HANG, RESET
from harness.wait import holds, until

GROUP = -1001234567890


def test_too_many_requests_are_honoured_and_nothing_is_lost(usual):
    usual.telegram.script(usual.telegram.too_many(2))
    usual.start()
    (message,) = usual.telegram.wait_for("connected")
    refused = usual.telegram.requests[0]
    assert message.at - refused.at >= 2
    holds(lambda: len(usual.telegram.messages) == 1, usual.telegram.texts, during=1)


@pytest.mark.parametrize("answer", [bot_api.RESTARTING, RESET], ids=["500", "reset"])
def test_a_failure_that_may_pass_is_tried_again(usual, answer):
    usual.telegram.script(answer, answer)
    usual.start()
    usual.telegram.wait_for("connected")
    assert len(usual.telegram.requests) == 3
    holds(lambda: len(usual.telegram.messages) == 1, usual.telegram.texts, during=1)


def paced(lab, chat):
    """(Telegram that keeps its own limits, a server whose channel tells each client by itself)"""
    telegram = lab.telegram(chat)
    telegram.pace = True
    server = lab.server(monitor={"interval": "1h", "lost_after": "9h"},
                        notifiers=[lab.notifier(telegram, chat, name="oncall")])
    return telegram, server.start()


def connect(server, telegram, names):
    """The messages about them, of which each has one."""
    for name in names:
        assert server.post(encode(flat(name, VPN, VPN.country))).status == 200
    told = telegram.wait_for("connected", count=len(names), within=40)
    assert sorted(name for message in told for name in names if name in message.title) == names
    return told


def test_a_chat_that_takes_one_message_a_second_gets_every_one(lab):
    telegram, server = paced(lab, CHAT)
    told = connect(server, telegram, [f"client-{n}" for n in range(6)])
    # Who was refused once goes slower from then on.
    assert len(told) < len(telegram.requests) <= len(told) + 2


def test_a_group_that_has_had_its_twenty_of_a_minute_gets_the_rest_when_it_takes_more(lab):
    telegram, server = paced(lab, GROUP)
    telegram.has_had(GROUP, 18, seconds_ago=50)
    told = connect(server, telegram, [f"client-{n}" for n in range(3)])
    assert told[2].at - told[1].at > 4 and len(telegram.requests) == len(told) + 1


def test_a_telegram_that_was_away_gets_the_message_later(usual):
    usual.telegram.stop()
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    usual.telegram.start()
    usual.telegram.wait_for("connected", within=30)


def test_keepalives_are_answered_while_telegram_hangs(usual):
    usual.telegram.always(HANG)
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    until(lambda: usual.telegram.requests, "a delivery to hang")
    seen = usual.server.client(usual.id)["last_seen"]
    usual.server.wait_client(usual.id, lambda r: r["last_seen"] > seen, "to be heard meanwhile")


@pytest.mark.parametrize("answer", [bot_api.BLOCKED, bot_api.UNAUTHORIZED, bot_api.NOT_FOUND], ids=["403", "401", "404"])
def test_a_permanent_failure_is_dropped_and_told_on_the_other_channel(lab, usual, answer):
    second = lab.telegram(chat_id=99)
    usual.server.config["notifiers"].append(lab.notifier(second, chat_id=99, name="backup"))
    usual.telegram.always(answer)
    usual.start()
    (report,) = second.wait_for("channel broken")
    assert "oncall" in report.text
    second.wait_for("connected")
    usual.server.program.wait_for_log("oncall")
    holds(lambda: len(usual.telegram.requests) == 1, lambda: usual.telegram.requests, during=2)
    assert len(second.matching("channel broken")) == 1


def test_a_chat_that_moved_is_followed(usual):
    usual.telegram.migrate(424242, -1001234567890)
    usual.start()
    (message,) = usual.telegram.wait_for("connected")
    assert message.chat_id == -1001234567890
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    usual.client_ipinfo.place = HOME
    usual.telegram.wait_for("bypass")
    moved = [r for r in usual.telegram.requests if b"424242" in r.body]
    assert len(moved) == 1, "the new chat is remembered"


def test_a_route_sends_only_what_it_is_for(lab, usual):
    pager = lab.telegram(chat_id=99)
    usual.server.config["notifiers"].append(
        lab.notifier(pager, chat_id=99, name="pager", route={"severity": "critical"}))
    usual.until_secure()
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    usual.client_ipinfo.place = HOME
    pager.wait_for("bypass")
    assert pager.matching("connected") == []


def test_a_client_named_like_markup_is_escaped(lab, usual):
    usual.client_ipinfo.place = usual.client_ipinfo.place.__class__(
        **{**vars(usual.client_ipinfo.place), "city": "<b>A&B</b> \"x\" 東京"})
    usual.start()
    (message,) = usual.telegram.wait_for("connected")
    assert "<b>A&B</b> \"x\" 東京" in message.text


def test_a_notifier_without_its_token_is_skipped_with_one_line_when_auto(usual):
    notifier = usual.server.config["notifiers"][0]
    notifier["enabled"] = "auto"
    notifier["options"]["token"] = "${TELEGRAM_BOT_TOKEN:-}"
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    (line,) = [line for line in usual.server.program.log().splitlines() if "oncall" in line]
    assert "token" in line
    assert usual.telegram.requests == []
