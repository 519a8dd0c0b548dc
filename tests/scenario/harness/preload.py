"""Libraries of tests/support that are loaded into a program before its own."""

import re
import subprocess

from .program import binary


def preload(name):
    """The value of LD_PRELOAD. A sanitizer that is a library of its own has to come first."""
    library = binary().parent.parent / "tests" / f"{name}.so"
    assert library.exists(), f"{library} is missing: build the target {name}"
    listed = subprocess.run(["ldd", binary()], capture_output=True, text=True, check=True).stdout
    sanitizer = re.search(r"=> (\S*/lib[at]san\S*)", listed)
    return " ".join([*(sanitizer.groups() if sanitizer else ()), str(library)])
