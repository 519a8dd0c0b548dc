"""Writes configuration files: block style, every scalar in double quotes."""

import json


def _scalar(value):
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(str(value), ensure_ascii=False)


def _lines(value, indent):
    pad = "  " * indent
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                yield f"{pad}{key}:"
                yield from _lines(item, indent + 1)
            elif isinstance(item, (dict, list)):
                yield f"{pad}{key}: {'{}' if isinstance(item, dict) else '[]'}"
            else:
                yield f"{pad}{key}: {_scalar(item)}"
        return
    for item in value:
        if isinstance(item, dict) and item:
            first, *rest = _lines(item, indent + 1)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}- {_scalar(item)}"


def dump(value):
    """The text of a YAML file that holds value, a dict of dicts, lists and scalars."""
    return "\n".join(_lines(value, 0)) + "\n"
