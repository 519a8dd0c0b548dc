"""What the lints share: which files there are, C text without comments and strings, and how to report."""

import re
import sys
from pathlib import Path

C_SUFFIXES = (".c", ".h")
_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def _blanked(text):
    """The same number of lines and columns, all spaces."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """C text whose comments are blank; strings stay, so that #include lines do."""
    return _TOKEN.sub(lambda m: _blanked(m.group()) if m.group().startswith("/") else m.group(), text)


def code_only(text):
    """C text whose comments and literals are blank."""
    return _TOKEN.sub(lambda m: _blanked(m.group()), text)


def c_files(root, *folders):
    """Every .c and .h below the named folders of root, sorted, as paths relative to root."""
    found = []
    for folder in folders:
        base = root / folder
        found += [p.relative_to(root) for p in base.rglob("*") if p.suffix in C_SUFFIXES and p.is_file()]
    return sorted(found)


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def run(check):
    """The main of a lint: check(root) yields (path, line, sentence); any makes the run fail."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    complaints = list(check(root))
    for path, line, sentence in complaints:
        print(f"{path}:{line}: {sentence}")
    if complaints:
        print(f"{len(complaints)} complaint{'s' if len(complaints) > 1 else ''}")
    return 1 if complaints else 0
