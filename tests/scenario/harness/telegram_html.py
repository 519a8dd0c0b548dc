"""
Telegram's HTML dialect, strictly: what the Bot API refuses is refused, and besides that a bare
ampersand and an unknown entity, which it lets pass but which are always a fault of escaping.
"""

import re

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler", "span", "a", "code", "pre",
        "blockquote", "tg-emoji"}
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
LONGEST = 4096  # UTF-16 units, after parsing

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ATTRIBUTES = re.compile(r'(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*')
_ENTITY = re.compile(r"&(?:([a-zA-Z]+)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")


class ParseError(ValueError):
    """The text of the Bot API's description, after "can't parse entities: "."""


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


def _offset(text, position):
    return len(text[:position].encode())


def _entity(text, position):
    match = _ENTITY.match(text, position)
    if not match:
        raise ParseError(f"Bare ampersand at byte offset {_offset(text, position)}")
    name, decimal, hexadecimal = match.groups()
    if name:
        if name not in ENTITIES:
            raise ParseError(f'Unsupported entity "{name}" at byte offset {_offset(text, position)}')
        return ENTITIES[name], match.end()
    return chr(int(decimal) if decimal else int(hexadecimal, 16)), match.end()


def _tag(text, position, open_tags):
    end = text.find(">", position)
    if end < 0:
        raise ParseError(f"Unclosed start tag at byte offset {_offset(text, position)}")
    inside = text[position + 1 : end]
    closing = inside.startswith("/")
    name = _NAME.match(inside[1:] if closing else inside)
    if not name or name.group() not in TAGS:
        shown = name.group() if name else ""
        raise ParseError(f'Unsupported {"end" if closing else "start"} tag "{shown}" '
                         f"at byte offset {_offset(text, position)}")
    if closing:
        if not open_tags:
            raise ParseError(f'Unexpected end tag at byte offset {_offset(text, position)}')
        if open_tags[-1] != name.group():
            raise ParseError(f'Unmatched end tag at byte offset {_offset(text, position)}, expected '
                             f'"</{open_tags[-1]}>", found "</{name.group()}>"')
        open_tags.pop()
    else:
        rest = inside[name.end() :]
        if not _ATTRIBUTES.fullmatch(rest):
            raise ParseError(f"Unexpected character in the start tag at byte offset {_offset(text, position)}")
        open_tags.append(name.group())
    return end + 1


def parse(text):
    """The text as people see it. Raises ParseError."""
    seen = []
    open_tags = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "<":
            position = _tag(text, position, open_tags)
        elif char == "&":
            decoded, position = _entity(text, position)
            seen.append(decoded)
        else:
            seen.append(char)
            position += 1
    if open_tags:
        raise ParseError(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    return "".join(seen)
