"""The Debian packages, made as packaging/README.md says."""

import os
import re
import shutil
from pathlib import Path

from blocks import block
from engine.machine import shell

ROOT = Path(__file__).resolve().parents[3]


def why_not():
    """Why they cannot be made here, or None."""
    missing = [tool for tool in ("cmake", "cpack", "dpkg-shlibdeps", "file") if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)}" if missing else None


def in_folder(command, build):
    """The README's command, which then builds in another folder."""
    meant = {" --preset packages -D": f" --preset packages -B '{build}' -D", "--build --preset packages": f"--build '{build}'",
             "build/packages": f"'{build}'"}
    assert all(shown in command for shown in meant)
    # All at once: the name of the folder may have one of them in it.
    return re.sub("|".join(map(re.escape, meant)), lambda found: meant[found[0]], command)


def make(source, build):
    """{name: file} of those made of the sources in one folder, in another one."""
    command = in_folder(block("packaging/README.md", "run: build").text.split("apt-get")[0], build)
    shell(f"rm -f '{build}'/deb/*.deb; {command}", cwd=source, timeout=1500)
    return {path.name.split("_")[0]: path for path in Path(build, "deb").glob("*.deb")}


def make_here():
    return make(ROOT, os.environ.get("VPN_SENTINEL_PACKAGES_BUILD", ROOT / "build/packages"))


def copy_sources(folder):
    """The sources as they lie here, without what was built."""
    shutil.copytree(ROOT, folder, symlinks=True, ignore=lambda where, names: {
        name for name in names if name in (".git", "__pycache__") or (name in ("build", "run") and Path(where) == ROOT)})
    return folder


def make_newer(folder):
    """Those of the next version, which brings other configurations."""
    source = copy_sources(folder / "source")
    lists = source / "CMakeLists.txt"
    text = lists.read_text(encoding="utf-8")
    major, minor, patch = re.search(r"VERSION (\d+)\.(\d+)\.(\d+) LANG", text).groups()
    newer = f"{major}.{minor}.{int(patch) + 1}"
    lists.write_text(text.replace(f"VERSION {major}.{minor}.{patch} LANG", f"VERSION {newer} LANG"), encoding="utf-8")
    for name in ("etc/server.yaml", "etc/client.yaml", "packaging/server.env"):
        with (source / name).open("a", encoding="utf-8") as file:
            file.write("# new\n")
    return newer, make(source, folder / "build")
