"""Every plugin exports exactly vpns_plugin and has no static that could change.

usage: exports.py --bad FILE FOLDER...

FILE must be found at fault: it shows that this check can fail. All other *.so below the
folders must be clean. What sanitizers and coverage counters put into a file is not the plugin's.
"""

import pathlib
import re
import subprocess
import sys

WRITABLE = re.compile(r"^\.(data|bss|tdata|tbss)(\.|$)")
RELRO = re.compile(r"^\.data\.rel\.ro")
# What compilers, linkers, sanitizers and the C++ library's templates add to a shared object.
TOOLS = re.compile(
    r"^(__dso_handle|__TMC_END__|_edata|_end|__bss_start|completed\.\d+|_init|_fini"
    r"|__odr_asan.*|__asan.*|\.?L?__?asan.*|\.Lubsan.*|___asan.*|__sanitizer.*|__ubsan.*|__llvm.*|__gcov.*"
    r"|_ZZ?N?K?St\w*"
    r"|__emutls.*|DW\.ref\..*|__unnamed_\d+|_ZTI.*|_ZTS.*)$"
)
# libgcov's own, in a file with coverage counters alone.
COVERAGE = re.compile(r"^(mangle_path|fn_buffer|list_sizes|list_size_length)(\.\d+)?$")
# Not a plugin on purpose: parts of the zoo whose fault is what they export.
NO_EXPORT = {"no_symbol.so"}


def readelf(option, path):
    command = ["readelf", "-W", option, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def sections(path):
    names = {}
    for line in readelf("-S", path):
        match = re.match(r"\s*\[\s*(\d+)\]\s+(\S+)", line)
        if match:
            names[match.group(1)] = match.group(2)
    return names


def symbols(path, option):
    """Yields (name, type, bind, visibility, section) of defined symbols."""
    for line in readelf(option, path):
        fields = line.split()
        if len(fields) >= 8 and fields[0].endswith(":") and fields[6] not in ("UND", "Ndx"):
            yield fields[7].split("@")[0], fields[3], fields[4], fields[5], fields[6]


def faults(path):
    found = []
    names = sections(path)
    all_symbols = list(symbols(path, "--syms"))
    counted = any(name == "__gcov_master" for name, *_ in all_symbols)
    exported = set()

    def is_ours(name):
        return not TOOLS.match(name) and not (counted and COVERAGE.match(name))

    for name, _kind, bind, _visibility, _section in symbols(path, "--dyn-syms"):
        if bind in ("GLOBAL", "UNIQUE") and is_ours(name):
            exported.add(name)
    if exported != {"vpns_plugin"} and path.name not in NO_EXPORT:
        found.append("exports " + ", ".join(sorted(exported)))
    for name, kind, _bind, _visibility, section in all_symbols:
        where = names.get(section, "")
        if kind not in ("OBJECT", "TLS") or not is_ours(name):
            continue
        if WRITABLE.match(where) and not RELRO.match(where):
            found.append(f"{name} in {where} can change: keep it in the instance's state")
    return found


def main(arguments):
    bad = pathlib.Path(arguments[arguments.index("--bad") + 1]).resolve()
    folders = [a for i, a in enumerate(arguments) if a != "--bad" and (i == 0 or arguments[i - 1] != "--bad")]
    files = sorted(f.resolve() for folder in folders for f in pathlib.Path(folder).rglob("*.so"))
    wrong = 0
    if bad not in files or len(faults(bad)) < 2:
        print(f"{bad}: this file must be found at fault twice, by export and by static")
        wrong += 1
    for file in files:
        if file != bad:
            for fault in faults(file):
                print(f"{file}: {fault}")
                wrong += 1
    print(f"{len(files)} plugins looked at, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
