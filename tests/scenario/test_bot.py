"""People ask the bot, and are answered; strangers are not."""

import json

import pytest

from harness.audit import Audit
from harness.places import HOME
from harness.wait import holds, until

STRANGER = 666


def ask(world, text, **how):
    """The answer to what somebody says in the chat."""
    before = len(world.telegram.messages)
    world.telegram.bot.say(text, **how)
    until(lambda: len(world.telegram.messages) > before, lambda: f"an answer to {text}; came: {world.telegram.texts()}")
    return world.telegram.messages[before]


def noted(world, event, count=1):
    """What the audit log says of commands, once there are so many lines."""
    audit = Audit(world.server.folder / "audit.log")

    def found():
        return [detail for name, detail in audit.events() if name == event]

    until(lambda: len(found()) >= count, lambda: f"{count} x {event}:\n{audit.text()[-2000:]}")
    return found()


@pytest.fixture
def talking(usual):
    """The usual cast when all is well, and the bot listens."""
    usual.until_secure()
    usual.telegram.bot.wait_polled()
    return usual


def test_what_there_is_to_ask_is_told_to_telegram_and_to_who_asks(talking):
    commands = talking.telegram.bot.commands[""]
    assert [name for name, _ in commands][:2] == ["status", "why"]
    answer = ask(talking, "/help")
    assert all(f"/{name}" in answer.text for name, _ in commands)


def test_ping_is_answered(talking):
    answer = ask(talking, "/ping")
    assert answer.text.startswith("pong: vpn-sentinel ")
    assert "1 client, 0 open incidents" in answer.text


def test_status_shows_all_and_one(talking):
    answer = ask(talking, "/status")
    assert "1 client: 1 secure" in answer.text
    assert f"{talking.id}: secure, exit " in answer.text
    one = ask(talking, f"/status {talking.id}")
    assert "tunnel: secure" in one.text
    assert ("Why?", f"/why {talking.id}") in one.buttons


def test_why_history_and_incidents_tell_of_a_leak(talking):
    talking.client_trace.ip, talking.client_trace.country = HOME.ip, HOME.country
    talking.client_ipinfo.place = HOME
    talking.telegram.wait_for("bypass")
    assert "office-vpn: VPN bypass (critical), began " in ask(talking, "/incidents").text
    assert "tunnel: leaking" in ask(talking, f"/why {talking.id}").text
    history = ask(talking, f"/history {talking.id}").text
    assert "VPN bypass: office-vpn" in history and "Connected: office-vpn" in history


def test_a_button_asks_and_does_not_spin_for_ever(talking):
    message = ask(talking, f"/status {talking.id}")
    before = len(talking.telegram.messages)
    talking.telegram.bot.press(message, "Why?")
    until(lambda: len(talking.telegram.messages) > before, "an answer to the button")
    assert "tunnel: secure (likely)" in talking.telegram.messages[before].text
    until(lambda: not talking.telegram.bot.unanswered(), "the button to be answered")


def test_long_lists_have_pages_that_are_turned_in_place(usual):
    usual.server.config["notifiers"][0]["route"] = {"severity": "critical"}
    talking = usual.start()
    talking.server.wait_verdict(talking.id, "secure")
    talking.telegram.bot.wait_polled()
    for i in range(40):
        assert talking.server.post(json.dumps({"client_id": f"c{i:02}", "public_ip": "198.51.100.9"}).encode()).status == 200
    message = ask(talking, "/status")
    assert "1 to 15 of 41" in message.text
    talking.telegram.bot.press(message, "\u25b6")
    until(lambda: "16 to 30 of 41" in talking.telegram.message(message.number).text, "the second page")
    talking.telegram.bot.press(talking.telegram.message(message.number), "\u25b6")
    until(lambda: "31 to 41 of 41" in talking.telegram.message(message.number).text, "the last page")
    assert [label for label, _ in talking.telegram.message(message.number).buttons] == ["\u25c0"]


@pytest.mark.parametrize("how", [{"chat": 999}, {"user": STRANGER}], ids=["another chat", "another user"])
def test_strangers_are_ignored_and_noted(usual, how):
    usual.server.config["notifiers"][0]["options"]["users"] = "42"
    usual.until_secure()
    usual.telegram.bot.wait_polled()
    before = len(usual.telegram.messages)
    number = usual.telegram.bot.say("/probe office-vpn", name="Eve\n<b>", **how)
    usual.telegram.bot.wait_polled(beyond=number)
    (line,) = noted(usual, "command_ignored")
    assert "/probe office-vpn" in line and "Eve <b>" in line
    holds(lambda: len(usual.telegram.messages) == before, usual.telegram.texts, during=1)
    assert "pong" in ask(usual, "/ping").text


def test_who_may_only_ask_may_not_act(usual):
    usual.server.config["notifiers"][0]["options"]["operators"] = "7"
    usual.until_secure()
    usual.telegram.bot.wait_polled()
    assert "not change anything" in ask(usual, "/probe office-vpn").text
    assert "measure" in ask(usual, "/probe office-vpn", user=7).text
    assert len(noted(usual, "command_begun")) == 1
    first, second = noted(usual, "command", count=2)
    assert "oncall: Ana (42) in chat 424242: /probe office-vpn: forbidden" in first
    assert "Ana (7)" in second and second.endswith(": done")


