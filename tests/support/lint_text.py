#!/usr/bin/python3
"""Checks rules of the source that are about its text.

    lint_text.py [ROOT]

Nothing unfinished, no bare assert, the environment read in one file, no mutable file-level state,
functions and files of a readable length, include guards that carry the header's name.
"""

import re
import sys

from lint_source import c_files, code_only, read, run

FUNCTION_LINES = 80
FILE_LINES = 450
ENVIRONMENT = "core/config/env.c"
STATEFUL = {"core/base/log.c", "core/base/alloc.c", "core/base/fault.c"}

# "Not Implemented" is the name of HTTP status 501.
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|[Tt]odo|[Ff]ixme)\b|[Nn]ot (?:yet )?implemented")
_ASSERT = re.compile(r"(?<!\w)assert\s*\(|<assert\.h>")
_ENVIRONMENT = re.compile(r"(?<!\w)((?:secure_)?getenv|setenv|unsetenv|putenv)\s*\(")
# An object at file scope: no parenthesis before its end or initialiser, and at least type and name.
_OBJECT = re.compile(r"^(?!typedef\b|extern\b|return\b|goto\b|else\b|case\b|#)"
                     r"((?:static |_Thread_local |volatile |const |unsigned |struct |enum |union )*"
                     r"\w+(?:\s+const)?[\s*]+(?:const\s+)?\w+)(?:\[[^\]]*\])*\s*(?:=|;|,)", re.MULTILINE)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def is_mutable(declaration):
    """Whether the object declared by `static const char *name` and the like can be changed."""
    after_pointer = declaration.rsplit("*", 1)[-1] if "*" in declaration else declaration
    return "const" not in after_pointer.split()


def check_words(path, text, code):
    for match in _UNFINISHED.finditer(text):
        yield path, line_of(text, match.start()), f"unfinished: {match.group()}"
    for match in _ASSERT.finditer(code):
        yield path, line_of(code, match.start()), "use VS_REQUIRE: a bare assert is compiled out"
    if str(path) != ENVIRONMENT:
        for match in _ENVIRONMENT.finditer(code):
            yield path, line_of(code, match.start()), f"{match.group(1)} belongs in {ENVIRONMENT}"


def check_state(path, code):
    if str(path) in STATEFUL:
        return
    for match in _OBJECT.finditer(code):
        declaration = match.group(1)
        words = declaration.replace("*", " ").split()
        if len(words) - ("static" in words) < 2 or words[0] in ("struct", "enum", "union") and len(words) < 3:
            continue  # a forward declaration, or a label
        if is_mutable(declaration):
            yield path, line_of(code, match.start()), f"mutable state at file scope: {' '.join(declaration.split())}"


def check_length(path, text, code):
    count = text.count("\n")
    if count > FILE_LINES:
        yield path, count, f"{count} lines; a file has at most {FILE_LINES}"
    start = None
    for number, line in enumerate(code.split("\n"), 1):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > FUNCTION_LINES:
                yield path, start, f"a function of {number - start - 1} lines; it has at most {FUNCTION_LINES}"
            start = None


def check_guard(path, code):
    if path.suffix != ".h":
        return
    match = re.search(r"#ifndef (\w+)\n#define (\w+)", code)
    stem = re.sub(r"\W", "_", path.stem).upper()
    if not match or match.group(1) != match.group(2):
        yield path, 1, "no include guard (#ifndef NAME, #define NAME)"
    elif not match.group(1).endswith(f"{stem}_H"):
        yield path, line_of(code, match.start()), f"the include guard {match.group(1)} does not end in {stem}_H"


def check(root):
    for path in c_files(root, "core", "plugins", "sdk"):
        text = read(root, path)
        code = code_only(text)
        yield from check_words(path, text, code)
        yield from check_state(path, code)
        yield from check_length(path, text, code)
        yield from check_guard(path, code)


if __name__ == "__main__":
    sys.exit(run(check))
