"""Fixtures: a certificate authority a run, a world a test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "support"))

from harness.lab import Lab, Usual  # noqa: E402
from harness.tls import Authority  # noqa: E402
from harness.vpnlab_roles import laboratory  # noqa: E402

TIMEOUT = 60  # seconds for one test; a hanging program must not hang the run


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its programs said."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for lab in filter(None, (item.funcargs.get("lab"), item.funcargs.get("shared_lab"), item.funcargs.get("tunnel_lab"))):
        for program in lab.programs:
            report.sections.append((f"log of {program.name}", program.log()[-8000:]))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def _lab(folder, authority):
    made = Lab(folder, authority)
    yield made
    made.close()
    faults = list(made.faults())
    assert not faults, "\n".join(faults)


@pytest.fixture
def lab(tmp_path, authority):
    yield from _lab(tmp_path, authority)


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory, authority):
    """A world for all tests of a file: for those that only look."""
    yield from _lab(tmp_path_factory.mktemp("shared"), authority)


@pytest.fixture(scope="module")
def tunnel_lab(tmp_path_factory):
    """Network namespaces with room for a real tunnel, for all tests of a file."""
    yield from laboratory(tmp_path_factory.mktemp("tunnel"))


@pytest.fixture
def usual(lab):
    return Usual(lab)
