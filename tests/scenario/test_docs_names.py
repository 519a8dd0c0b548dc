"""Variables and keys of the configuration that stand in backticks exist."""

import re
from functools import lru_cache

import pytest

from blocks import parse
from harness.program import ROOT, run
from lint_readme import markdown_files

FILES = [str(path) for path in markdown_files(ROOT)]
# Keys of other programs' files.
FOREIGN = {"network_mode", "env_file", "image", "container_name", "build", "ports", "volumes", "depends_on", "restart", "secrets"}
# What begins as a section does and is a file.
ENDINGS = ("yaml", "yml", "pem", "key", "env", "log", "db", "sock", "c", "h", "py", "md", "service", "cfg", "conf", "com", "net", "csr", "so",
           "cmake", "Dockerfile", "nft", "lock")


def spans(path):
    """Every text in backticks outside of blocks, on one line; it may go on in the next."""
    text = (ROOT / path).read_text(encoding="utf-8")
    lines = text.split("\n")
    for block in parse(text):
        if block.language not in (None, "table"):
            for number in range(block.line - 1, block.line + block.text.count("\n")):
                lines[number] = ""
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        for span in re.findall(r"`([^`]+)`", paragraph):
            yield " ".join(span.split())


# -- variables


@lru_cache(maxsize=None)
def sources(*patterns):
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for pattern in patterns for path in sorted(ROOT.glob(pattern))
                     if path.is_file())


@lru_cache(maxsize=None)
def variables():
    """Those that are read, those that programs of the user's are given, and those of setup, build and tests."""
    read = re.findall(r'^\t\{"([A-Z_]+)"', sources("core/config/env_table.c"), re.M)
    taken = re.findall(r"\$\{([A-Z_]+)[:}]", sources("etc/*.yaml"))
    given = re.findall(r'"(VPN_SENTINEL_[A-Z_]+)=?"', sources("plugins/**/*.c", "core/client/*.c", "core/**/*.h"))
    given += [f"VPN_SENTINEL_{name}" for name in re.findall(r'\{?"([A-Z]+)"', sources("plugins/notifiers/exec/*.c", "core/client/*.c"))]
    tools = re.findall(r"\b((?:VPN_SENTINEL|VPN|VS)_[A-Z_]+)\b", sources(
        "setup", "CMakeLists.txt", "cmake/*", "tests/**/CMakeLists.txt", "docker/*", "docker/.env.example",
        "sdk/clients/**/*.py", "sdk/clients/**/*.sh", "etc/examples/*/*"))
    tests = re.findall(r'(?:environ(?:\.get)?[\[(]|getenv\()\s*"([A-Z_]+)"', sources("tests/**/*.py", "tests/**/*.c", "tests/bench/run", "core/base/*.c"))
    return {*read, *taken, *given, *tools, *tests}


def is_ours(name):
    """Whether it begins as one of our variables does: TELEGRAM_BOT_TOKN, EMAIL_HOSTS."""
    return "_" in name and any(name.split("_")[0] == known.split("_")[0] for known in variables() if "_" in known)


def unknown_variables(text):
    for name in re.findall(r"(?<![\w$./-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w(*])", text):
        if is_ours(name) and name not in variables() and name.removesuffix("_FILE") not in variables():
            yield name


def test_many_variables_are_known():
    assert len(variables()) > 100 and {"TELEGRAM_BOT_TOKEN", "VPN_SENTINEL_SEVERITY", "VPN_SENTINEL_BIN"} <= variables()


@pytest.mark.parametrize("path", FILES)
def test_every_variable_is_one_that_something_reads_or_gives(path):
    shown = [block.text for block in parse((ROOT / path).read_text(encoding="utf-8")) if block.language in ("sh", "yaml", "ini")]
    assert [name for text in [*spans(path), *shown] for name in unknown_variables(text)] == []


