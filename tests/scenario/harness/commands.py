"""The commands that the program says it has."""

import os
import pwd
import re

from .program import run


def own_name():
    """What the server calls whoever runs the tests."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid:{os.geteuid()}"


def commands():
    """["server", ..., "plugin list", ...] in the order of the general help."""
    names = re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  +\S", run("--help").stdout, re.MULTILINE)
    assert len(names) > 20, names
    return names


def options(command):
    """Of one command, as its help has them: [("-c", "--config", "FILE"), ...]; "" where there is none."""
    text = run(*command.split(), "--help").stdout
    return re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)(?: ([A-Z][A-Z-]*))?  ", text, re.MULTILINE)
