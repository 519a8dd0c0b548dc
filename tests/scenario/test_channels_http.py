"""Messages reach people through services over HTTP, whatever those answer meanwhile."""

import pytest

from harness import channel_webhook, keepalive
from harness.certificates import Unbelievable
from harness.channel_discord import Discord
from harness.channel_gotify import Gotify
from harness.channel_matrix import Matrix
from harness.channel_ntfy import Ntfy
from harness.channel_pushover import Pushover
from harness.channel_slack import Slack
from harness.channel_webhook import Webhook
from harness.places import HOME, VPN
from harness.stand_in import HANG, RESET, Answer
from harness.wait import holds, until

CHANNELS = [Webhook, Ntfy, Discord, Slack, Gotify, Matrix, Pushover]
HOSTILE = '<b>A&B</b> {{7*7}} %s%n `x` *y* _z_ "q" [l](http://x.y) @everyone <@1> \u202ertl 東京 💣'


class World:
    """A server without probes of its own, and a channel of each of the kinds."""

    def __init__(self, lab, *kinds, certificates=None, **more):
        self.lab = lab
        self.channels = [lab._kept(made(certificates or lab.authority)) for made in kinds]
        self.channel = self.channels[0]
        self.server = lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
                                 notifiers=[channel.notifier(channel.plugin, **more) for channel in self.channels])

    def start(self):
        self.server.start()
        return self

    def report(self, client, place, **more):
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country, **more)))
        assert reply.status == 200, reply

    def requests(self):
        return {channel.plugin: len(channel.requests) for channel in self.channels}

    def messages(self):
        return {channel.plugin: channel.texts() for channel in self.channels}

    def until_told_once(self, pattern, within=30):
        """{channel: the message}, when each of them has it, and no other."""
        told = {channel: channel.wait_for(pattern, within=within)[0] for channel in self.channels}
        holds(lambda: all(len(channel.messages) == 1 for channel in self.channels), self.messages, during=0.3)
        return told

    def end(self):
        """No output shows a secret of a channel's."""
        said = self.server.program.log() + self.server.program.output()
        for secret in (secret for channel in self.channels for secret in channel.secrets):
            assert secret not in said, "the server printed a secret"


@pytest.fixture(params=CHANNELS, ids=lambda made: made.plugin)
def world(request, lab):
    made = World(lab, request.param)
    yield made
    made.end()


@pytest.fixture
def whole_world(lab):
    """One channel of every kind, all of them in the same trouble at once."""
    made = World(lab, *CHANNELS)
    yield made
    made.end()


def test_an_incident_is_told_from_its_beginning_to_its_end(world):
    world.start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    assert "office" in opened.text and HOME.ip in opened.text
    world.report("office", VPN)
    world.channel.wait_for("is over")
    assert len(world.channel.matching("bypass: ")) + len(world.channel.matching("is over")) == len(
        world.channel.matching("bypass")), world.channel.texts()


def test_too_many_requests_are_honoured_and_nothing_is_lost(whole_world):
    for channel in whole_world.channels:
        channel.script(channel.too_many(1))
    whole_world.start()
    whole_world.report("office", VPN)
    for channel, message in whole_world.until_told_once("connected").items():
        assert message.at - channel.requests[0].at >= 0.9, channel.plugin


@pytest.mark.parametrize("answer", [
    Answer.text("<html>oops</html>", 500), Answer.text("<html>Bad Gateway</html>", 502), RESET,
    Answer(200, b'{"id": 1, "a": "b"}', {}, "truncate"), Answer.text("<html>Please log in</html>", 302, Location="/login"),
], ids=["500", "502", "reset", "truncated", "login page"])
def test_a_failure_that_may_pass_is_tried_again(whole_world, answer):
    for channel in whole_world.channels:
        channel.script(answer)
    whole_world.start()
    whole_world.report("office", VPN)
    whole_world.until_told_once("connected")
    assert set(whole_world.requests().values()) == {2}, whole_world.requests()


def test_keepalives_are_answered_while_the_services_hang(whole_world):
    for channel in whole_world.channels:
        channel.script(HANG)
    whole_world.start()
    whole_world.report("office", VPN)
    until(lambda: all(whole_world.requests().values()), "deliveries to hang")
    for _ in range(20):
        whole_world.report("office", VPN)
    assert not any(whole_world.messages().values())


def test_a_refusal_for_good_is_told_on_another_channel(world):
    backup = world.lab.telegram()
    world.server.config["notifiers"].append(world.lab.notifier(backup, name="backup"))
    world.channel.always(world.channel.REFUSED)
    world.start()
    world.report("office", VPN)
    (report,) = backup.wait_for("channel broken")
    assert world.channel.plugin in report.text
    holds(lambda: len(world.channel.requests) == 1, lambda: world.channel.requests, during=0.5)


def test_whatever_a_client_says_is_shown_literally(world):
    world.start()
    world.report("office", VPN, city=HOSTILE)
    (message,) = world.channel.wait_for("connected")
    # The server itself takes out what turns the direction of writing.
    assert HOSTILE.replace("\u202e", " ") in message.text, message.text


def test_a_service_that_was_away_gets_the_message_later(whole_world):
    for channel in whole_world.channels:
        channel.stop()
    whole_world.start()
    whole_world.report("office", VPN)
    for channel in whole_world.channels:
        whole_world.server.program.wait_for_log(f"{channel.plugin}: not delivered yet")
    for channel in whole_world.channels:
        channel.start()
    whole_world.until_told_once("connected")


