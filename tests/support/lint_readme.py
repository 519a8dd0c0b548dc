#!/usr/bin/python3
"""Checks that the READMEs tell the truth about paths.

    lint_readme.py [ROOT]

Every path in backticks and every relative link of a Markdown file exists, with the heading that it names; every
layer and every plugin has a README.
"""

import os
import re
import sys
from pathlib import Path

from lint_source import run

SKIPPED = {".git", "build", "run", "node_modules", "__pycache__", ".pytest_cache"}
TOPS = {"core", "sdk", "plugins", "tests", "etc", "docker", "cmake", ".ci"}
# Where a path may be written from, besides the README's own folder.
BASES = (".", "core", "sdk/include", "sdk", "tests")
SUFFIXES = (".c", ".h", ".py", ".md", ".cmake", ".yaml", ".txt", ".sh")
# Headers of others, by the name they are spoken of.
FOREIGN = {"uv.h", "llhttp.h", "jansson.h", "libfyaml.h", "gelf.h", "libelf.h", "uthash.h", "utlist.h", "cmocka.h",
           "dlfcn.h", "search.h", "llhttp.c", "http.c", "api.c", "stdint.h", "assert.h", "time.h"}

# Names that others gave to their things.
FOREIGN_NAMES = {"reverse_proxy"}

_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)(?:\(\))?|([a-z]\w+)\(\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_TICKS = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+/-]*")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def markdown_files(root):
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED and not n.startswith("build"))
        for name in sorted(files):
            if name.endswith(".md"):
                yield (Path(folder) / name).relative_to(root)


def is_path(token):
    """Whether a word in backticks claims to be a file or folder of this repository."""
    if not _PATH.fullmatch(token) or "//" in token or token in FOREIGN:
        return False
    first = token.split("/")[0]
    if "/" in token:
        return first in TOPS or token.endswith(SUFFIXES)
    return token.endswith((".c", ".h", ".py", ".cmake", ".sh"))


def exists(root, folder, token, names):
    if any((root / base / token).exists() for base in (folder, *BASES)):
        return True
    return "/" not in token and token in names


def anchors(file):
    """What can stand behind # in a link to the headings of a Markdown file, as web pages of repositories name them."""
    if file.suffix != ".md":
        return set()
    text = _FENCE.sub(lambda m: blank(m.group()), file.read_text(encoding="utf-8"))
    found = set()
    for heading in _HEADING.findall(text):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "]", heading).lower()).replace(" ", "-")
        count = sum(1 for known in found if known == name or re.fullmatch(rf"{re.escape(name)}-\d+", known))
        found.add(f"{name}-{count}" if count else name)
    return found


def check_paths(root, path, names):
    text = (root / path).read_text(encoding="utf-8")
    prose = _FENCE.sub(lambda m: blank(m.group()), text)
    for match in _TICKS.finditer(prose):
        token = match.group(1).strip()
        if is_path(token) and not exists(root, path.parent, token.rstrip("/"), names):
            yield path, prose.count("\n", 0, match.start()) + 1, f"`{token}` does not exist"
    prose = _TICKS.sub(lambda m: blank(m.group()), prose)
    for match in _LINK.finditer(prose):
        target = match.group(1)
        if "://" in target or target.startswith("mailto:"):
            continue
        file, line = root / path.parent / target if target else root / path, prose.count("\n", 0, match.start()) + 1
        if not file.exists():
            yield path, line, f"the link {target} leads nowhere"
        elif match.group(2) is not None and match.group(2) not in anchors(file):
            yield path, line, f"the link {target}#{match.group(2)} leads to no heading"


def identifiers(root):
    """Every word of every file that is no Markdown, and what files are called."""
    found = set()
    for folder, names, files in os.walk(root):
        names[:] = [n for n in names if n not in SKIPPED and not n.startswith("build")]
        for file in (Path(folder) / name for name in files if not name.endswith((".md", ".db", ".so", ".mmdb"))):
            found.add(file.stem)
            if file.is_file():
                found.update(re.findall(r"\w+", file.read_text(encoding="utf-8", errors="replace")))
    return found


def check_names(root, path, known):
    """Functions, macros, options in backticks: something has that name. test_docs_names.py looks at variables."""
    text = (root / path).read_text(encoding="utf-8")
    prose = _FENCE.sub(lambda m: blank(m.group()), text)
    for match in _TICKS.finditer(prose):
        name = _NAME.fullmatch(match.group(1).strip())
        if name and not name.group().startswith("VPN_SENTINEL_") and not {*name.groups()} & (known | FOREIGN_NAMES):
            yield path, prose.count("\n", 0, match.start()) + 1, f"nothing is called `{match.group(1)}`"


def check_readmes(root):
    folders = [root / name for name in ("core", "sdk", "plugins", "tests/scenario", "tests/support")]
    folders += sorted(p for p in (root / "core").glob("*") if p.is_dir())
    folders += sorted(p for p in (root / "plugins").glob("*/*") if p.is_dir())
    for folder in folders:
        if folder.is_dir() and not (folder / "README.md").is_file():
            yield folder.relative_to(root), 1, "has no README.md"


def file_names(root):
    names = set()
    for _folder, folders, files in os.walk(root):
        folders[:] = [n for n in folders if n not in SKIPPED and not n.startswith("build")]
        names.update(files)
    return names


def check(root):
    yield from check_readmes(root)
    names, known = file_names(root), identifiers(root)
    for path in markdown_files(root):
        yield from check_paths(root, path, names)
        yield from check_names(root, path, known)


if __name__ == "__main__":
    sys.exit(run(check))
