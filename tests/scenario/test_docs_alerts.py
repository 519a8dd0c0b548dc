"""docs/alerts.md quotes every message that people can get, word for word, and its commands work."""

import re

import pytest

from blocks import block
from harness.keepalive import encode, flat
from harness.places import VPN
from harness.program import ROOT
from harness.typed import typed
from harness.wait import until

PAGE = (ROOT / "docs/alerts.md").read_text()
MESSAGES = (ROOT / "tests/unit/server/golden/messages.en.txt").read_text()
SIGNS = {"INFO": "🔵 information", "WARNING": "🟡 warning", "CRITICAL": "🔴 critical"}


def kinds():
    """(constant, name, severity) of each kind."""
    return re.findall(r'X\((\w+), "(\w+)", \w+, \w+, (\w+)\)', (ROOT / "core/model/kind.h").read_text())


def words():
    """What each kind is called in the sources: opened, again, resolved, meaning, advice; None where there is none."""
    table = (ROOT / "core/model/words_table.c").read_text()
    table = table[table.index("kinds[VS_KINDS] = {"):table.index("suspicions[")]
    found = {}
    for row in table.split("[VS_KIND_")[1:]:
        texts = re.findall(r'VS_WORDS\(\s*((?:"[^"]*"\s*)+)\)|\b(NULL)\b', row)
        found[row[:row.index("]")]] = ["".join(re.findall(r'"([^"]*)"', text)) or None for text, _null in texts]
    return found


def section(headline):
    match = re.search(rf"^### {re.escape(headline)}$(.*?)(?=^##|\Z)", PAGE, re.S | re.M)
    assert match, f"nothing is said of {headline!r}"
    return match[1]


def quoted(text):
    return " ".join(line.removeprefix("> ") for line in text.splitlines() if line.startswith("> "))


@pytest.mark.parametrize("constant, name, severity", kinds(), ids=lambda value: value.lower())
def test_each_kind_has_a_section_with_its_texts(constant, name, severity):
    opened, again, resolved, meaning, advice = words()[constant]
    said = section(opened)
    assert f"{SIGNS[severity]}, `{name}`." in said
    assert quoted(said) == meaning + (f" What to do: {advice}" if advice else "")
    for text, form in ((again, "Again: **{}**"), (resolved, "Over: **{}**")):
        assert (form.format(text) in said) == (text is not None)


def test_there_is_no_section_of_a_message_that_does_not_exist():
    assert sorted(re.findall(r"^### (.*)$", PAGE, re.M)) == sorted(texts[0] for texts in words().values())


def test_each_cause_says_what_to_do_first():
    causes = re.findall(r'X\(\w+, \d+, "\w+",[\s\\]*"([^"]+)"\)', (ROOT / "core/model/cause.h").read_text())
    assert len(causes) >= 9
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", section("Lost"), re.M)
    assert [row for row in rows if row not in ("cause", "---")] == causes


def lines():
    """Whatever a message says below its first line; lists of clients and of other messages left out."""
    for message in re.split(r"\n\n+", MESSAGES.strip()):
        for line in message.splitlines()[1:]:
            if not re.search(r"^[^\w…]|^[\w ]+: 7-4|…$|… ", line):
                yield line


def shapes():
    """The same with everything left out that differs from message to message: labels, and the longest words."""
    for line in sorted(set(lines())):
        label = re.match(r"([A-Z]\w*(?: [a-z]+){0,2}): ", line)
        if label:
            yield f"`{label[1]}"
        if not label or label[1] in ("Verdict", "Why", "Keepalive from", "Exposed"):
            rest = re.sub(r"^at most .*?(?=left)", "", line[label.end():] if label else line)
            yield max(re.findall(r"[A-Za-z][A-Za-z',: ]*", rest) or [""], key=len).strip()


@pytest.mark.parametrize("said", sorted({shape for shape in shapes() if len(shape) > 3}))
def test_whatever_stands_in_a_message_is_explained(said):
    assert said in re.sub(r"\s+", " ", PAGE.replace("\n> ", " "))


def test_the_commands_of_the_night_work(lab):
    server = lab.server().start()
    assert server.post(encode(flat("office-vpn", VPN, "RO"))).status == 200
    here = {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}
    lost = until(lambda: server.client("office-vpn")["incidents"], "the client to be lost")[0]
    done = typed(block("docs/alerts.md", "run: acknowledge").text.replace("INCIDENT", lost["id"]), lab.folder, here)
    assert lost["id"] in done.stdout
    assert b"on it" in server.get("/incidents").body
    assert "tunnel" in typed(block("docs/alerts.md", "run: why").text, lab.folder, here).stdout
    typed(block("docs/alerts.md", "run: silence").text, lab.folder, here)
    assert "new router" in server.get("/silences").body.decode()