def test_commands_for_other_bots_and_talk_are_left_alone(talking):
    before = len(talking.telegram.messages)
    talking.telegram.bot.say("/ping@other_bot", kind="supergroup")
    number = talking.telegram.bot.say("good morning")
    talking.telegram.bot.wait_polled(beyond=number)
    assert len(talking.telegram.messages) == before
    answer = ask(talking, "/ping@sentinel_bot", kind="supergroup", message_thread_id=9, is_topic_message=True)
    assert (answer.thread, answer.reply_to > 0) == (9, True)


@pytest.mark.parametrize("text", ["/nonsense", "/why", "/why nobody", "/why 01JGK000000000000000000000", "/status #99",
                                  "/why <b>&{{7*7}}%s", "/history \u202eabc"])
def test_what_makes_no_sense_is_answered_with_a_hint(talking, text):
    answer = ask(talking, text)
    assert answer.text and "{{" not in answer.text


def test_who_asks_too_much_is_asked_to_wait(talking):
    for _ in range(12):
        number = talking.telegram.bot.say("/ping")
    talking.telegram.bot.wait_polled(beyond=number)
    texts = talking.telegram.texts()
    assert len([t for t in texts if t.startswith("pong")]) == 10
    assert len([t for t in texts if "Ask again in" in t]) == 2


def test_a_webhook_in_the_way_is_named_in_the_log_with_how_to_end_it(talking):
    talking.telegram.bot.webhook = True
    talking.telegram.bot.say("/ping")
    talking.server.program.wait_for_log("deleteWebhook once to end that")
    (channel,) = talking.server.get("/health").json()["channels"]
    assert "deleteWebhook" in channel["commands_error"] and channel["state"] == "ok"
    talking.telegram.bot.webhook = False
    # The first /ping may have been taken by a poll that was under way before; a poll that succeeds ends when
    # something is said.
    talking.telegram.bot.say("/ping")
    talking.server.program.wait_for_log("is read again", within=30)
    talking.telegram.wait_for("pong", count=2)


# -- what changes something


def leaking(world):
    """The message of a leak, which goes on."""
    world.client_trace.ip, world.client_trace.country = HOME.ip, HOME.country
    world.client_ipinfo.place = HOME
    (message,) = world.telegram.wait_for("bypass")
    return message


def test_an_incident_is_acknowledged_by_its_button_and_everybody_sees_who(talking):
    message = leaking(talking)
    assert [label for label, _ in message.buttons] == ["I look after it", "Silence for 1h", "Why?"]
    talking.telegram.bot.press(message, "I look after it")
    until(lambda: not talking.telegram.message(message.number).buttons, "the buttons to go")
    assert talking.telegram.message(message.number).text == message.text + "\n\nAna (42) looks after it."
    assert talking.telegram.bot.hints() == ["Ana (42) looks after it."]
    (incident,) = talking.server.client(talking.id)["incidents"]
    assert incident["acknowledged"]
    until(lambda: talking.telegram.matching("Acknowledged:"), "what everybody is told")
    assert "Ana (42) looks after it." in ask(talking, "/incidents").text
    assert "Ana (42)" in ask(talking, f"/ack {incident['id']} again").text
    assert "Nothing of office-vpn waits" in ask(talking, f"/ack {talking.id}").text
    assert any(line.endswith(": done") and "/ack " in line for line in noted(talking, "command"))


def test_a_client_is_silenced_for_a_while_and_no_longer(talking):
    answer = ask(talking, f"/silence {talking.id} 1h they <move> house")
    assert f"Nothing is told of {talking.id} until " in answer.text
    talking.client_trace.ip, talking.client_trace.country = HOME.ip, HOME.country
    talking.client_ipinfo.place = HOME
    talking.server.wait_verdict(talking.id, "leak")
    holds(lambda: not talking.telegram.matching("bypass"), talking.telegram.texts, during=2)
    talking.telegram.bot.press(answer, "Undo")
    talking.telegram.wait_for("bypass")


@pytest.mark.parametrize("text", ["/silence", "/silence nobody 1h", "/silence office-vpn", "/silence office-vpn soon",
                                  "/silence office-vpn 900d", "/unsilence 1", "/ack", "/ack nobody",
                                  "/ack 01JGK000000000000000000000", "/probe nobody"])
def test_what_cannot_be_done_is_said_and_not_done(talking, text):
    assert ask(talking, text).text
    assert noted(talking, "command")[-1].endswith(": refused")


def test_a_probe_makes_the_client_measure_at_once(usual):
    usual.client.config["client"]["interval"] = "4s"
    for probe in usual.client.config["probes"]:
        probe["interval"] = "1h"
    usual.until_secure()
    usual.telegram.bot.wait_polled()
    before = len(usual.client_trace.requests)
    assert "is asked to measure" in ask(usual, f"/probe {usual.id}").text
    usual.client.program.wait_for_log("the server asks for it")
    until(lambda: len(usual.client_trace.requests) > before, "a measurement")
    holds(lambda: len(usual.client_trace.requests) == before + 1, "measured once", during=1)
