"""The bot speaks the language of its channel, in the channel's zone; groups, topics and who hides there."""

import pytest

from test_bot import ask, leaking, noted

from harness.wait import until

GROUP = {"kind": "supergroup"}
HIDDEN = {**GROUP, "user": 1087968824, "name": "Group", "sender_chat": {"id": 424242, "type": "supergroup"}}


@pytest.fixture
def spanish(usual):
    usual.server.config["notifiers"][0]["locale"] = {"language": "es", "timezone": "Europe/Bucharest"}
    usual.server.config["notifiers"][0]["options"]["operators"] = "42"
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    usual.telegram.bot.wait_polled()
    return usual


def test_answers_buttons_and_times_are_the_channels_own(spanish):
    bot = spanish.telegram.bot
    assert set(bot.commands) == {"", "de", "es", "fr", "pt", "ro"}
    assert ("status", "cómo están todos los clientes, o uno de ellos") in bot.commands["es"]
    assert "1 cliente: 1 seguro" in ask(spanish, "/status").text
    assert [label for label, _ in ask(spanish, f"/status {spanish.id}").buttons] == ["¿Por qué?", "Medir ahora", "Silenciar 1 h"]
    assert "no cambiar nada" in ask(spanish, f"/probe {spanish.id}", user=7).text
    answer = ask(spanish, f"/silence {spanish.id} 1h")
    assert f"De {spanish.id} no se avisa nada hasta " in answer.text and "(+0" in answer.text
    assert answer.buttons[0][0] == "Deshacer"


def test_presses_twice_of_strangers_and_after_a_restart_are_met_sensibly(lab, usual):
    usual.server.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
    usual.server.config["notifiers"][0]["options"]["users"] = "42, 43"
    usual.until_secure()
    bot = usual.telegram.bot
    bot.wait_polled()
    message = leaking(usual)
    bot.press(message, "I look after it", user=666, name="Eve")
    until(lambda: bot.hints() == [""], lambda: bot.hints())
    assert "/ack" in noted(usual, "command_ignored")[0] and usual.telegram.message(message.number).buttons
    usual.server.stop()
    bot.press(message, "I look after it")
    bot.press(message, "I look after it", user=43, name="Ion")
    usual.server.start()
    until(lambda: len(bot.hints()) == 3, lambda: bot.hints(), within=30)
    assert bot.hints()[1:] == ["Ana (42) looks after it."] * 2
    now = usual.telegram.message(message.number)
    assert now.text.count("looks after it.") == 1 and not now.buttons
    usual.client.stop()
    assert usual.server.get(f"/clients/{usual.id}").status == 200


def test_in_a_group_the_topic_is_answered_and_who_hides_changes_nothing(usual):
    usual.until_secure()
    bot = usual.telegram.bot
    bot.wait_polled()
    answer = ask(usual, "/ping", message_thread_id=9, is_topic_message=True, **GROUP)
    assert answer.thread == 9
    assert "pong" in ask(usual, "/ping", **HIDDEN).text
    assert "write as yourself" in ask(usual, f"/silence {usual.id} 1h", **HIDDEN).text
    assert usual.server.get("/silences").json() == []
    assert any(line.endswith(": anonymous") for line in noted(usual, "command", count=3))


def test_what_is_over_can_no_longer_be_looked_after(usual):
    usual.until_secure()
    bot = usual.telegram.bot
    bot.wait_polled()
    message = leaking(usual)
    usual.client_trace.ip, usual.client_trace.country = "198.51.100.7", "RO"
    usual.client_ipinfo.place = usual.client_ipinfo.place.__class__(**{**vars(usual.client_ipinfo.place), "ip": "198.51.100.7"})
    until(lambda: usual.telegram.matching("is over"), lambda: usual.telegram.texts(), within=30)
    until(lambda: not usual.telegram.message(message.number).buttons, "the buttons to go")
    bot.press(message, "I look after it")
    until(lambda: bot.hints() and "No open incident" in bot.hints()[-1], lambda: bot.hints())
    until(lambda: usual.telegram.message(message.number).text.endswith("This is over."), "a note")
