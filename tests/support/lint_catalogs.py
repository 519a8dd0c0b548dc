#!/usr/bin/python3
"""Checks the catalogs of messages.

    lint_catalogs.py [ROOT]

The template is what the sources say today; each catalog has every text of it and no other, nothing is
left empty or marked as doubtful, and a translation has the holes ({client}) of its original.
"""

import ast
import re
import subprocess
import sys

from lint_source import run

_ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) ("(?:[^"\\]|\\.)*"(?:\n"(?:[^"\\]|\\.)*")*)', re.MULTILINE)
_HOLE = re.compile(r"\{\w+\}")


def unquote(text):
    return "".join(ast.literal_eval(line) for line in text.split("\n"))


def entries(text):
    """(line, originals, translations, comments) of each entry but the header."""
    line = 1
    for block in re.split(r"(\n{2,})", text):
        found = [(m[1], unquote(m[2])) for m in _ENTRY.finditer(block)]
        originals = [value for key, value in found if key.startswith("msgid")]
        if originals and originals[0]:
            comments = [row for row in block.split("\n") if row.startswith("#")]
            yield line, originals, [value for key, value in found if key.startswith("msgstr")], comments
        line += block.count("\n")


def check_entry(path, line, originals, translations, comments, forms):
    if any(row.startswith("#,") and "fuzzy" in row for row in comments):
        yield path, line, f"marked as doubtful: {originals[0]!r}"
    if not translations or not all(translations):
        yield path, line, f"not translated: {originals[0]!r}"
        return
    wanted = sorted(_HOLE.findall(originals[-1]))
    if len(translations) != (forms if len(originals) > 1 else 1):
        yield path, line, f"{len(translations)} forms, where the language has {forms}: {originals[0]!r}"
    for number, translation in enumerate(translations):
        holes = sorted(_HOLE.findall(translation))
        # What is one of a kind may be called by its name, without the number.
        if holes != wanted and (len(originals) == 1 or number == len(translations) - 1 or holes != [h for h in wanted if h != "{n}"]):
            yield path, line, f"other holes than in the original, which has {' '.join(wanted) or 'none'}: {translation!r}"


def check_catalog(path, text, template):
    seen = set()
    header = re.search(r"nplurals=(\d)", text)
    forms = int(header[1]) if header else 0
    for line, originals, translations, comments in entries(text):
        key = tuple(originals)
        seen.add(key)
        if key not in template:
            yield path, line, f"nobody says this any more: {originals[0]!r}"
        else:
            yield from check_entry(path, line, originals, translations, comments, forms)
    for key in template:
        if key not in seen:
            yield path, 1, f"lacks {key[0]!r}"
    if "\n#~" in text:
        yield path, 1, "holds texts that were put aside (#~): remove them"


def check(root):
    folder = root / "po"
    if not folder.is_dir():
        return
    pot = folder / "vpn-sentinel.pot"
    kept = pot.read_text(encoding="utf-8")
    said = subprocess.run([folder / "extract"], capture_output=True, text=True, check=True).stdout
    if said != kept:
        yield pot.relative_to(root), 1, "is not what the sources say: run po/extract > po/vpn-sentinel.pot"
    template = {tuple(originals) for _, originals, _, _ in entries(kept)}
    for catalog in sorted(folder.glob("*.po")):
        yield from check_catalog(catalog.relative_to(root), catalog.read_text(encoding="utf-8"), template)


if __name__ == "__main__":
    sys.exit(run(check))
