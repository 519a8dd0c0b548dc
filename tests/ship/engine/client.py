"""What tests ask of a container engine, by the command `docker`."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time

PATIENCE = 30.0


def until(probe, what, within=PATIENCE):
    """The first true value of probe(); fails after `within` seconds saying what was waited for, as it is by then."""
    deadline = time.monotonic() + within
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {within:g} s in vain for: {what() if callable(what) else what}"
        time.sleep(0.1)


def _output(argv, environment=None):
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""


def choose_client():
    """(path, environment) of a client that can build: with BuildKit where it has that, else with the older builder."""
    paths = [path for path in dict.fromkeys([shutil.which("docker"), "/usr/bin/docker"]) if path and os.path.exists(path)]
    for path in paths:
        if _output([path, "buildx", "version"]):
            return path, {}
    for path in paths:
        found = re.match(r"Docker version (\d+)", _output([path, "--version"]))
        if found and int(found[1]) < 23:  # BuildKit is inside
            return path, {"DOCKER_BUILDKIT": "1"}
    return (paths[0], {"DOCKER_BUILDKIT": "0"}) if paths else (None, {})


class Engine:
    """An engine that answers. Containers and networks that it starts for a test are gone at close()."""

    def __init__(self, client, environment):
        self.client = client
        self.environment = {**os.environ, **environment}
        self._containers = []
        self._networks = []

    def answers(self):
        return bool(_output([self.client, "version", "--format", "{{.Server.Version}}"], self.environment))

    def docker(self, *args, check=True, timeout=120, cwd=None):
        done = subprocess.run([self.client, *map(str, args)], env=self.environment, capture_output=True, text=True,
                              errors="replace", check=False, timeout=timeout, cwd=cwd)
        assert not check or done.returncode == 0, f"docker {' '.join(map(str, args))}: {done.stdout}\n{done.stderr}"
        return done

    def build(self, context, tag, *args, timeout=1800):
        self.docker("build", "-t", tag, *args, context, timeout=timeout)
        return tag

    def start(self, *args):
        """Runs a container in the background: its id."""
        name = self.docker("run", "-d", *args).stdout.strip()
        self._containers.append(name)
        return name

    def network(self, name):
        self.docker("network", "create", "--internal", name)
        self._networks.append(name)
        return name

    def inspect(self, name):
        return json.loads(self.docker("inspect", name).stdout)[0]

    def log(self, name):
        done = self.docker("logs", name)
        return done.stdout + done.stderr

    def health(self, name):
        return self.inspect(name)["State"]["Health"]["Status"]

    def wait_health(self, name, status):
        until(lambda: self.health(name) == status,
              lambda: f"{name[:12]} to be {status}; {self.inspect(name)['State']['Health']}\n{self.log(name)}")

    def files(self, image):
        """{path: (type and mode, owner, content or target)} of all that is in an image."""
        name = self.docker("create", image).stdout.strip()
        try:
            packed = subprocess.run([self.client, "export", name], env=self.environment, capture_output=True,
                                    check=True, timeout=120).stdout
        finally:
            self.docker("rm", "-f", "-v", name)
        found = {}
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for member in archive:
                data = archive.extractfile(member).read() if member.isfile() else member.linkname.encode()
                found[member.name] = (member.type, member.mode, member.uid, member.gid, data)
        return found

    def forget(self):
        """Ends what the last test started."""
        for name in self._containers:
            self.docker("rm", "-f", "-v", name, check=False)
        for name in self._networks:
            self.docker("network", "rm", name, check=False)
        self._containers, self._networks = [], []
