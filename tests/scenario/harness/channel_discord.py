"""Webhooks of Discord, strictly: embeds and their limits, mentions, edits, and Markdown as people see it."""

import json
import re

from .channel import Channel, utf16_units
from .stand_in import Answer

HOOK = "112233445566/aBcD-secret_token-of-the-webhook"
PATH = f"/api/webhooks/{HOOK}"
MEMBERS = {"content", "username", "avatar_url", "embeds", "allowed_mentions", "flags"}
EMBED = {"title": 256, "description": 4096, "color": None, "url": 2048}


def refusal(status, message, code, **members):
    return Answer.json({"message": message, "code": code, **members}, status)


def plain(markdown):
    """What people see: a backslash makes the next character plain, whatever else is markup is an error."""
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", markdown)
    if re.search(r"[*_~`|<>]|\[.*\]\(|@(everyone|here)", bare):
        raise ValueError(f"markup in {markdown!r}")
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown)


class Discord(Channel):
    plugin = "discord"
    secrets = (HOOK,)
    edits = True
    REFUSED = refusal(404, "Unknown Webhook", 10015)

    def options(self):
        return {"url": f"{self.origin}{PATH}"}

    def too_many_answer(self, seconds):
        answer = Answer.json({"message": "You are being rate limited.", "retry_after": float(seconds), "global": False}, 429)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def fault(self, body):
        embeds = body.get("embeds", [])
        if set(body) - MEMBERS or len(embeds) > 10 or utf16_units(body.get("content", "")) > 2000:
            return "a member that does not exist, or is too long"
        if not body.get("content") and not embeds:
            return "Cannot send an empty message"
        if sum(utf16_units(embed.get(part, "")) for embed in embeds for part in ("title", "description")) > 6000:
            return "embeds of more than 6000 characters"
        if not 1 <= len(body.get("username", "x")) <= 80 or re.search("discord|clyde", body.get("username", ""), re.IGNORECASE):
            return "a username that nobody may have"
        for embed in embeds:
            if not 0 <= embed.get("color", 0) <= 0xFFFFFF or not embed.get("title", "x").strip():
                return "a color or a title that is none"
            if not embed.get("url", "https:").startswith(("http:", "https:")):
                return "Not a well formed URL."
            for name, value in embed.items():
                if name not in EMBED:
                    return f"embeds have no {name}"
                if EMBED[name] and not (isinstance(value, str) and utf16_units(value) <= EMBED[name]):
                    return f"{name} is too long"
        if body.get("flags", 0) not in (0, 4, 4096, 4100):
            return "a flag that webhooks do not have"
        if body.get("allowed_mentions", {}).get("parse") != []:
            self.complain("anybody could be mentioned")
        return None

    def answer(self, request):
        edited = re.fullmatch(re.escape(PATH) + r"/messages/(\d+)", request.path)
        if request.path != PATH and not edited:
            return refusal(404, "Unknown Webhook", 10015)
        if request.method == "GET" and not edited:
            return Answer.json({"id": "112233445566", "type": 1, "name": "sentinel", "channel_id": "1", "guild_id": "2"})
        if request.method != ("PATCH" if edited else "POST"):
            return refusal(405, "405: Method Not Allowed", 0)
        if request.headers.get("content-type") != "application/json":
            return refusal(400, "Expected \"Content-Type\" header to be JSON", 50035)
        body = json.loads(request.body)
        fault = self.fault(body)
        if edited and set(body) & {"username", "avatar_url"}:
            self.complain("an edit changes who it is from")
        if fault:
            self.complain(fault)
            return refusal(400, "Invalid Form Body", 50035)
        if not edited and request.query.get("wait") != ["true"]:
            return Answer(status=204)
        try:
            title, text = (plain(body["embeds"][0].get(part, "")) for part in ("title", "description"))
        except ValueError as error:
            self.complain(str(error))
            title, text = "", str(body)
        if edited:
            earlier = self.find(edited.group(1))
            if not earlier:
                return refusal(404, "Unknown Message", 10008)
            earlier.title, earlier.text, earlier.edits = title, f"{title}\n{text}", earlier.edits + 1
            return self.unless_spoiled(Answer.json({"id": earlier.ref, "type": 0}))
        message = self.keep(request, title, f"{title}\n{text}", body.get("flags", 0), str(10**18 + len(self.messages)), body)
        return Answer.json({"id": message.ref, "type": 0, "channel_id": "1", "embeds": body["embeds"]})
