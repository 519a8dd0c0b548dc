"""The lint of blocks finds each block that nobody looks after, and leaves the others alone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import blocks  # noqa: E402
import lint_blocks  # noqa: E402

TESTS = ("test_docs_configurations.py", "test_docs_units.py", "test_docs_commands.py")
MARKED = "<!-- run: try -->\n```sh\nls\n```\n"


@pytest.fixture
def complaints(tmp_path):
    """complaints(markdown, test) of a small made-up repository."""
    (tmp_path / "tests/scenario").mkdir(parents=True)
    for name in TESTS:
        (tmp_path / "tests/scenario" / name).write_text("")
    (tmp_path / "part.c").write_text("int a;\nint b;\n")

    def of(markdown, test=""):
        (tmp_path / "GUIDE.md").write_text(markdown, encoding="utf-8")
        (tmp_path / "tests/test_a.py").write_text(test, encoding="utf-8")
        return [f"{path}:{line}: {sentence}" for path, line, sentence in lint_blocks.check(tmp_path)]

    return of


def takes(mark, how="block"):
    return f'{how}("GUIDE.md", "{mark}")\n'


@pytest.mark.parametrize("markdown, expected", [
    ("a\n\n```sh\nls\n```\n", "GUIDE.md:3: nobody executes or compares"),
    ("<!-- run: try -->\n\ntext\n\n```sh\nls\n```\n", "GUIDE.md:5: nobody executes or compares"),
    ("1. do\n\n   ```sh\n   ls\n   ```\n", "GUIDE.md:3: nobody executes or compares"),
    (MARKED, "GUIDE.md:2: no test takes it"),
    ("<!-- picture: tree -->\n```text\na -> b\n```\n", "GUIDE.md:2: no test takes it"),
    ("<!-- picture -->\n```\na -> b\n```\n", "GUIDE.md:2: this block has no language"),
    ("<!-- picture -->\n```text\nrun it\n```\n", "nothing is drawn"),
    ("<!-- picture -->\n```sh\na | b\n```\n", "stands before a block of 'sh'"),
    ("<!-- look: commands -->\n```basic\nls\n```\n", "'basic' is not among the languages"),
    ("<!-- look: here -->\n```sh\nls\n```\n", "must be a block of sh"),
    ("<!-- check: both -->\n```yaml\na: b\n```\n", "must be a block of yaml"),
    ("<!-- drop-in: x.service -->\n```ini\na=b\n```\n", "must be a block of ini"),
    ("<!-- magic: it -->\n```sh\nls\n```\n", "nobody knows the kind 'magic'"),
    ("<!-- same: part.c -->\n```c\nint c;\n```\n", "is no part of part.c"),
    ("<!-- same: whole.c -->\n```c\nint c;\n```\n", "whole.c, of which this is said to be a part"),
    ("<!-- run: try -->\ntext\n", "GUIDE.md:1: <!-- run: try --> stands before no block"),
    ("text\n\n\tls -l\n", "GUIDE.md:3: code by indentation"),
    ("text\n\n    ls -l\n", "GUIDE.md:3: code by indentation"),
])
def test_a_block_that_nobody_looks_after_is_found(complaints, markdown, expected):
    assert any(expected in one for one in complaints(markdown)), complaints(markdown)


@pytest.mark.parametrize("markdown, test", [
    (MARKED, takes("run: try")),
    ("1. do\n\n   <!-- run: try -->\n   ```sh\n   ls\n   ```\n", takes("run: try")),
    (MARKED, 'block(\n\t"GUIDE.md",\n\t"run: try")\n'),
    ("<!-- table: fates -->\n| a |\n|---|\n| b |\n", takes("table: fates", "rows")),
    ("<!-- picture -->\n```text\na -> b\n```\n", ""),
    ("<!-- same: part.c -->\n```c\nint b;\n```\n", ""),
    ("<!-- check: server notifiers[].locale -->\n```yaml\na: b\n```\n", ""),
    ("<!-- check: server -->\n```yaml\na: b\n```\n\n<!-- check: server notifiers[] -->\n```yaml\na: b\n```\n", ""),
    ("<!-- drop-in: vpn-sentinel-client.service -->\n```ini\na=b\n```\n", ""),
    ("<!-- look: commands -->\n```sh\nls\n```\n", ""),
    ("- point\n\n    that goes on\n", ""),
    ("<!-- any other remark -->\ntext\n", ""),
])
def test_a_block_that_a_test_looks_after_is_left_alone(complaints, markdown, test):
    assert complaints(markdown, test) == []


def test_a_mark_stands_once_in_a_file(complaints):
    assert any("a second <!-- run: try -->" in one for one in complaints(MARKED + MARKED, takes("run: try")))


def test_a_test_that_takes_what_is_not_there_is_found(complaints):
    assert complaints("text\n", takes("run: try")) == [
        "tests/test_a.py:1: it takes the block <!-- run: try --> of GUIDE.md, which does not exist"]


def test_a_test_of_another_file_does_not_count(complaints):
    assert any("no test takes it" in one for one in complaints(MARKED, 'block("OTHER.md", "run: try")\n'))


def test_the_text_of_a_block_is_without_the_indentation_of_its_list():
    (found,) = blocks.parse("1. a\n   <!-- run: x -->\n   ```sh\n   if a; then\n   \tb\n\n   fi\n   ```\n")
    assert (found.line, found.language, found.kind, found.name) == (3, "sh", "run", "x")
    assert found.text == "if a; then\n\tb\n\nfi\n"


def test_a_row_is_its_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "ROOT", tmp_path)
    (tmp_path / "A.md").write_text("<!-- table: t -->\n| a | b |\n|---|---|\n| 1 | x \\| y |\n| 2 | |\n\nend\n")
    assert blocks.rows("A.md", "table: t") == [["1", "x \\| y"], ["2", ""]]
