"""The quiet self test: channels are asked whether they would take a message, and nobody hears of it."""

import json
from concurrent.futures import ThreadPoolExecutor

from harness import keepalive
from harness.channel_gotify import Gotify
from harness.channel_ntfy import Ntfy
from harness.every_channel import EveryChannel
from harness.places import VPN
from harness.program import run
from harness.stand_in import Answer
from harness.wait import until

MONITOR = {"interval": "1h", "lost_after": "9h"}
SILENT = {"webhook", "syslog", "console"}  # nothing to ask without sending


def ask(server, *args):
    done = run("notify", "--quiet", "--json", *args, environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
    return done.returncode, {answer["channel"]: answer for answer in json.loads(done.stdout)["channels"]}


def test_every_channel_is_asked_and_nobody_hears_of_it(lab):
    every = EveryChannel(lab)
    server = lab.server(monitor=MONITOR, notifiers=every.notifiers)
    server.start()
    until(lambda: "connected to the broker" in server.program.log(), "the broker")
    code, answers = ask(server)
    assert {name: answer["outcome"] for name, answer in answers.items()} == {
        name: "none" if name in SILENT else "well" for name in every.names}, answers
    assert code == 0
    shown = every.shown(server)
    assert {name for name, texts in shown.items() if any(texts)} == set(), shown


def test_what_each_would_refuse_is_said(lab):
    every = EveryChannel(lab)
    every.telegram.chats = {1}
    for name, channel in every.http.items():
        channel.always(channel.REFUSED)
    every.mail.answers["AUTH"] = "535 5.7.8 Authentication credentials invalid"
    every.program.chmod(0o644)
    every.broker.pause()
    for notifier in every.notifiers:
        notifier["timeout"] = "3s"
        if notifier["plugin"] == "email":
            notifier["options"]["password"] = "wrong-one-4711"
        if notifier["plugin"] == "mqtt":
            notifier["options"]["password"] = "wrong-two-4711"
    server = lab.server(monitor=MONITOR, notifiers=every.notifiers)
    server.start()
    code, answers = ask(server)
    assert code == 1
    wrong = {name: answer["outcome"] for name, answer in answers.items() if name not in SILENT}
    assert "well" not in wrong.values(), wrong
    assert {wrong[name] for name in ("telegram", "ntfy", "discord", "slack", "gotify", "matrix", "pushover", "email", "exec")
            } == {"refused"}, answers
    assert "chat not found" in answers["telegram"]["reason"]
    assert "Permission denied" in answers["exec"]["reason"]
    every.broker.stop()
    every.mail.complaints.clear()


def test_the_second_failure_in_a_row_is_told_on_the_others_and_a_good_one_ends_it(lab):
    good, bad = lab._kept(Ntfy(lab.authority)), lab._kept(Gotify(lab.authority))
    server = lab.server(monitor=MONITOR, notifiers=[good.notifier(name="good"), bad.notifier(name="bad")])
    server.start()
    bad.always(bad.REFUSED)
    assert ask(server, "--channel", "bad")[0] == 1
    assert good.messages == [] and server.get("/health").json()["status"] == "healthy"
    assert ask(server, "--channel", "bad")[0] == 1
    (told,) = good.wait_for("Channel broken")
    assert "bad: the self test failed twice: " in told.text and "valid access token" in told.text
    assert ask(server, "--channel", "bad")[0] == 1
    bad.always(None)
    code, answers = ask(server)
    assert code == 0 and {answer["outcome"] for answer in answers.values()} == {"well"}
    good.wait_for("Channel works again")
    assert len(good.matching("Channel broken")) == 1 and bad.messages == []


def test_a_message_goes_before_a_self_test(lab):
    slow = lab._kept(Ntfy(lab.authority))
    slow.script(Answer.text("late", delay=20))
    server = lab.server(monitor=MONITOR, notifiers=[slow.notifier(name="slow")])
    server.start()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ask, server)
        until(lambda: slow.requests, "the self test")
        reply = server.post(keepalive.encode(keepalive.flat("office", VPN, VPN.country)))
        assert reply.status == 200
        slow.wait_for("Connected: office", within=15)
        code, answers = asked.result(30)
    assert code == 0 and answers["slow"]["outcome"] == "well"  # asked again
    assert server.get("/health").json()["status"] == "healthy"
