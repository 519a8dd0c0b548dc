"""What docs/troubleshooting.md quotes, the program says; its commands work."""

import re

import pytest

from blocks import block, rows
from harness.sayings import sayings
from harness.typed import typed

TABLES = {"client": rows("docs/troubleshooting.md", "table: client"), "tls": rows("docs/troubleshooting.md", "table: tls"),
          "verdicts": rows("docs/troubleshooting.md", "table: verdicts"), "server": rows("docs/troubleshooting.md", "table: server"),
          "plugins": rows("docs/troubleshooting.md", "table: plugins")}
FOREIGN = {"address already in use"}  # libuv's words


@pytest.fixture(scope="module")
def said():
    return "\n".join(sayings("core/**/*.[ch]", "plugins/**/*.[ch]"))


def quotes():
    for cells in sum(TABLES.values(), []):
        for quote in re.findall(r'(?<!\\)"((?:\\"|[^"])+)(?<!\\)"', cells[0]):
            if quote not in FOREIGN:
                yield quote.replace('\\"', '"')


def test_there_are_quotes():
    assert len(list(quotes())) >= 40


@pytest.mark.parametrize("quote", list(quotes()))
def test_a_symptom_is_quoted_as_the_program_says_it(quote, said):
    for piece in (piece.strip(" '\"") for piece in quote.split("...")):
        assert piece in said, piece


def test_the_first_look_works(usual):
    usual.server.start()
    command = block("docs/troubleshooting.md", "run: look").text.replace("doctor --role server", f"doctor --role server -c '{usual.server.file}'")
    done = typed(command, usual.lab.folder, {**usual.lab.environment, "VPN_SENTINEL_STATE_DIR": usual.server.config["state_dir"]})
    assert "healthy" in done.stdout
