"""Incoming webhooks of Slack, strictly: answers in a word, texts escaped, nothing that becomes markup."""

import json
import re

from .channel import Channel
from .stand_in import Answer

HOOK = "T00000000/B00000000/s3cretXXXXXXXXXXXXXXXXXX"
PATH = f"/services/{HOOK}"
MEMBERS = {"text": str, "mrkdwn": bool, "link_names": bool, "unfurl_links": bool, "unfurl_media": bool,
           "attachments": list}
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}


def plain(text):
    """What people see of a text in which markup is off."""
    if re.search(r"&(?!amp;|lt;|gt;)|[<>]", text):
        raise ValueError(f"not escaped: {text!r}")
    return re.sub(r"&(?:amp|lt|gt);", lambda m: _ENTITIES[m.group()], text)


class Slack(Channel):
    plugin = "slack"
    secrets = (HOOK,)
    REFUSED = Answer.text("channel_is_archived", 410)

    def options(self):
        return {"url": f"{self.origin}{PATH}"}

    def too_many_answer(self, seconds):
        return Answer.text("rate_limited", 429, Retry_After=str(seconds))

    def text_of(self, attachment):
        """Of its blocks: a text, a link, or both."""
        blocks = attachment["blocks"]
        if not re.fullmatch(r"#[0-9a-f]{6}", attachment["color"]) or not 1 <= len(blocks) <= 50:
            raise ValueError("invalid_attachments")
        return "\n".join(self.link_of(block) if block["type"] == "context" else self.block_text(block) for block in blocks)

    def link_of(self, block):
        (element,) = block["elements"]
        link = re.fullmatch(r"<(https?://[^<>|\s]{1,3000})>", element["text"])
        if element["type"] != "mrkdwn" or not link:
            raise ValueError(f"no link: {block}")
        return plain(link.group(1))

    def block_text(self, block):
        text = block["text"]
        if block["type"] != "section" or text["type"] != "plain_text" or not 1 <= len(text["text"]) <= 3000:
            raise ValueError("invalid_blocks")
        if text.get("emoji"):
            raise ValueError("names of emojis would become such")
        return plain(text["text"])

    def answer(self, request):
        if request.method != "POST" or request.path != PATH:
            return Answer.text("no_service", 404)
        try:
            body = json.loads(request.body)
            if not body.get("text"):
                if body:
                    self.complain("no text")
                return Answer.text("no_text", 400)
            for name, value in body.items():
                if not isinstance(value, MEMBERS.get(name, ())):
                    raise ValueError(f"{name} is {value!r}")
            if body.get("mrkdwn", True):
                raise ValueError("markup is on")
            title = plain(body["text"])
            text = "\n".join([title, *(self.text_of(a) for a in body.get("attachments", []))])
        except (ValueError, KeyError) as error:
            self.complain(str(error))
            return Answer.text("invalid_payload", 400)
        color = body["attachments"][0].get("color") if body.get("attachments") else None
        self.keep(request, title, text, color, raw=body)
        return Answer.text("ok")
