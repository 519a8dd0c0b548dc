"""Commands as documentation shows them, typed into a shell in which vpn-sentinel is the program under test."""

import subprocess

from .program import binary, clean_environment


def typed(text, folder, environment=None, timeout=30):
    """Runs a block of commands in folder; each must succeed. Its CompletedProcess, with text."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    link = programs / "vpn-sentinel"
    if not link.is_symlink():
        link.symlink_to(binary())
    extra = clean_environment(environment or {})
    extra["PATH"] = f"{programs}:{extra['PATH']}"
    done = subprocess.run(["sh", "-eu", "-c", text], cwd=folder, env=extra, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done
