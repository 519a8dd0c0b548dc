"""What judging a report costs, without a server around it."""

import subprocess

from .place import Trouble
from .table import number, table, verdict

TITLE = "judge: a report of a healthy client with every fact that a rule looks at"
WANTED_SAME_NS = 1_000
WANTED_CHANGED_NS = 20_000
_ROUNDS = 100_000


def measure(place, scale):
    program = place.program.parents[1] / "tests" / "bench_judge"
    if not program.exists():
        return [f"skipped: this build has no {program.name}"], {}
    rounds = _ROUNDS if scale.seconds >= 1 else 100
    done = subprocess.run([program, str(rounds)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{program} failed: {done.stderr}")
    found = {name: int(value) for name, value in (line.split() for line in done.stdout.splitlines())}
    rows = [["the facts of the last report", number(found["same_ns"])], ["other facts", number(found["changed_ns"])],
            ["the judge alone", number(found["judge_ns"])]]
    lines = table([f"{found['facts']} facts", "ns"], rows)
    lines += ["", verdict(found["same_ns"], WANTED_SAME_NS, f"{number(WANTED_SAME_NS)} ns wanted when nothing changed"),
              verdict(found["changed_ns"], WANTED_CHANGED_NS, f"{number(WANTED_CHANGED_NS)} ns wanted when facts changed")]
    return lines, found
