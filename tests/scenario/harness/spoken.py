"""Commands as a README writes them: taken apart, and judged word by word without running them."""

import json
import re
import shlex
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from .commands import commands, options
from .program import ROOT, binary, run

SCRIPTS = {"tests/bench/run": "FIGURE", "tests/fuzz/run": "TARGET"}
SHELL = {"cd", "cpack", "for", "do", "done", "git", "msgmerge", "."}
_BREAKS = {"&&", "||", "|", ";", "(", ")", "&"}
_PLACE = re.compile(r"[A-Z][A-Z_]*|\.\.\.")  # stands for what a reader puts there


def split(text):
    """[words] of each command of a text in shell, without comments and redirections."""
    text = text.replace("\\\n", " ")
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.commenters = "#"
        lexer.whitespace_split = True
        words, skip = [], False
        for word in lexer:
            if word in _BREAKS:
                yield words
                words = []
            elif word in (">", ">>", "<"):
                skip = True
            elif skip:
                skip = False
            else:
                words.append(word)
        yield words


def complaints(text):
    """Sentences about what would not work."""
    for words in split(text):
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words = words[1:]
        if words:
            yield from judge(words)


def judge(words):
    program = words[0]
    if program == "vpn-sentinel" or re.fullmatch(r"build/\w+/bin/vpn-sentinel", program):
        yield from judge_program(words[1:])
    elif program == "./setup":
        yield from judge_setup(words[1:])
    elif program in AROUND:
        yield from AROUND[program](words[1:])
    elif program == "cmake":
        yield from judge_cmake(words[1:])
    elif program == "ctest":
        yield from judge_ctest(words[1:])
    elif re.fullmatch(r"build/\w+/tests/\w+", program):
        yield from judge_unit(program.rsplit("/", 1)[1])
    elif program in SCRIPTS:
        yield from judge_script(program, words[1:])
    elif words[1:3] == ["-m", "pytest"]:
        yield from (f"{word} does not exist" for word in words if word.startswith("tests/") and not (ROOT / word).exists())
    elif "/" in program:
        if not (ROOT / program).is_file():
            yield f"there is no program {program}"
    elif program not in SHELL:
        yield f"nobody knows how to look at the command {program}"


# -- the program


@lru_cache(maxsize=None)
def known():
    """{command: {option: whether it takes an argument}}"""
    return {name: {key: bool(argument) for letter, option, argument in options(name) for key in (letter, option) if key}
            for name in commands()}


def judge_program(words):
    name = next((" ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in known()), None)
    groups = {command.split()[0] for command in known()}
    if name is None and not (words[:1] and words[0] in groups and len(words) == 1 or not words or words[0] == "--help"):
        yield f"there is no command 'vpn-sentinel {' '.join(words[:2])}'"
    for word in words if name else []:
        option = word.split("=")[0]
        if re.match(r"-{1,2}\w", option) and option not in known()[name] and option != "--help":
            yield f"'vpn-sentinel {name}' has no option {option}"


# -- what stands around it


def judge_docker(words):
    """`docker exec NAME vpn-sentinel ...` and `docker compose run SERVICE COMMAND`; whatever else is docker's own."""
    plain = [word for word in words if not word.startswith("-")]
    if plain[:1] == ["exec"] and len(plain) > 2:
        if plain[1] not in CONTAINERS:
            yield f"no container is called {plain[1]}"
        yield from judge(plain[2:])
    elif plain[:2] == ["compose", "run"] and len(plain) > 3:
        yield from judge_program(plain[3:])


def judge_systemctl(words):
    for unit in words[1:]:
        if not unit.startswith("-") and not (ROOT / f"packaging/{unit.removesuffix('.service')}.service").is_file():
            yield f"there is no unit {unit}"


def judge_man(words):
    pages = [page.rpartition(".")[0] for page in run("manual").stdout.split()]
    yield from (f"there is no page {word}" for word in words if word.startswith("vpn-sentinel") and word not in pages)


def judge_shell(words):
    yield from complaints(words[-1]) if "-" in words[0] and "c" in words[0] else ()


def judge_runuser(words):
    """`runuser -u USER -- COMMAND`"""
    if words[:3] == ["-u", "vpn-sentinel", "--"]:
        yield from judge(words[3:])
    else:
        yield "the packages' user is vpn-sentinel, and its command stands behind --"


CONTAINERS = ("vpn-sentinel-server", "vpn-sentinel-client")
AROUND = {"docker": judge_docker, "systemctl": judge_systemctl, "man": judge_man, "sh": judge_shell, "runuser": judge_runuser}


# -- what developers run


@lru_cache(maxsize=None)
def presets(sort):
    return {one["name"] for one in json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))[f"{sort}Presets"]}


def judge_cmake(words):
    for at, word in enumerate(words[:-1]):
        if word == "--preset":
            if words[at + 1] not in presets("build" if "--build" in words else "configure"):
                yield f"there is no preset {words[at + 1]}"
    if "--preset" not in words:
        yield "cmake without a preset: run this one"


def judge_setup(words):
    usage = subprocess.run([ROOT / "setup", "help"], capture_output=True, text=True, check=True).stdout
    said = re.findall(r"^  ([a-z]+(?: [a-z-]+)?)(?:  |$)", usage, re.MULTILINE)
    if " ".join(words) not in said and words[0] != "bench":
        yield f"./setup does not know {' '.join(words)}"
    if words[0] == "bench":
        yield from judge_script("tests/bench/run", words[1:])


@lru_cache(maxsize=None)
def tests(*choice):
    """How many tests ctest would run. Asked from a folder beside, since it writes its log anew even when it only lists."""
    with tempfile.TemporaryDirectory() as beside:
        (Path(beside) / "CTestTestfile.cmake").write_text(f'subdirs("{binary().parents[1]}")\n', encoding="utf-8")
        said = subprocess.run(["ctest", "--test-dir", beside, "-N", *choice], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^Total Tests: (\d+)$", said, re.MULTILINE)[1])


def judge_ctest(words):
    for at, word in enumerate(words[:-1]):
        if word == "--test-dir" and words[at + 1].removeprefix("build/") not in presets("configure"):
            yield f"there is no preset for {words[at + 1]}"
        if word in ("-R", "-L") and tests(word, words[at + 1]) == 0:
            yield f"ctest {word} {words[at + 1]} finds no test"


def judge_unit(name):
    if not any(name == f"unit_{file.parent.name}_{file.stem}" for file in (ROOT / "tests/unit").glob("*/*_test.c")) and \
            not any(name == f"fuzz_{file.stem}" for file in (ROOT / "tests/fuzz/targets").glob("*.c")):
        yield f"there is no program of tests {name}"


@lru_cache(maxsize=None)
def help_of(script):
    return subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=True).stdout


def judge_script(script, words):
    text = help_of(script)
    takes = dict(re.findall(r"^  (--[a-z-]+)(?: ([A-Z]+))?", text, re.MULTILINE))
    figures = set(re.findall(r"\w+", text.split("options:")[0])) | {path.stem for path in (ROOT / "tests/fuzz/targets").glob("*.c")}
    value = False
    for word in words:
        if value:
            value = False
        elif word.startswith("--"):
            if word not in takes:
                yield f"{script} has no option {word}"
            value = bool(takes.get(word))
        elif not _PLACE.fullmatch(word) and word not in figures:
            yield f"{script} does not know {word}"
