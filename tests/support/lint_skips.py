#!/usr/bin/python3
"""Checks that no test is skipped without a word.

    lint_skips.py [ROOT]

A skip() of cmocka stands a few lines below a print_message("skipped: ..."); those of pytest have a reason.
"""

import ast
import sys

from lint_source import c_files, read, run, without_comments

LINES_BEFORE = 4  # between the reason and the skip there is room for tidying up
SILENT_MARKS = ("skip", "skipif", "xfail")


def check_c(path, text):
    lines = without_comments(text).split("\n")
    for index, line in enumerate(lines):
        if line.strip() != "skip();":
            continue
        if not any('print_message("skipped: ' in earlier for earlier in lines[max(0, index - LINES_BEFORE):index]):
            yield path, index + 1, f'skip() without a print_message("skipped: why") in the {LINES_BEFORE} lines before'


def name_of(node):
    """"pytest.mark.skip" of the expression that says so."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(names))


def check_python(path, text):
    tree = ast.parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            reasons = [keyword for keyword in node.keywords if keyword.arg in ("reason", "msg")]
            given = bool(reasons) or (bool(node.args) and not name.endswith(("skipif", "mark.xfail")))
        elif isinstance(node, ast.Attribute) and id(node) not in called:
            name, given = name_of(node), False
        else:
            continue
        if name == "pytest.skip" or name in [f"pytest.mark.{mark}" for mark in SILENT_MARKS]:
            if not given:
                yield path, node.lineno, f"{name} without a reason"


def check(root):
    for path in c_files(root, "tests", "sdk"):
        yield from check_c(path, read(root, path))
    for file in sorted((root / "tests").rglob("*.py")):
        yield from check_python(file.relative_to(root), file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(run(check))
