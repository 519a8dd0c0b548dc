"""The stand-ins of channels refuse what the real services refuse, and complain about what those would."""

import hashlib
import hmac
import json
import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from harness import channel_discord, channel_gotify, channel_matrix, channel_ntfy, channel_pushover, channel_slack
from harness import channel_webhook
from harness.channel_discord import Discord
from harness.channel_gotify import Gotify
from harness.channel_matrix import Matrix
from harness.channel_ntfy import Ntfy
from harness.channel_pushover import Pushover
from harness.channel_slack import Slack
from harness.channel_webhook import Webhook, is_ours


@pytest.fixture
def played(request):
    made = request.param()
    yield made
    made.stop()


def ask(channel, method, path, body, headers=None, query=None):
    """An answer without the network between: the request as the handler would hand it in."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return channel.take(SimpleNamespace(at=time.monotonic(), method=method, path=path, query=query or {},
                                        headers={"content-type": "application/json", **(headers or {})}, body=raw,
                                        peer="127.0.0.1"))


EMBED = {"title": "Title", "description": "Text", "color": 1}
NOBODY = {"parse": []}
EVENT = {"version": 1, "delivery": "01JGK0000000000000000DE7VS", "event": "notice", "at": "2026-01-02T03:04:05.000Z",
         "severity": "info", "kind": "connected", "incident": None, "client": "anna", "title": "t", "body": "",
         "fields": [], "text": "t", "channel": "c", "attempt": 1, "possible_duplicate": False, "late": False,
         "priority": "low", "silent": False, "count": 1}
CONTENT = {"msgtype": "m.text", "body": "a b", "format": "org.matrix.custom.html", "formatted_body": "<b>a</b><br>b",
           "m.mentions": {}}
SECTION = {"type": "section", "text": {"type": "plain_text", "text": "x", "emoji": False}}


def signed(body, key=channel_webhook.KEY, at=None):
    at = int(at or time.time())
    sum_ = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-sentinel-signature": f"t={at},v1={sum_}", "x-sentinel-event": "notice",
            "x-sentinel-delivery": EVENT["delivery"]}


def send(channel, **changes):
    """The stand-in's own idea of a good message, with changes."""
    name = channel.plugin
    if name == "discord":
        body = {"embeds": [{**EMBED, **changes}], "allowed_mentions": NOBODY}
        return ask(channel, "POST", channel_discord.PATH, body, query={"wait": ["true"]})
    if name == "slack":
        body = {"text": "t", "mrkdwn": False, "attachments": [{"color": "#000000", "blocks": [SECTION]}], **changes}
        return ask(channel, "POST", channel_slack.PATH, body)
    if name == "ntfy":
        return ask(channel, "POST", "/", {"topic": channel_ntfy.TOPIC, "message": "m", **changes},
                   {"authorization": f"Bearer {channel_ntfy.TOKEN}"})
    if name == "gotify":
        body = {"message": "m", "priority": 5, "extras": {"client::display": {"contentType": "text/plain"}}, **changes}
        return ask(channel, "POST", "/sub/message", body, {"x-gotify-key": channel_gotify.TOKEN})
    if name == "matrix":
        return ask(channel, "PUT", "/_matrix/client/v3/rooms/%21aBcDeF%2Fg%3Aexample.net/send/m.room.message/1",
                   {**CONTENT, **changes}, {"authorization": f"Bearer {channel_matrix.TOKEN}"})
    if name == "pushover":
        form = {"token": channel_pushover.TOKEN, "user": channel_pushover.USER, "message": "m", **changes}
        return ask(channel, "POST", "/1/messages.json", urlencode(form).encode(),
                   {"content-type": "application/x-www-form-urlencoded"})
    body = json.dumps({**EVENT, **changes}).encode()
    return ask(channel, "POST", channel_webhook.PATH, body, signed(body))


ALL = [Webhook, Ntfy, Discord, Slack, Gotify, Matrix, Pushover]


@pytest.mark.parametrize("played", ALL, indirect=True, ids=lambda made: made.plugin)
def test_a_good_message_is_taken_and_kept(played):
    assert send(played).status in (200, 204)
    assert len(played.messages) == 1 and played.complaints == []


@pytest.mark.parametrize("played", ALL, indirect=True, ids=lambda made: made.plugin)
def test_a_message_before_its_time_is_complained_about(played):
    played.script(played.too_many(60))
    assert send(played).status == 429
    send(played)
    assert any("before the time" in complaint for complaint in played.complaints)


