#!/usr/bin/python3
"""Checks every #include against the table of layers.

    lint_includes.py [ROOT]

A layer of core/ may include the layers named beside it, and only certain layers may see certain
libraries. A plugin sees the SDK, its own folder, plugins/shared, libc, and the libraries that its README names.
"""

import re
import sys

from lint_source import c_files, code_only, read, run, without_comments

# Who may include whom. "sdk" stands for sdk/include/vpn_sentinel.
LAYERS = {
    "base": {"base"},
    "config": {"base", "config", "sdk"},
    "loop": {"base", "loop"},
    "net": {"base", "loop", "net"},
    "model": {"base", "model"},
    "plug": {"base", "config", "loop", "net", "plug", "sdk"},
    "store": {"base", "loop", "model", "plug", "store", "sdk"},
    "client": {"base", "config", "loop", "net", "model", "plug", "store", "client", "sdk"},
    "server": {"base", "config", "loop", "net", "model", "plug", "store", "server", "sdk"},
    "cli": {"base", "config", "loop", "net", "model", "plug", "store", "client", "server", "cli", "sdk"},
}
MAIN = {"base", "model", "cli"}  # core/main.c

# The SDK headers that a layer may see when it may not see all of them.
SDK_ONLY = {"config": {"vpn_sentinel/option.h", "vpn_sentinel/abi.h"}}

# What does not come with the C library: first part of the header's path -> name, layers.
LIBRARIES = {
    "uv.h": ("libuv", {"loop", "net"}),
    "uv": ("libuv", {"loop", "net"}),
    "curl": ("libcurl", {"net"}),
    "llhttp.h": ("llhttp", {"net"}),
    "ldns": ("ldns", {"net"}),
    "openssl": ("OpenSSL", {"net", "plug", "client", "server", "cli"}),
    "libfyaml.h": ("libfyaml", {"config"}),
    "jansson.h": ("jansson", {"model", "client", "server", "cli"}),
    "yajl": ("yajl", {"model"}),
    "maxminddb.h": ("libmaxminddb", set()),
    "gelf.h": ("libelf", {"plug"}),
    "libelf.h": ("libelf", {"plug"}),
    "dlfcn.h": ("the dynamic loader", {"plug"}),
}
# These live in one file of a layer, so that replacing them touches one file.
ONE_FILE = {("net", "llhttp"), ("net", "ldns"), ("config", "libfyaml"), ("plug", "libelf"),
            ("model", "yajl")}

# model is a function of its arguments: no clock, no files, no sockets.
IMPURE = {"base/clock.h", "base/file.h", "time.h", "sys/time.h", "unistd.h", "fcntl.h", "stdio.h",
          "sys/socket.h", "pthread.h", "threads.h"}
MODEL_MAY = {"stdio.h", "time.h"}  # snprintf and struct tm; the calls are refused below
IMPURE_CALL = re.compile(r"(?<![\w.>])(time|clock_gettime|gettimeofday|fopen|open|printf|fprintf|getenv|rand)\s*\(")

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def includes(text):
    """(line, header, quoted) of each #include."""
    clean = without_comments(text)
    for match in _INCLUDE.finditer(clean):
        yield clean.count("\n", 0, match.start()) + 1, match.group(1) or match.group(2), match.group(1) is not None


def library_of(header):
    return LIBRARIES.get(header.split("/")[0])


def check_core_include(layer, path, line, header, quoted):
    may = MAIN if layer is None else LAYERS.get(layer, set())
    who = "main.c" if layer is None else layer
    if quoted:
        target = header.split("/")[0]
        if target == "vpn_sentinel":
            if "sdk" not in may:
                yield path, line, f"{who} must not see the SDK ({header})"
            elif header not in SDK_ONLY.get(layer, {header}):
                yield path, line, f"{who} may see only {', '.join(sorted(SDK_ONLY[layer]))} of the SDK, not {header}"
        elif target not in LAYERS or "/" not in header:
            yield path, line, f'"{header}" is not written from core/ (as "base/err.h" is)'
        elif target not in may:
            yield path, line, f"{who} must not include {target} ({header})"
        if layer == "model" and header in IMPURE:
            yield path, line, f"model is pure: it must not include {header}"
        return
    library = library_of(header)
    if library and layer not in library[1]:
        yield path, line, f"{who} must not see {library[0]} ({header})"
    if layer == "model" and header in IMPURE - MODEL_MAY:
        yield path, line, f"model is pure: it must not include {header}"


def check_core(root):
    users = {}
    for path in c_files(root, "core"):
        layer = path.parts[1] if len(path.parts) > 2 else None
        text = read(root, path)
        for line, header, quoted in includes(text):
            yield from check_core_include(layer, path, line, header, quoted)
            if quoted and "/" in header and not any((root / base / header).is_file() for base in ("core", "sdk/include")):
                yield path, line, f'"{header}" does not exist'
            library = None if quoted else library_of(header)
            if library:
                users.setdefault((layer, library[0]), {}).setdefault(path, line)
        if layer == "model":
            yield from check_pure(path, text)
    for (layer, library), files in sorted(users.items(), key=str):
        if (layer, library) in ONE_FILE and len(files) > 1:
            first, *others = sorted(files)
            for path in others:
                yield path, files[path], f"{library} lives in one file of {layer}, and {first.name} has it"


def check_pure(path, text):
    code = code_only(text)
    for match in IMPURE_CALL.finditer(code):
        line = code.count("\n", 0, match.start()) + 1
        yield path, line, f"model is pure: it must not call {match.group(1)}()"


def check_plugins(root):
    for path in c_files(root, "plugins"):
        folder = path.parent
        readme = root / folder / "README.md"
        described = readme.read_text(encoding="utf-8").lower() if readme.is_file() else ""
        for line, header, quoted in includes(read(root, path)):
            if quoted:
                if header.startswith("vpn_sentinel/"):
                    if not (root / "sdk/include" / header).is_file():
                        yield path, line, f'"{header}" does not exist'
                elif "/" in header or not any((root / where / header).is_file() for where in (folder, "plugins/shared")):
                    yield path, line, f'a plugin includes the SDK and its own folder, not "{header}"'
                continue
            library = library_of(header)
            if library and library[0].lower() not in described:
                yield path, line, f"the plugin's README does not name {library[0]} ({header})"


def check_sdk(root):
    for path in c_files(root, "sdk/include"):
        for line, header, quoted in includes(read(root, path)):
            if quoted and not (header.startswith("vpn_sentinel/") and (root / "sdk/include" / header).is_file()):
                yield path, line, f'an SDK header includes only the SDK, not "{header}"'
            if not quoted and library_of(header):
                yield path, line, f"an SDK header needs no library ({header})"


def check(root):
    yield from check_core(root)
    yield from check_plugins(root)
    yield from check_sdk(root)


if __name__ == "__main__":
    sys.exit(run(check))
