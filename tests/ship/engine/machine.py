"""A bare Debian below a folder: entered by chroot, and filled with packages."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from engine import debian

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}


def execute(argv, *, cwd=None, check=True, timeout=1200):
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL, env={**ENVIRONMENT, **debian.proxy()})
    assert not check or done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done


def shell(command, **how):
    return execute(["sh", "-ec", command], **how)


def why_not():
    """Why this machine cannot have one, or None."""
    if os.geteuid() != 0:
        return "needs root"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed"
    return None if execute(["unshare", "--mount", "true"], check=False).returncode == 0 else "mounting is not allowed here"


class Machine:
    def __init__(self, folder):
        self.folder = Path(folder)

    def lay_out(self):
        debian.lay_out(self.folder)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.file(f"/etc/{name}"))
        self.run("apt-get update -q")

    def copy_of(self, other):
        """Is laid out as the other one is."""
        execute(["cp", "-a", "--reflink=auto", other.folder, self.folder])

    def enter(self, *command):
        """/proc is mounted for the command alone, so that no mount stays behind."""
        return ["unshare", "--mount", "sh", "-ec", 'mount --rbind /proc "$0/proc"; exec chroot "$0" "$@"', self.folder, *command]

    def run(self, command, check=True):
        return execute(self.enter("sh", "-ec", command), check=check)

    def bring(self, *debs):
        """Where the packages lie in there."""
        return [f"/root/{Path(shutil.copy(deb, self.file('/root'))).name}" for deb in debs]

    def install(self, *debs):
        """As a person would; whoever is asked about a changed configuration keeps it."""
        return self.run("apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confdef "
                        + " ".join(self.bring(*debs)))

    def bring_dependencies(self, *debs):
        """What the packages want of Debian, for a machine that will have no network."""
        wanted = ", ".join(execute(["dpkg-deb", "--field", deb, "Depends"]).stdout.strip() for deb in debs)
        wanted = re.sub(r"vpn-sentinel \(= [^)]*\)(, )?", "", wanted).strip(", ")
        self.run(f"apt-get satisfy -q -y --no-install-recommends '{wanted}'")

    def file(self, name):
        return self.folder / name.lstrip("/")

    def exists(self, name):
        return self.run(f"test -e {name}", check=False).returncode == 0