@pytest.mark.parametrize("played", ALL, indirect=True, ids=lambda made: made.plugin)
def test_a_wrong_place_is_refused(played):
    assert 400 <= ask(played, "POST", "/elsewhere", {}).status < 500
    assert played.messages == []


@pytest.mark.parametrize("played, changes, status", [
    (Webhook, {"severity": 7}, 204), (Webhook, {"more": 1}, 204), (Webhook, {"at": "yesterday"}, 204),
    (Webhook, {"incident": "01JGK0000000000000000DE7VS"}, 204),
    (Ntfy, {"topic": "other"}, 400), (Ntfy, {"priority": 6}, 400), (Ntfy, {"message": "x" * 4097}, 200),
    (Ntfy, {"message": '"' * 4096}, 413), (Ntfy, {"markdown": True}, 200), (Ntfy, {"sequence_id": "a/b"}, 400),
    (Discord, {"title": "x" * 257}, 400), (Discord, {"description": "\U0001f512" * 2049}, 400),
    (Discord, {"description": "**bold**"}, 200), (Discord, {"description": "@everyone"}, 200), (Discord, {"x": 1}, 400),
    (Discord, {"color": 1 << 24}, 400), (Discord, {"title": " "}, 400), (Discord, {"url": "javascript:1"}, 400),
    (Ntfy, {"actions": [{"action": "http", "label": "a"}]}, 400), (Ntfy, {"actions": [{"action": "rm", "label": "a"}]}, 400),
    (Ntfy, {"actions": [{"action": "http", "label": "a", "url": "https://x.y/"}] * 4}, 400), (Ntfy, {"tags": [1]}, 400),
    (Slack, {"attachments": [{"color": "red", "blocks": [SECTION]}]}, 400),
    (Slack, {"attachments": [{"color": "#000000", "blocks": [{"type": "context", "elements": [
        {"type": "mrkdwn", "text": "<https://x.y|Click>"}]}]}]}, 400),
    (Slack, {"attachments": [{"color": "#000000", "blocks": [SECTION] * 51}]}, 400),
    (Slack, {"text": ""}, 400), (Slack, {"text": "<!here>"}, 400), (Slack, {"mrkdwn": True}, 400),
    (Slack, {"text": "a & b"}, 400), (Slack, {"username": "x"}, 400),
    (Gotify, {"message": ""}, 400), (Gotify, {"priority": 11}, 200), (Gotify, {"extras": {}}, 200),
    (Matrix, {"formatted_body": "<script>a b</script>"}, 200), (Matrix, {"formatted_body": "a & b"}, 200),
    (Matrix, {"body": "another"}, 200), (Matrix, {"m.mentions": {"room": True}}, 200), (Matrix, {"body": "x" * 66000}, 413),
    (Matrix, {"x": 1.5}, 400), (Matrix, {"x": "\ud800"}, 400), (Gotify, {"extras": {"a": {}}}, 200),
    (Pushover, {"url": "x" * 513}, 400), (Pushover, {"ttl": 0}, 400), (Pushover, {"sound": "a b"}, 400),
    (Pushover, {"timestamp": "now"}, 400),
    (Pushover, {"message": "x" * 1025}, 400), (Pushover, {"priority": 2}, 400), (Pushover, {"user": "nobody"}, 400),
    (Pushover, {"html": 1}, 400), (Pushover, {"priority": 2, "retry": 10, "expire": 60}, 400),
], indirect=["played"])
def test_what_the_real_service_would_not_take_is_complained_about(played, changes, status):
    assert send(played, **changes).status == status
    assert played.complaints


def test_a_signature_is_of_these_bytes_this_key_and_now():
    body = b'{"a":1}'
    header = signed(body)["x-sentinel-signature"]
    assert is_ours(channel_webhook.KEY, header, body)
    assert not is_ours(channel_webhook.KEY, header, body + b" ")
    assert not is_ours(channel_webhook.OLD_KEY, header, body)
    assert not is_ours(channel_webhook.KEY, signed(body, at=time.time() - 3600)["x-sentinel-signature"], body)
    assert is_ours(channel_webhook.KEY, f"{signed(body, channel_webhook.OLD_KEY)['x-sentinel-signature']},"
                   + header.split(",")[1], body)


@pytest.mark.parametrize("markdown, seen", [("a\\*b\\*", "a*b*"), ("\\<\\@1\\>", "<@1>"), ("C:\\\\x", "C:\\x")])
def test_discords_markdown_is_read_as_discord_does(markdown, seen):
    assert channel_discord.plain(markdown) == seen
    with pytest.raises(ValueError):
        channel_discord.plain(markdown + "*x*")
