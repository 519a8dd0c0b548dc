"""The compose files in a copy of their folder, run by whichever compose there is, under names that are nobody else's."""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"
LEFT_OUT = shutil.ignore_patterns("secrets", ".env", "compose.override.yaml")
NEEDED = {"VPN_SENTINEL_SERVER_API_BASE_URL": "http://vpn.example.net:5000", "VPN_SERVICE_PROVIDER": "a provider",
          "OFFICE_VPN_SERVICE_PROVIDER": "a provider", "HOME_VPN_SERVICE_PROVIDER": "another"}


@functools.cache
def command():
    """How compose is called here, as a list, or None: version 2 first, then 1.29."""
    for argv in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(argv[0]) and subprocess.run([*argv, "version"], capture_output=True, check=False).returncode == 0:
            return argv
    return None


def copy(folder, **settings):
    """A copy of docker/ below folder, with .env as the example has it and what must be filled in."""
    made = shutil.copytree(DOCKER, folder / "docker", ignore=LEFT_OUT)
    shutil.copy(DOCKER / ".env.example", made / ".env")
    fill_in(made, **{**NEEDED, **settings})
    return made


def fill_in(folder, **settings):
    """Sets variables in the .env of a folder; None takes one out."""
    file = folder / ".env"
    text = file.read_text(encoding="utf-8")
    for name, value in settings.items():
        line = f"#{name}=" if value is None else f"{name}='{value}'"
        text, found = re.subn(rf"^#?{name}=.*$", line, text, count=1, flags=re.MULTILINE)
        assert found, f".env.example has no {name}"
    file.write_text(text, encoding="utf-8")


def environment(**more):
    """The tester's own, without what would stand above .env."""
    example = re.findall(r"^#?([A-Z0-9_]+)=", (DOCKER / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    return {**{name: value for name, value in os.environ.items() if name not in example}, **more}


class Stack:
    """What compose starts in one folder. close() ends all of it, with its volumes."""

    def __init__(self, engine, folder, name, added):
        self.engine, self.folder, self.name = engine, folder, name
        self._compose = command()
        self._added = added
        self.environment = {**environment(), "PATH": f"{Path(engine.client).parent}:{os.environ['PATH']}",
                            **{key: value for key, value in engine.environment.items() if key.startswith("DOCKER_")},
                            "COMPOSE_PROJECT_NAME": name, "COMPOSE_IGNORE_ORPHANS": "yes"}

    def container(self, role):
        """The name of a container of ours: what a README calls vpn-sentinel-ROLE."""
        return f"{self.name}-{role}"

    def run(self, text, typed="", timeout=300):
        """Runs the commands of a README here, as they stand but for the names of containers."""
        text = re.sub(r"(docker (?:exec|cp|rm) )vpn-sentinel-(server|client)", rf"\1{self.name}-\2", text)
        text = re.sub(r"(docker compose)((?: -f \S+)+)", rf"\1\2 -f {self._added}", text)
        text = re.sub(r"(docker compose)(?! -f)", rf"\1 -f compose.yaml -f {self._added}", text)
        text = text.replace("docker compose", " ".join(self._compose))
        done = subprocess.run(["sh", "-ec", text], cwd=self.folder, env=self.environment, input=typed, capture_output=True,
                              text=True, errors="replace", check=False, timeout=timeout)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def close(self):
        """By the project's label, whatever files were named."""
        for kind, take in (("container", ["rm", "-f", "-v"]), ("network", ["network", "rm"]), ("volume", ["volume", "rm"])):
            listed = ["ps", "-aq"] if kind == "container" else [kind, "ls", "-q"]
            found = self.engine.docker(*listed, "--filter", f"label=com.docker.compose.project={self.name}").stdout.split()
            if found:
                self.engine.docker(*take, *found, check=False)
