"""The lints find what they are for, and leave honest code alone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lint_catalogs  # noqa: E402
import lint_includes  # noqa: E402
import lint_readme  # noqa: E402
import lint_skips  # noqa: E402
import lint_source  # noqa: E402
import lint_text  # noqa: E402


@pytest.fixture
def tree(tmp_path):
    """put(path, text) writes a file of a small made-up repository; the fixture is its root."""

    class Tree:
        root = tmp_path

        def put(self, path, text):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

        def complaints(self, lint):
            return [f"{path}:{line}: {sentence}" for path, line, sentence in lint.check(tmp_path)]

    made = Tree()
    for header in ("core/base/err.h", "core/net/url.h", "core/server/gate.h", "core/base/clock.h",
                   "sdk/include/vpn_sentinel/option.h", "sdk/include/vpn_sentinel/plugin.h"):
        made.put(header, f"#ifndef {Path(header).stem.upper()}_H\n#define {Path(header).stem.upper()}_H\n#endif\n")
    return made


@pytest.mark.parametrize("path, text, expected", [
    ("core/base/x.c", '#include "net/url.h"\n', "base must not include net"),
    ("core/client/x.c", '#include "server/gate.h"\n', "client must not include server"),
    ("core/net/x.c", '#include "vpn_sentinel/plugin.h"\n', "net must not see the SDK"),
    ("core/config/x.c", '#include "vpn_sentinel/plugin.h"\n', "config may see only"),
    ("core/base/x.c", "#include <uv.h>\n", "base must not see libuv"),
    ("core/server/x.c", "#include <curl/curl.h>\n", "server must not see libcurl"),
    ("core/model/x.c", '#include "base/clock.h"\n', "model is pure: it must not include base/clock.h"),
    ("core/model/x.c", "#include <unistd.h>\n", "model is pure: it must not include unistd.h"),
    ("core/model/x.c", "int f(void)\n{\n\treturn (int)time(NULL);\n}\n", "model is pure: it must not call time()"),
    ("core/base/x.c", '#include "err.h"\n', "not written from core/"),
    ("core/base/x.c", '#include "base/nothing.h"\n', "does not exist"),
    ("plugins/probes/a/a.c", '#include "base/err.h"\n', "a plugin includes the SDK and its own folder"),
    ("plugins/probes/a/a.c", '#include "../b/b.h"\n', "a plugin includes the SDK and its own folder"),
    ("plugins/probes/a/a.c", "#include <jansson.h>\n", "the plugin's README does not name jansson"),
    ("sdk/include/vpn_sentinel/y.h", "#include <uv.h>\n", "an SDK header needs no library"),
])
def test_a_wrong_include_is_found(tree, path, text, expected):
    tree.put(path, text)
    complaints = tree.complaints(lint_includes)
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{path}:") and expected in complaints[0]


@pytest.mark.parametrize("path, text", [
    ("core/server/x.c", '#include "base/err.h"\n#include "net/url.h"\n#include <string.h>\n'),
    ("core/config/x.c", '#include "vpn_sentinel/option.h"\n'),
    ("core/net/x.c", "#include <uv.h>\n#include <curl/curl.h>\n"),
    ("core/base/x.c", '/* #include "net/url.h" */\n// #include "net/url.h"\n'),
    ("plugins/probes/a/a.c", '#include "vpn_sentinel/plugin.h"\n#include <string.h>\n'),
])
def test_an_include_the_table_allows_is_left_alone(tree, path, text):
    tree.put(path, text)
    assert tree.complaints(lint_includes) == []


def test_a_plugin_may_use_what_plugins_share(tree):
    tree.put("plugins/shared/place.h", "")
    tree.put("plugins/probes/a/a.c", '#include "place.h"\n')
    assert tree.complaints(lint_includes) == []
    tree.put("plugins/probes/a/a.c", '#include "places.h"\n')
    assert len(tree.complaints(lint_includes)) == 1


def test_a_plugin_may_use_a_library_that_its_readme_names(tree):
    tree.put("plugins/probes/a/README.md", "Needs jansson for the reply.\n")
    tree.put("plugins/probes/a/a.c", "#include <jansson.h>\n")
    assert tree.complaints(lint_includes) == []


def test_a_library_that_spreads_over_two_files_of_a_layer_is_found(tree):
    tree.put("core/net/a.c", "#include <llhttp.h>\n")
    tree.put("core/net/b.c", "#include <llhttp.h>\n")
    assert tree.complaints(lint_includes) == ["core/net/b.c:1: llhttp lives in one file of net, and a.c has it"]


@pytest.mark.parametrize("text, expected", [
    ("/* TODO: later */\n", "unfinished: TODO"),
    ('const char *const s = "not implemented";\n', "unfinished: not implemented"),
    ("void f(void)\n{\n\tassert(1);\n}\n", "use VS_REQUIRE"),
    ("#include <assert.h>\n", "use VS_REQUIRE"),
    ('void f(void)\n{\n\tgetenv("HOME");\n}\n', "getenv belongs in core/config/env.c"),
    ("static int counter;\n", "mutable state at file scope: static int counter"),
    ("static int counter = 3;\n", "mutable state at file scope: static int counter"),
    ("int counter;\n", "mutable state at file scope: int counter"),
    ("static const char *name;\n", "mutable state at file scope: static const char *name"),
    ("static struct thing things[4];\n", "mutable state at file scope: static struct thing things"),
    ("static _Thread_local int depth;\n", "mutable state at file scope"),
    ("void f(void)\n{\n" + "\tg();\n" * 81 + "}\n", "a function of 81 lines"),
    ("\n" * 451, "451 lines; a file has at most 450"),
])
def test_bad_text_is_found(tree, text, expected):
    tree.put("core/net/x.c", text)
    complaints = tree.complaints(lint_text)
    assert len(complaints) == 1
    assert complaints[0].startswith("core/net/x.c:") and expected in complaints[0]


@pytest.mark.parametrize("text", [
    "static const int limit = 3;\n",
    "static const char *const names[] = { \"assert(\", \"getenv(\" };\n",
    "static const struct row rows[] = {\n\t{ 1 },\n};\n",
    "const char *const reason = \"Not Implemented\";\n",
    "struct thing;\nenum level { LOW, HIGH };\n",
    "struct thing {\n\tint member;\n};\n",
    "static int f(int a);\nint g(void);\ntypedef struct thing thing_t;\n",
    "static_assert(1, \"fine\");\n_Static_assert(1, \"fine\");\n",
    "void f(void)\n{\n" + "\tg();\n" * 80 + "}\n",
    "int f(void)\n{\n\tint local = 0;\nout:\n\treturn local;\n}\n",
])
def test_good_text_is_left_alone(tree, text):
    tree.put("core/net/x.c", text)
    assert tree.complaints(lint_text) == []


@pytest.mark.parametrize("path, text", [
    ("core/base/log.c", "static int level;\n"),
    ("core/config/env.c", 'void f(void)\n{\n\tgetenv("HOME");\n}\n'),
])
def test_the_files_with_a_licence_may_use_it(tree, path, text):
    tree.put(path, text)
    assert tree.complaints(lint_text) == []


@pytest.mark.parametrize("text, expected", [
    ("int f(void);\n", "no include guard"),
    ("#ifndef OTHER_H\n#define OTHER_H\n#endif\n", "does not end in X_H"),
])
def test_a_header_without_its_own_guard_is_found(tree, text, expected):
    tree.put("core/net/x.h", text)
    complaints = tree.complaints(lint_text)
    assert len(complaints) == 1 and expected in complaints[0]


@pytest.mark.parametrize("text", ["See `core/net/nothing.c`.\n", "See `nothing.c`.\n", "See [it](nothing.md).\n",
                                  "See `net/nothing.h`.\n", "Run `nothing.sh`.\n", "[it](#nothing)\n",
                                  "# Something\n[it](GUIDE.md#nothing)\n", "```\n# Nothing\n```\n[it](#nothing)\n"])
def test_a_path_that_is_not_there_is_found(tree, text):
    tree.put("GUIDE.md", text)
    assert [c for c in tree.complaints(lint_readme) if "nothing" in c]


@pytest.mark.parametrize("text", ["See `core/net/url.h`, `net/url.h`, `url.h` and `core/`.\n", "`a b/c.h`, `uv.h`, `<x>/y.c`\n",
                                  "```\ncore/nothing.c `core/nothing.c`\n```\n", "[home](https://example.net/x.md)\n",
                                  "`/etc/resolv.conf` and `build/debug/bin/vpn-sentinel`\n",
                                  "# What `it` is, then\n[a](#what-it-is-then) [b](GUIDE.md#what-it-is-then)\n"])
def test_a_path_that_is_there_or_none_of_ours_is_left_alone(tree, text):
    tree.put("GUIDE.md", text)
    assert [c for c in tree.complaints(lint_readme) if c.startswith("GUIDE.md")] == []


@pytest.mark.parametrize("text", ["Call `vs_nothing_do()`.\n", "Call `nothing()`.\n", "`VPNS_NOTHING` is a flag.\n", "`no_such_option`\n"])
def test_a_name_that_nothing_has_is_found(tree, text):
    tree.put("GUIDE.md", text)
    assert any(c.startswith("GUIDE.md:1: nothing is called") for c in tree.complaints(lint_readme))


@pytest.mark.parametrize("text", ["`vs_thing_do()`, `vs_thing_do`, `main()`\n", "`no-name`, `a.b_c`, `x_y=1`, `reverse_proxy`\n", "```\nno_such_name\n```\n"])
def test_a_name_that_something_has_is_left_alone(tree, text):
    tree.put("core/net/thing.c", "int vs_thing_do(void);\nint main(void);\n")
    tree.put("GUIDE.md", text)
    assert not [c for c in tree.complaints(lint_readme) if c.startswith("GUIDE.md")]


def test_a_layer_or_plugin_without_a_readme_is_found(tree):
    tree.put("plugins/probes/a/a.c", "")
    complaints = tree.complaints(lint_readme)
    assert "core/net:1: has no README.md" in complaints
    assert "plugins/probes/a:1: has no README.md" in complaints


@pytest.mark.parametrize("path, text, expected", [
    ("tests/a_test.c", "\tif (x)\n\t\tskip();\n", "a_test.c:2: skip() without"),
    ("tests/a_test.c", '\tprint_message("no root\\n");\n\tskip();\n', "a_test.c:2: skip() without"),
    ("tests/a_test.c", '\tprint_message("skipped: no root\\n");\n' + "\tf();\n" * 4 + "\tskip();\n", "a_test.c:6: skip() without"),
    ("tests/a_test.c", '\t/* print_message("skipped: no root\\n"); */\n\tskip();\n', "a_test.c:2: skip() without"),
    ("tests/test_a.py", "import pytest\npytest.skip()\n", "test_a.py:2: pytest.skip without"),
    ("tests/test_a.py", "import pytest\n@pytest.mark.skip\ndef test_x():\n    pass\n", "pytest.mark.skip without"),
    ("tests/test_a.py", "import pytest\n@pytest.mark.skip()\ndef test_x():\n    pass\n", "pytest.mark.skip without"),
    ("tests/test_a.py", "import pytest\n@pytest.mark.skipif(True)\ndef test_x():\n    pass\n", "pytest.mark.skipif without"),
])
def test_a_skip_without_a_word_is_found(tree, path, text, expected):
    tree.put(path, text)
    complaints = tree.complaints(lint_skips)
    assert len(complaints) == 1 and expected in complaints[0], complaints


@pytest.mark.parametrize("path, text", [
    ("tests/a_test.c", '\tprint_message("skipped: no root\\n");\n\ttidy();\n\tskip();\n'),
    ("tests/a_test.c", '\t/* skip(); */\n\twhere_to_skip(x);\n'),
    ("tests/test_a.py", 'import pytest\npytest.skip("no root")\n'),
    ("tests/test_a.py", 'import pytest\n@pytest.mark.skip(reason="x")\ndef test_x():\n    pass\n'),
    ("tests/test_a.py", 'import pytest\n@pytest.mark.skipif(True, reason="x")\ndef test_x():\n    pass\n'),
])
def test_a_skip_with_its_reason_is_left_alone(tree, path, text):
    tree.put(path, text)
    assert tree.complaints(lint_skips) == []


def test_comments_and_literals_are_blanked_without_moving_a_line():
    text = 'a /* b\nc */ d "e /* f" g // h\ni'
    code = lint_source.code_only(text)
    assert len(code) == len(text) and code.count("\n") == 2
    assert code.split() == ["a", "d", "g", "i"]


@pytest.fixture
def catalogs(tree):
    """Catalogs of one text, and sources that say just that."""
    pot = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "after {duration}"\nmsgstr ""\n'
    tree.put("po/vpn-sentinel.pot", pot)
    tree.put("po/extract", f"#!/bin/sh\ncat <<'END'\n{pot}END\n")
    (tree.root / "po" / "extract").chmod(0o755)
    return tree


def catalog(text):
    return f'msgid ""\nmsgstr ""\n"Language: es\\n"\n\n{text}\n'


def test_a_complete_catalog_is_left_alone(catalogs):
    catalogs.put("po/es.po", catalog('msgid "after {duration}"\nmsgstr "tras {duration}"'))
    assert catalogs.complaints(lint_catalogs) == []


@pytest.mark.parametrize("text, expected", [
    ("", "po/es.po:1: lacks 'after {duration}'"),
    ('msgid "after {duration}"\nmsgstr ""', "po/es.po:5: not translated: 'after {duration}'"),
    ('msgid "after {duration}"\nmsgstr "tras {duracion}"', "other holes than in the original, which has {duration}"),
    ('#, fuzzy\nmsgid "after {duration}"\nmsgstr "tras {duration}"', "marked as doubtful"),
    ('msgid "after {duration}"\nmsgstr "tras {duration}"\n\nmsgid "gone"\nmsgstr "ido"', "po/es.po:8: nobody says this"),
    ('msgid "after {duration}"\nmsgstr "tras {duration}"\n\n#~ msgid "gone"\n#~ msgstr "ido"', "put aside"),
])
def test_a_fault_of_a_catalog_is_found(catalogs, text, expected):
    catalogs.put("po/es.po", catalog(text))
    complaints = catalogs.complaints(lint_catalogs)
    assert len(complaints) == 1 and expected in complaints[0], complaints


@pytest.mark.parametrize("forms, expected", [
    (["un cliente", "{n} clientes"], None),
    (["{n} cliente", "{n} clientes"], None),
    (["{n} cliente"], "1 forms, where the language has 2"),
    (["{n} cliente", "{n} clientes", "{n} de clientes"], "3 forms, where the language has 2"),
    (["{n} cliente", "clientes"], "other holes than in the original, which has {n}"),
    (["{m} cliente", "{n} clientes"], "other holes than in the original, which has {n}"),
])
def test_a_catalog_has_each_form_of_its_language_with_the_same_holes(catalogs, forms, expected):
    more = '\nmsgid "{n} client"\nmsgid_plural "{n} clients"\n'
    pot = catalogs.root / "po" / "vpn-sentinel.pot"
    said = pot.read_text() + more + 'msgstr[0] ""\nmsgstr[1] ""\n'
    pot.write_text(said)
    (catalogs.root / "po" / "extract").write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n")
    text = 'msgid "after {duration}"\nmsgstr "tras {duration}"\n' + more
    text += "\n".join(f'msgstr[{number}] "{form}"' for number, form in enumerate(forms))
    catalogs.put("po/es.po", catalog(text).replace('es\\n"', 'es\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"', 1))
    complaints = catalogs.complaints(lint_catalogs)
    assert len(complaints) == (expected is not None) and (not complaints or expected in complaints[0]), complaints


def test_a_template_that_is_not_what_the_sources_say_is_found(catalogs):
    catalogs.put("po/es.po", catalog('msgid "after {duration}"\nmsgstr "tras {duration}"'))
    (catalogs.root / "po" / "extract").write_text("#!/bin/sh\necho something else\n")
    (complaint,) = catalogs.complaints(lint_catalogs)
    assert "run po/extract" in complaint