@pytest.mark.parametrize("made", [made for made in CHANNELS if made.edits], ids=lambda made: made.plugin)
def test_a_message_can_take_the_place_of_the_one_it_follows(lab, made):
    world = World(lab, made, options={"edit": "always"}).start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    world.report("office", VPN)
    until(lambda: opened.edits == 1 and "over" in opened.title, lambda: world.channel.texts())
    assert len(world.channel.matching("bypass")) == 1
    world.end()


# -- what but one of them does


def test_a_webhook_changes_its_key_without_a_message_that_nobody_believes(lab):
    old = Webhook(lab.authority, keys=(channel_webhook.OLD_KEY,))
    new = Webhook(lab.authority, keys=(channel_webhook.KEY,))
    server = lab.server(notifiers=[channel.notifier(name, options={"old_key": channel_webhook.OLD_KEY})
                                   for name, channel in (("old", lab._kept(old)), ("new", lab._kept(new)))])
    server.start()
    assert server.post(keepalive.encode(keepalive.flat("office", VPN, "RO"))).status == 200
    old.wait_for("connected")
    new.wait_for("connected")


def test_a_webhook_that_is_gone_is_left_alone_also_after_a_restart(lab):
    world = World(lab, Webhook)
    world.server.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
    world.channel.always(Webhook.GONE)
    world.start()
    world.report("office", VPN)
    world.server.program.wait_for_log("it wants no more events")
    world.server.stop()
    world.server.start()
    world.report("home", VPN)
    world.server.program.wait_for_log("is given up")
    assert len(world.channel.requests) == 1


@pytest.mark.parametrize("kind", Unbelievable.KINDS)
def test_a_service_that_is_not_to_be_believed_is_told_nothing(lab, kind):
    world = World(lab, Webhook, certificates=Unbelievable(lab.authority, lab.folder / "bad", kind)).start()
    world.report("office", VPN)
    world.server.program.wait_for_log("not delivered yet: .*certificate")
    assert world.channel.requests == []


@pytest.mark.parametrize("made", [Matrix, Ntfy], ids=lambda made: made.plugin)
def test_a_message_is_shown_once_however_often_its_answer_is_lost(lab, made):
    world = World(lab, made)
    world.channel.spoil_answers = 1
    world.start()
    world.report("office", VPN)
    world.channel.wait_for("connected")
    until(lambda: len(world.channel.requests) == 2, "another attempt")
    holds(lambda: len(world.channel.messages) == 1, world.channel.texts, during=0.3)


def test_a_button_in_ntfy_acknowledges_for_all(lab):
    world = World(lab, Ntfy)
    options = world.server.config["notifiers"][0]["options"]
    options.update(ack_url=f"{world.server.url}/api/v1", ack_key="a-key-of-a-phone-0123456789")
    world.server.config["auth"].append({"plugin": "bearer", "name": "phones", "control": "sufficient", "options": {
        "keys": f"phone={options['ack_key']}", "roles": ["operate"]}})
    world.start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    (action,) = opened.raw["actions"]
    reply = keepalive.call(action["url"], action["method"], action["body"].encode(), action["headers"])
    assert reply.status == 200, reply
    until(lambda: opened.edits == 1 and "cknowledged" in opened.title, world.channel.texts)
    assert "actions" not in opened.raw and "phone" in opened.text
    assert options["ack_key"] not in world.server.program.log()
    world.end()


def test_a_link_leads_from_a_message_to_where_more_is(lab):
    discord, slack = (lab._kept(made(lab.authority)) for made in (Discord, Slack))
    server = lab.server(notifiers=[made.notifier(made.plugin, options={"link": "https://vpn.example/?a=1&b=2"})
                                   for made in (discord, slack)]).start()
    assert server.post(keepalive.encode(keepalive.flat("office", VPN, "RO"))).status == 200
    (message,) = discord.wait_for("connected")
    assert message.raw["embeds"][0]["url"] == "https://vpn.example/?a=1&b=2"
    (message,) = slack.wait_for("connected")
    assert message.text.endswith("\nhttps://vpn.example/?a=1&b=2")


def test_matrix_keeps_what_follows_in_a_thread(lab):
    world = World(lab, Matrix, options={"thread": "yes"}).start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    world.report("office", VPN)
    (over,) = world.channel.wait_for("is over")
    assert over.raw["m.relates_to"]["rel_type"] == "m.thread" and over.raw["m.relates_to"]["event_id"] == opened.ref


def test_pushover_rings_until_the_incident_is_over(lab):
    world = World(lab, Pushover, options={"priority_critical": 2}).start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    assert opened.level == 2 and world.channel.cancelled == []
    world.report("office", VPN)
    (over,) = world.channel.wait_for("is over")
    assert over.level == -1 and world.channel.cancelled == [opened.raw["tags"]]


def test_who_answers_pushover_on_a_phone_has_acknowledged_the_incident_for_all(lab):
    chat = lab.telegram()
    world = World(lab, Pushover, options={"priority_critical": 2})
    world.server.config["notifiers"].append(lab.notifier(chat, name="chat"))
    world.channel.answered = True
    world.start()
    world.report("office", HOME)
    (opened,) = world.channel.wait_for("bypass")
    (told,) = chat.wait_for("acknowledged", within=30)
    assert "office" in told.text and "Pushover (annas-phone)" in told.text
    until(lambda: world.channel.cancelled == [opened.raw["tags"]], lambda: world.channel.cancelled)
    world.end()


def test_a_webhook_over_plain_http_must_be_wanted(lab):
    channel = lab._kept(Webhook())
    server = lab.server(notifiers=[channel.notifier(options={"allow_http": "yes"})]).start()
    assert server.post(keepalive.encode(keepalive.flat("office", VPN, "RO"))).status == 200
    channel.wait_for("connected")
