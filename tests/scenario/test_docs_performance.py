"""The ratios and promises of README.md and docs/performance.md are those of the bench."""

import sys

from blocks import rows
from harness.program import ROOT

sys.path.append(str(ROOT / "tests/bench"))

from measure import crowd, disk, memory  # noqa: E402


def bench():
    """(plain, a connection each, TLS, TLS and a connection each) of each row, at 64 connections."""
    for asked, _one, many, _most, _wanted, tls, each, tls_each in rows("tests/bench/README.md", "table: ratios"):
        yield asked, [many, each, tls, tls_each]


def test_the_page_has_the_ratios_of_the_bench():
    assert [(asked, ratios) for asked, *ratios in rows("docs/performance.md", "table: ratios")] == list(bench())


def test_the_readme_has_the_ratios_of_the_bench():
    shown = [[ratio.removesuffix(" times nginx") for ratio in ratios] for _asked, *ratios in rows("README.md", "table: ratios")]
    assert shown == [[plain, tls, tls_each] for _asked, (plain, _each, tls, tls_each) in bench()]


def test_what_is_promised_is_what_the_bench_refuses_to_exceed():
    promised = [most for _what, most in rows("docs/performance.md", "table: promises")]
    assert promised == [f"{memory.WANTED_BYTES:,} bytes", f"{memory.WANTED_START_S:g} s", f"{disk.WANTED // 10**6} MB",
                        str(crowd.WANTED_MESSAGES), f"{crowd.WANTED_FIRST_S} s", f"{crowd.WANTED_SINGLE_MEDIAN_S} s"]
