"""The audit log as a reader of it has it."""

import json
from pathlib import Path

from .wait import until


class Audit:
    """audit.log and its earlier files at `path`, the oldest first."""

    def __init__(self, path):
        self.path = Path(path)

    def files(self):
        def age(file):
            return int(file.suffix[1:]) if file.suffix[1:].isdigit() else 0

        return sorted(self.path.parent.glob(f"{self.path.name}*"), key=age, reverse=True)

    def text(self):
        return "".join(file.read_text(encoding="utf-8") for file in self.files())

    def entries(self):
        """Every line as an object: each must be one, and end."""
        text = self.text()
        assert not text or text.endswith("\n"), text[-200:]
        return [json.loads(line) for line in text.splitlines()]

    def requests(self):
        return [entry for entry in self.entries() if "event" not in entry]

    def sums(self):
        """What strangers repeated."""
        return [entry for entry in self.entries() if entry.get("event") == "repeated"]

    def events(self):
        return [(entry["event"], entry["detail"]) for entry in self.entries() if "detail" in entry]

    def wait(self, accept, what="in the audit log"):
        """The first request with accept(request)."""
        return until(lambda: next(filter(accept, self.requests()), None), lambda: f"{what}:\n{self.text()[-4000:]}")

    def wait_count(self, count):
        return until(lambda: len(self.requests()) >= count and self.requests(),
                     lambda: f"{count} requests, there are {len(self.requests())}")
