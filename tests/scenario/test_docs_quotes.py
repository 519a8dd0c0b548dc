"""What Markdown files quote, the program says."""

import re
from functools import lru_cache

import pytest

from blocks import parse
from harness.program import ROOT
from harness.sayings import sayings
from lint_readme import markdown_files

SOURCES = ("core/**/*.[ch]", "plugins/**/*.[ch]", "sdk/**/*.[ch]", "sdk/clients/**/*.py")
# The words of others: services, libraries, people.
FOREIGN = {"Invalid Webhook Token", "Unknown Webhook", "address already in use", "this must not happen"}
_HOLE = re.compile(r"\{[a-z_]+\}|%[0-9.*]*[a-z]+")


@lru_cache(maxsize=None)
def everything():
    """Every text in the sources, and what the script prints."""
    return "\n".join([(ROOT / "setup").read_text(encoding="utf-8").replace("\n", " "), *sayings(*SOURCES)])


@lru_cache(maxsize=None)
def templates():
    """Those in which something is filled in: patterns of what comes out, and how many characters are the text's own."""
    found = []
    for text in sayings(*SOURCES):
        own = _HOLE.split(text.removesuffix("."))
        if len(own) > 1:
            found.append((re.compile(".+".join(map(re.escape, own)) + r"\.?"), sum(map(len, own))))
    return found


def is_said(quote):
    """Its pieces between dots, code and what people put there stand in one text, or a text with holes says it."""
    if all(piece.strip(" '\"") in everything() for piece in quote.split("...")):
        return True
    return any(own > len(quote) * 0.4 and pattern.fullmatch(quote) for pattern, own in templates())


def quotes():
    """(file, quote) of each quote of three words or more; code within one may be anything."""
    for path in map(str, markdown_files(ROOT)):
        lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
        for block in parse("\n".join(lines)):
            if block.language not in (None, "table"):
                lines[block.line - 1:block.line + block.text.count("\n")] = [""] * (block.text.count("\n") + 1)
        for paragraph in re.split(r"\n\s*\n|\|", "\n".join(lines)):
            for quote in re.findall(r'"([^"]{8,})"', re.sub(r"`[^`]*`", "...", paragraph.replace('\\"', "'"))):
                quote = " ".join(quote.split())
                if quote.count(" ") >= 2 and quote not in FOREIGN:
                    yield path, quote


@pytest.mark.parametrize("path, quote", sorted(set(quotes())))
def test_what_is_quoted_is_said(path, quote):
    assert is_said(quote), f"{path}: nothing says {quote!r}"


@pytest.mark.parametrize("quote", ["the exit is the servers", "413 of 500 are forward"])
def test_what_nothing_says_is_found(quote):
    assert not is_said(quote)


@pytest.mark.parametrize("quote", ["same exit as the server, as expected without a VPN", "412 of 500 are back"])
def test_what_is_said_with_numbers_and_names_is_taken(quote):
    assert is_said(quote)
