"""A bare Debian that is booted: systemd is its process 1, in namespaces of its own, without a network outside."""

import os
import subprocess
import time
from pathlib import Path

from engine.machine import ENVIRONMENT, Machine

# What a container engine would do: mounts, devices, and a hierarchy of groups that ends at the machine. The root is shared,
# as at any boot, for systemd hands credentials over by mounting them.
INIT = r"""
cd "$1"
mount --make-rprivate /
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm outside
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
ip link set lo up
hostname machine
pivot_root . outside
umount -l outside
rmdir outside
mount --make-rshared /
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --show-status=no
"""


def groups():
    """Where the second version of control groups is mounted, or None."""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, after = line.split(" - ", 1)
        if after.split()[0] == "cgroup2" and before.split()[3] == "/":
            return Path(before.split()[4])
    return None


def take_away(group):
    """Removes a control group and those below it, of which some may still have processes: whether it is gone."""
    for folder, _below, _files in os.walk(group, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            pass
    return not group.exists()


class Booted(Machine):
    """Everything but lay_out() wants it to be booted."""

    def __init__(self, folder):
        super().__init__(folder)
        self.log = self.folder.parent / "boot.log"
        self.group = self.outer = self.first = None

    def boot(self, seconds=60):
        """Why it did not come up, or None. What was made is undone by end()."""
        above = groups()
        if above is None:
            return "no hierarchy of control groups of version 2 is mounted"
        for left in above.glob("vpn-sentinel-tests-*"):  # by tests that were killed
            if not Path("/proc", left.name.rpartition("-")[2]).exists():
                take_away(left)
        self.group = above / f"vpn-sentinel-tests-{os.getpid()}"
        try:
            self.group.mkdir(exist_ok=True)
        except OSError as error:
            return f"no control group can be made: {error}"
        with self.log.open("a", encoding="utf-8") as log:
            self.outer = subprocess.Popen(
                # Should the tests be killed, it ends as well, and with it all that is in there.
                ["sh", "-ec", 'echo $$ >"$0/cgroup.procs"; exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child '
                 '--mount --uts --ipc --net --cgroup sh -ec "$1" init "$2"', self.group, INIT, self.folder],
                env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.outer.poll() is None:
            self.first = self.child()
            if self.first and self.state() in ("running", "degraded"):
                return None
            time.sleep(0.2)
        return f"systemd does not come up in namespaces here:\n{self.log.read_text(encoding='utf-8')}"

    def child(self):
        try:
            found = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text(encoding="ascii").split()
            return int(found[0]) if found and Path(f"/proc/{found[0]}/comm").read_text(encoding="ascii") == "systemd\n" else None
        except OSError:
            return None

    def state(self):
        return self.run("systemctl is-system-running", check=False).stdout.strip()

    def enter(self, *command):
        if not self.first:
            return super().enter(*command)
        return ["nsenter", "-t", str(self.first), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd",
                *map(str, command)]

    def end(self):
        """As when the power goes: nothing is asked."""
        if self.outer:
            self.outer.kill()
            self.outer.wait()
        self.outer = self.first = None
        deadline = time.monotonic() + 30
        while self.group and not take_away(self.group):
            assert time.monotonic() < deadline, f"{self.group} is not empty"
            time.sleep(0.1)
