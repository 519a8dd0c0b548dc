"""What the program says: every text in its sources."""

import re
from functools import lru_cache

from .program import ROOT

_TEXT = r'"(?:\\.|[^"\\\n])*"'


@lru_cache(maxsize=None)
def sayings(*patterns):
    """The texts of the files that match; those that stand behind each other are one."""
    found = []
    for path in (path for pattern in patterns for path in ROOT.glob(pattern)):
        for match in re.finditer(rf"{_TEXT}(?:[\s\\]*{_TEXT})*", path.read_text(encoding="utf-8")):
            found.append("".join(text[1:-1] for text in re.findall(_TEXT, match[0])).replace('\\"', '"'))
    return found
