"""The pictures and tables of core/README.md and of its layers' READMEs are the tree, not a memory of it."""

import re
from pathlib import Path

import pytest

from blocks import block, rows
from harness.program import ROOT
from lint_includes import LAYERS

CORE = ROOT / "core"
FOLDERS = sorted(path for path in CORE.iterdir() if path.is_dir())
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/*/CMakeLists.txt"))


def picture():
    """The layers from top to bottom; those of one line neither above nor below each other."""
    return [line.split("│")[0].split() for line in block("core/README.md", "picture: layers").text.splitlines()]


def test_the_picture_shows_every_folder_and_no_other():
    assert sorted(sum(picture(), [])) == sorted(path.name for path in FOLDERS) == sorted(LAYERS)


def test_each_layer_includes_only_layers_that_are_drawn_below_it():
    below = set()
    for line in reversed(picture()):
        for layer in line:
            assert LAYERS[layer] - {layer, "sdk"} <= below, layer
        below |= set(line)


def test_the_table_of_layers_is_that_of_the_lint():
    told = {}
    for layers, may, never in rows("core/README.md", "table: layers"):
        for layer in re.findall(r"`(\w+)`", layers):
            told[layer] = may, set(re.findall(r"\w+", never))
    assert sorted(told) == sorted(LAYERS)
    lower = set().union(*LAYERS.values()) - {"client", "server", "cli", "sdk"}
    for layer, (may, never) in told.items():
        named = set(re.findall(r"\w+", may)) & set(LAYERS)
        expected = LAYERS[layer] - {layer, "sdk"}
        if may == "everything" or may.startswith("all above"):
            named = set(LAYERS) - {layer} if may == "everything" else lower
        assert named == expected, layer
        assert ("SDK" in may or may == "everything" or may.startswith("all above")) == ("sdk" in LAYERS[layer]), layer
        assert not never & LAYERS[layer], layer


def arrows():
    """(left, right) of each arrow; one that begins a line goes on from the name that ends there on a line above."""
    ends, found = {}, []
    for line in block("core/README.md", "picture: way").text.splitlines():
        for match in re.finditer(r"(──> )?(\w+/\w+)", line):
            if match[1]:
                found.append((ends[match.start() - 1], match[2]))
            ends = {column: name for column, name in ends.items() if column < match.start()}
            ends[match.end()] = match[2]
    return found


def sources(noun):
    """The files of a noun: its own, and those that begin with its name."""
    return [path for path in (CORE / noun).parent.glob(f"{Path(noun).name}*.[ch]")
            if re.fullmatch(rf"{Path(noun).name}(_\w+)?\.[ch]", path.name)]


def test_there_are_arrows():
    assert len(arrows()) >= 20


@pytest.mark.parametrize("left, right", arrows(), ids=[f"{left} to {right}" for left, right in arrows()])
def test_who_stands_left_of_an_arrow_includes_who_stands_right(left, right):
    assert sources(right), f"core/{right} does not exist"
    assert any(f'#include "{right}.h"' in path.read_text() for path in sources(left)), f"core/{left} does not include {right}.h"


def named(readme):
    """Words in backticks, files without their ending."""
    return {re.sub(r"\.(?:[ch]|\*)$", "", name.split("/")[-1]) for name in re.findall(r"`([^`\n]+)`", readme.read_text())}


@pytest.mark.parametrize("folder", FOLDERS + PLUGINS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_says_what_each_of_its_files_is_for(folder):
    said = named(folder / "README.md")
    nouns = {path.stem for path in folder.glob("*.[ch]")}
    # What the files of one noun know of each other is no noun of its own.
    missing = sorted(noun for noun in nouns - said if not noun.endswith("_inside"))
    assert not missing, f"{folder.relative_to(ROOT)}/README.md does not name {', '.join(missing)}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_lists_no_file_that_does_not_exist(folder):
    for line in (folder / "README.md").read_text().splitlines():
        first = re.match(r"\| ((?:`[\w.*]+`(?:, )?)+) \|", line)
        for name in re.findall(r"`(\w+)\.(?:[ch]|\*)`", first[1]) if first else ():
            assert list(folder.glob(f"{name}.[ch]")), f"{folder.name}/README.md lists {name}"


def test_the_index_of_the_documentation_has_every_page():
    index = (ROOT / "docs/README.md").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and f"]({page.name})" not in index] == []
