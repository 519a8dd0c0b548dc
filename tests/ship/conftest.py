"""An engine and the images, once for all tests; the end of what a test started, after each."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "support"))

from blocks import block  # noqa: E402
from engine import daemon, debian, machine, packages  # noqa: E402
from engine.client import Engine, choose_client  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {"slim": (), "from-scratch": ("--target", "from-scratch")}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(1800))  # the first one builds everything


@pytest.fixture(scope="session")
def an_engine():
    """The engine of this machine when one answers, else one that ends with the tests."""
    client, environment = choose_client()
    own = Engine(client, environment) if client else None
    if own and own.answers():
        yield own
        return
    reason = daemon.why_not()
    if reason or not client:
        pytest.skip(f"no container engine answers, and {reason or 'there is no command docker: package docker.io'}")
    made = daemon.Daemon(client, environment)
    try:
        try:
            made.start()
            debian.bring(made.engine, made.folder)
        except (OSError, AssertionError, subprocess.SubprocessError) as error:
            pytest.skip(f"no container engine answers, and none could be made: {error}")
        yield made.engine
    finally:
        made.close()


@pytest.fixture
def engine(an_engine):
    yield an_engine
    an_engine.forget()


@pytest.fixture(scope="session")
def images(an_engine):
    """{(role, target): tag} of the four images, built from the sources as they are by the commands of docker/README.md."""
    made = {}
    for command in block("docker/README.md", "run: build").text.splitlines():
        words = shlex.split(command)
        at = words.index("-t") + 1
        name, _, target = words[at].partition(":")
        words[at] = f"{name}:test-{target or 'slim'}"  # the tags of the user are left alone
        an_engine.docker(*words[1:], cwd=ROOT, timeout=1800)
        made[name.removeprefix("vpn-sentinel-"), target or "slim"] = words[at]
    assert set(made) == {(role, target) for role in ("server", "client") for target in TARGETS}
    return made


@pytest.fixture(scope="session")
def made_packages():
    """{name: file} of the Debian packages, built from the sources as they are."""
    reason = packages.why_not()
    if reason:
        pytest.skip(f"no packages can be made: {reason}")
    return packages.make_here()


@pytest.fixture(scope="session")
def newer_packages(made_packages, tmp_path_factory):
    """The next version and {name: file} of its packages, whose configurations differ."""
    folder = tmp_path_factory.mktemp("newer")
    yield packages.make_newer(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def bare_debian(tmp_path_factory):
    """A machine of which tests make copies."""
    reason = machine.why_not()
    if reason:
        pytest.skip(f"no bare Debian can be made: {reason}")
    made = machine.Machine(tmp_path_factory.mktemp("bare") / "root")
    try:
        made.lay_out()
        yield made
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)
