"""Code blocks and tables of Markdown files, and the comments before them that say which test looks after them.

A test takes what it looks after with block() or rows(), whose two arguments are written out: lint_blocks.py
reads them to know that somebody does.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"( *)(`{3,}|~{3,})(\S*)[ \t]*")
_MARK = re.compile(r" *<!-- ([a-z-]+(?:: .*?)?) -->")
_COMMENT = re.compile(r" *<!--.*")


@dataclass
class Block:
    """A fenced block, or a table when language is "table": its text, where it begins, its mark or None."""

    line: int
    language: str
    mark: str
    text: str

    @property
    def kind(self):
        return self.mark.split(":")[0] if self.mark else None

    @property
    def name(self):
        """What stands behind the colon of the mark, or ""."""
        return self.mark.partition(": ")[2] if self.mark else ""


def _until(lines, start, ended):
    end = start
    while end < len(lines) and not ended(lines[end]):
        end += 1
    return end


def parse(text):
    """Every fenced block, and every table that has a mark, in order; a mark before neither has language None."""
    lines = text.split("\n")
    mark, marked, at = None, 0, 0
    while at < len(lines):
        fence, comment = _FENCE.fullmatch(lines[at]), _MARK.fullmatch(lines[at])
        begun = at
        if fence:
            indent, ticks = len(fence[1]), fence[2]
            at = _until(lines, at + 1, lambda line, ticks=ticks: line.strip() == ticks)
            body = "".join(line[min(indent, len(line) - len(line.lstrip(" "))):] + "\n" for line in lines[begun + 1:at])
            yield Block(begun + 1, fence[3], mark, body)
            mark = None
        elif mark and lines[at].lstrip().startswith("|"):
            at = _until(lines, at, lambda line: not line.lstrip().startswith("|"))
            yield Block(begun + 1, "table", mark, "\n".join(lines[begun:at]) + "\n")
            mark = None
            continue
        elif mark and lines[at].strip():
            yield Block(marked, None, mark, "")
            mark = None
        if comment:
            mark, marked = comment[1], at + 1
        at += 1
    if mark:
        yield Block(marked, None, mark, "")


def block(path, mark):
    """The one block of a Markdown file that stands behind that mark."""
    found = [one for one in parse((ROOT / path).read_text(encoding="utf-8")) if one.mark == mark]
    assert len(found) == 1, f"{path} has {len(found)} blocks behind <!-- {mark} -->, not one"
    return found[0]


def rows(path, mark):
    """The cells of each row of the table behind that mark, as they are written, without its head."""
    lines = block(path, mark).text.splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
