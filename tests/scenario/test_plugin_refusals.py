"""A plugin file that cannot be used is refused with a sentence of its own, and the program ends with 2."""

import pytest

from harness.foreign import Workshop
from harness.program import run


class Case:
    def __init__(self, tmp_path):
        self.workshop = Workshop(tmp_path / "workshop")
        self.folder = tmp_path / "plugins"
        self.target = self.folder / "probes" / "tide.so"

    def missing(self):
        (self.folder / "probes").mkdir(parents=True)

    def text_file(self):
        self.missing()
        self.target.write_text("I am a poem.\n", encoding="utf-8")

    def no_note(self):
        source = "int vpns_unrelated(void);\nint vpns_unrelated(void)\n{\n\treturn 1;\n}\n"
        self.workshop.build(self.target, source=source)

    def other_magic(self):
        self.workshop.edit("abi.h", "UINT32_C(0x534e5056)", "UINT32_C(0x12345678)")
        self.workshop.build(self.target)

    def other_major(self):
        self.workshop.edit("abi.h", "#define VPNS_ABI_MAJOR 1", "#define VPNS_ABI_MAJOR 2")
        self.workshop.build(self.target)

    def newer_minor(self):
        self.workshop.edit("abi.h", "#define VPNS_ABI_MINOR 1 ", "#define VPNS_ABI_MINOR 9 ")
        self.workshop.build(self.target, "-DVPNS_TARGET_MINOR=9")

    def other_kind(self):
        self.workshop.edit("plugin.h", "VPNS_PLUGIN_(VPNS_KIND_PROBE,", "VPNS_PLUGIN_(VPNS_KIND_AUTH,")
        self.workshop.build(self.target)

    def other_name(self):
        built = self.workshop.build(self.folder / "probes" / "tide.so")
        built.rename(self.folder / "probes" / "ebb.so")
        self.target = self.folder / "probes" / "ebb.so"

    def missing_need(self):
        self.workshop.build(self.target, '-DNEED="teleport/7"')

    def writable_by_others(self):
        self.workshop.build(self.target).chmod(0o777)

    def in_a_directory_writable_by_others(self):
        self.workshop.build(self.target)
        self.target.parent.chmod(0o777)


# case -> texts that its sentence must hold
CASES = {
    "missing": ("tide",),
    "text_file": ("tide.so", "ELF"),
    "no_note": ("tide.so", "note"),
    "other_magic": ("tide.so",),
    "other_major": ("tide", "2.", "1.1"),
    "newer_minor": ("tide", "1.9", "1.1"),
    "other_kind": ("tide", "auth", "probe"),
    "other_name": ("tide", "ebb"),
    "missing_need": ("tide", "teleport/7"),
    "writable_by_others": ("tide.so", "writable"),
    "in_a_directory_writable_by_others": ("writable", "probes"),
}


@pytest.fixture
def refusal(lab, tmp_path, request):
    """(case, name of the plugin, what a client that names it says, its exit code)."""
    case = Case(tmp_path)
    getattr(case, request.param)()
    name = case.target.stem
    client = lab.client(None, client={"server": "http://127.0.0.1:9", "key": lab.key}, plugins={"path": [case.folder]},
                        probes=[{"plugin": name}])
    return request.param, name, case.folder, run("client", "-c", client.write())


@pytest.mark.parametrize("refusal", CASES, indirect=True)
def test_a_role_that_names_it_says_why_and_ends_with_2(refusal):
    case, _name, _folder, done = refusal
    assert done.returncode == 2, done.stderr
    for text in CASES[case]:
        assert text in done.stderr, done.stderr


@pytest.mark.parametrize("refusal", [c for c in CASES if c != "missing"], indirect=True)
def test_the_list_shows_the_refused_file_and_show_tells_why(refusal):
    _case, name, folder, _done = refusal
    environment = {"VPN_SENTINEL_PLUGIN_PATH": folder}
    listed = run("plugin", "list", environment=environment)
    assert name in listed.stdout, listed
    shown = run("plugin", "show", name, environment=environment)
    assert shown.returncode == 1 and name in shown.stderr, shown


def test_every_refusal_has_a_sentence_of_its_own(lab, tmp_path):
    sentences = set()
    for case in CASES:
        world = Case(tmp_path / case)
        (tmp_path / case).mkdir(exist_ok=True)
        getattr(world, case)()
        done = run("plugin", "show", world.target.stem, environment={"VPN_SENTINEL_PLUGIN_PATH": world.folder})
        assert done.returncode == 1, (case, done)
        sentence = done.stderr.strip().splitlines()[0].replace(str(world.folder), "")
        sentences.add(sentence)
    assert len(sentences) == len(CASES), sentences