def roles():
    """{(path, variable): the roles in its rows} of each table that tells whose a variable is; several have one cell each, or share it."""
    found = {}
    for path in FILES:
        text = (ROOT / path).read_text(encoding="utf-8")
        for rows in re.findall(r"^\| variable \| role \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M):
            for names, role in re.findall(r"^\|([^|]*)\|([^|]*)\|", rows, re.M):
                names, said = re.findall(r"`([A-Z_]+)`", names), [word.strip() for word in role.split(",")]
                for at, name in enumerate(names):
                    one = said[min(at, len(said) - 1)]
                    found.setdefault((path, name), set()).update({"server", "client"} if one == "both" else {one})
    return sorted((path, name, role) for (path, name), role in found.items())


@pytest.mark.parametrize("path, name, role", roles())
def test_a_variable_is_of_the_role_that_its_row_says(path, name, role):
    of = {one for one in ("server", "client") if re.search(rf"\$\{{{name}[:}}]", sources(f"etc/{one}.yaml"))}
    table = dict(re.findall(r'\{"([A-Z_]+)", VS_ENV_ACCEPTED,[^{}]*?VS_ENV_(\w+)\}', sources("core/config/env_table.c")))
    if name not in ("TZ", "VPN_SENTINEL_CONFIG", "VPN_SENTINEL_PLUGIN_PATH"):  # which no file has
        assert role == of, path
    elif name in table:
        assert role == ({"server", "client"} if table[name] == "BOTH" else {table[name].lower()}), path


def defaults():
    """(variable, the default that its row of README.md tells): cells of values alone, and those that end in a colon and a number."""
    for names, cell in re.findall(r"^\|([^|]*)\| (?:both|server|client) \| (.*) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M):
        names = re.findall(r"`([A-Z_]+)`", names)
        if re.fullmatch(r"`[^`]+`(, `[^`]+`)*", cell):
            yield from zip(names, re.findall(r"`([^`]+)`", cell), strict=True)
        elif re.search(r": \d+$", cell):
            yield names[-1], cell.rpartition(" ")[2]


@pytest.mark.parametrize("name, told", defaults())
def test_a_default_that_is_told_is_that_of_the_shipped_files(name, told):
    real = re.findall(rf"\$\{{{name}:-(?:\$\{{\w+:-)*([^${{}}]*)\}}", sources("etc/*.yaml"))
    assert set(real) == {told}


def test_there_are_defaults():
    assert {name for name, _ in defaults()} >= {"VPN_SENTINEL_API_PATH", "VPN_SENTINEL_SERVER_API_PORT", "VPN_SENTINEL_STATE_DIR"}


# -- keys


@lru_cache(maxsize=None)
def keys():
    """Every key of both configurations with its section, as {("server", "listen", "address"), ...}."""
    found = set()
    for role in ("server", "client"):
        page = run("manual", f"vpn-sentinel-{role}.yaml").stdout.replace("\\-", "-")
        for section in page.split("\n.SS ")[1:]:
            name, _, rest = section.partition("\n")
            above = () if name.startswith("at the top") else tuple(part.removesuffix("[]") for part in name.split("."))
            found |= {(*above, key) for key in re.findall(r"^\.TP\n\\fB([a-z_]+)\\fR", rest, re.M)} | {above}
    return {tuple(part for part in key if part != "PLUGIN") for key in found} - {()}


@lru_cache(maxsize=None)
def sections():
    return {part for key in keys() for part in key[:-1]}


@lru_cache(maxsize=None)
def options():
    """Every name that may stand before a colon: keys, and options of plugins."""
    rows = re.findall(r'\{\s*"([a-z0-9_]+)",\s*(?:\w+_)?[A-Z]+[A-Z_0-9]*\(', sources("plugins/**/*.c", "plugins/**/*.h", "sdk/examples/**/*.c"))
    return {part for key in keys() for part in key} | set(rows) | {"plugin", "options"}


@lru_cache(maxsize=None)
def is_said(name):
    """Whether the program says it: a fact, a member of its JSON, which stands behind those that it is in."""
    member = rf'vs_json_\w+\(\w+, "{name.rpartition(".")[2]}"'
    return f'"{name}"' in sources("core/**/*.c", "core/**/*.h") or bool(re.search(member, sources("core/**/*.c")))


def unknown_keys(span):
    dotted = re.fullmatch(r"([a-z_]+(?:\[\])?(?:\.[a-z_]+(?:\[\])?)+)", span)
    if dotted:
        parts = tuple(part.removesuffix("[]") for part in span.split("."))
        stands = any(key[at:at + len(parts)] == parts for key in keys() for at in range(len(key)))
        if parts[0] in sections() and parts[-1] not in ENDINGS and not stands and not is_said(span):
            yield span
    if re.fullmatch(r"[a-z_]+: .+", span):
        for key in re.findall(r"(?:^|[{,] *)([a-z_]+): ", span):
            if key not in options() | FOREIGN and not is_said(key):
                yield key


@pytest.mark.parametrize("path", [path for path in FILES if not path.startswith("tests/")])
def test_every_key_of_the_configuration_exists(path):
    assert [key for span in spans(path) for key in unknown_keys(span)] == []


@pytest.mark.parametrize("span", ["monitor.lost_afte", "server.trusted_proxys", "notifiers[].locale.templatse", "quorums: 1",
                                  "locale: { languages: es }"])
def test_a_key_that_does_not_exist_is_found(span):
    assert list(unknown_keys(span))


@pytest.mark.parametrize("span", ["monitor.lost_after", "server.listen[]", "notifiers[].locale.templates", "run.sha256", "quorum: 1",
                                  "locale: { language: es, timezone: Europe/Madrid }", "exit.ip", "server.yaml", "family: 4"])
def test_a_key_that_exists_is_left_alone(span):
    assert list(unknown_keys(span)) == []


@pytest.mark.parametrize("text, found", [("TELEGRAM_BOT_TOKN", True), ("VPN_SENTINEL_NOTHING=1", True), ("EMAIL_HOSTS", True),
                                         ("TELEGRAM_BOT_TOKEN_FILE", False), ("VPN_SENTINEL_API_KEY=K", False), ("EX_TEMPFAIL", False)])
def test_a_variable_that_nothing_reads_is_found(text, found):
    assert bool(list(unknown_variables(text))) == found
