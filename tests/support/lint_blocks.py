#!/usr/bin/python3
"""Checks that every code block of a Markdown file is looked after by a test.

    lint_blocks.py [ROOT]

A block has a language and, on the line before it, a comment that says who executes or compares it. README.md
beside this file lists the kinds.
"""

import re
import sys

from blocks import parse
from lint_readme import markdown_files
from lint_source import run

# Looked after by a test that takes it by file and mark.
TAKEN = {"run", "output", "file", "table", "picture"}
# Looked after by one test for all of a kind: {kind: (the languages, what stands behind the colon, its test)}.
SORTS = {
    "check": ("yaml", r"(server|client)( [a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*)?", "tests/scenario/test_docs_configurations.py"),
    "drop-in": ("ini", r"vpn-sentinel-(server|client)\.service", "tests/scenario/test_docs_units.py"),
    "look": ("sh", r"commands", "tests/scenario/test_docs_commands.py"),
}
LANGUAGES = {"sh", "yaml", "ini", "json", "c", "python", "text", "table"}
BY_KIND = {"run": {"sh", "python", "c"}, "table": {"table"}, "picture": {"text"}}

_DRAWN = re.compile(r"[─-╿]|-->|<--|->|\^|\|")
_TAKES = re.compile(r'\b(?:block|rows)\(\s*"([^"]+)",\s*"([^"]+)"')
_INDENTED = re.compile(r"(?:\t| {4,})\S")
_LISTED = re.compile(r" *(?:[-*+]|\d+\.) ")


def taken(root):
    """{(path, mark): the test file that takes it}"""
    found = {}
    for file in sorted((root / "tests").rglob("*.py")):
        if file.parent != root / "tests/support":
            for match in _TAKES.finditer(file.read_text(encoding="utf-8")):
                found[match[1], match[2]] = file.relative_to(root)
    return found


def judge_mark(root, block, is_taken):
    """What is wrong with a block's mark, or None."""
    kind, name = block.kind, block.name
    if block.language is None:
        return f"<!-- {block.mark} --> stands before no block and no table"
    if kind == "same":
        return judge_same(root, block)
    if kind in SORTS:
        language, form, test = SORTS[kind]
        if block.language != language or not re.fullmatch(form, name):
            return f"<!-- {block.mark} --> must be a block of {language}, and what follows '{kind}: ' as {test} knows it"
        return None if (root / test).is_file() else f"{test}, which looks after '{kind}', does not exist"
    if kind not in TAKEN:
        return f"nobody knows the kind '{kind}' of <!-- {block.mark} -->: tests/support/README.md lists the kinds"
    if block.language not in BY_KIND.get(kind, LANGUAGES - {"table"}):
        return f"<!-- {block.mark} --> stands before a block of '{block.language}'"
    if kind == "picture" and not _DRAWN.search(block.text):
        return "nothing is drawn in this picture: what can be executed or compared is marked run, output or file"
    if kind == "picture" and not name or is_taken:
        return None
    return f'no test takes it: block("{block.path}", "{block.mark}") stands in no file below tests/'


def judge_same(root, block):
    file = root / block.name
    if not file.is_file():
        return f"{block.name}, of which this is said to be a part, does not exist"
    if f"\n{block.text}" not in f"\n{file.read_text(encoding='utf-8')}":
        return f"this is no part of {block.name}"
    return None


def check_blocks(root, path, takers, seen):
    for block in parse((root / path).read_text(encoding="utf-8")):
        block.path = str(path)
        key = block.path, block.mark
        if block.mark is None:
            yield path, block.line, ("nobody executes or compares this block: write <!-- KIND: NAME --> on the line before it; "
                                     "tests/support/README.md lists the kinds")
        else:
            wrong = judge_mark(root, block, key in takers)
            if wrong:
                yield path, block.line, wrong
            if key in seen and block.kind in TAKEN and block.name:
                yield path, block.line, f"a second <!-- {block.mark} --> in this file"
            seen.add(key)
        if block.language == "":
            yield path, block.line, "this block has no language: sh, yaml, ini, json, c, python, or text"
        elif block.language not in (None, *LANGUAGES):
            yield path, block.line, f"'{block.language}' is not among the languages of blocks: sh, yaml, ini, json, c, python, text"


def check_indented(root, path):
    """Text that Markdown shows as code only because it is indented: nobody can mark it."""
    before, listed, fenced = "", False, False
    for number, line in enumerate((root / path).read_text(encoding="utf-8").split("\n"), 1):
        if line.strip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and not before.strip() and not listed and _INDENTED.match(line):
            yield path, number, "code by indentation cannot be marked: put it between lines of ```"
        if line.strip() and not fenced:
            listed = bool(_LISTED.match(line)) or listed and line.startswith(" ")
        before = line


def check(root):
    takers, seen = taken(root), set()
    for path in markdown_files(root):
        yield from check_blocks(root, path, takers, seen)
        yield from check_indented(root, path)
    for (path, mark), test in sorted(takers.items()):
        if (path, mark) not in seen:
            yield test, 1, f"it takes the block <!-- {mark} --> of {path}, which does not exist"


if __name__ == "__main__":
    sys.exit(run(check))
