"""The README of each plugin says of options, facts and services what `plugin show` does."""

import re
from functools import lru_cache

import pytest

from harness.program import ROOT, run

KINDS = {"probes": "probe", "notifiers": "notifier", "auth": "auth", "stores": "store"}
PLUGINS = sorted(str(path.parent.relative_to(ROOT / "plugins")) for kind in KINDS for path in (ROOT / "plugins" / kind).glob("*/CMakeLists.txt"))


@lru_cache(maxsize=None)
def shown(plugin):
    kind, name = plugin.split("/")
    done = run("plugin", "show", "--kind", KINDS[kind], name)
    assert done.returncode == 0, done.stderr
    return done.stdout


def columns(text, beginning):
    """The cells of the lines behind the one that begins so, up to an empty one."""
    _, found, rest = text.partition(f"\n{beginning}")
    lines = rest.split("\n\n")[0].splitlines()[1:] if found else []
    return [re.split(r"  +", line.rstrip()) for line in lines]


def table(plugin, heading):
    """The cells of the table below a heading of the README; | in backticks does not end a cell."""
    text = (ROOT / "plugins" / plugin / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.S | re.M)
    lines = re.findall(r"^\|(.*)\|$", section[1], re.M)[2:] if section else []
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_options_have_the_names_and_defaults_of_the_readme(plugin):
    said = []
    for name, _type, default, *_ in columns(shown(plugin), "Options:"):
        said.append((name, {"(required)": "required", "-": ""}.get(default, f"`{default}`")))
    written = []
    for name, default, *_ in table(plugin, "Options"):
        # Where the plugin itself has none, the README says in words what happens then.
        words = default and default != "required" and not re.fullmatch(r"`[^`]*`", default)
        written.append((name.strip("`"), "" if words and (name.strip("`"), "") in said else default))
    assert written == said and said


@pytest.mark.parametrize("plugin", [one for one in PLUGINS if one.startswith("probes/")])
def test_facts_have_the_names_and_types_of_the_readme(plugin):
    said = {name: kind for name, kind, *_ in columns(shown(plugin), "FACT")}
    written = {name: kind for names, kind, *_ in table(plugin, "Facts") for name in re.findall(r"`([a-z0-9_.]+)`", names)}
    if not written:
        text = (ROOT / "plugins" / plugin / "README.md").read_text(encoding="utf-8")
        written = {name: "" for name in said if f"`{name}`" in text}
    assert set(written) == set(said)
    assert {name: kind for name, kind in written.items() if kind} == {name: said[name] for name, kind in written.items() if kind}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_readme_names_the_services_that_it_needs(plugin):
    needed = set(re.findall(r"\w+/\d", re.search(r"^needs +(.*)$", shown(plugin), re.M)[1]))
    text = (ROOT / "plugins" / plugin / "README.md").read_text(encoding="utf-8")
    assert needed - set(re.findall(r"`(\w+/\d)`", text)) == set()


@pytest.mark.parametrize("list_of_plugins", ["README.md", "plugins/README.md"])
def test_every_plugin_is_in_the_list(list_of_plugins):
    text = (ROOT / list_of_plugins).read_text(encoding="utf-8")
    linked = {match for match in re.findall(r"\]\((?:plugins/)?([a-z]+/[a-z_]+)/README\.md\)", text) if match.split("/")[0] in KINDS}
    assert linked == set(PLUGINS)
