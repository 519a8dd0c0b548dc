"""debian:bookworm-slim, made here by debootstrap from the machine's own apt sources."""

import re
import shutil
import subprocess
from pathlib import Path

IMAGE = "debian:bookworm-slim"
LIMIT = 300  # seconds
SETTINGS = re.compile(r"^Acquire::(?!IndexTargets|Changelogs|CompressionTypes|cdrom)", re.M)
# What the published image leaves out, too: services, documentation, archives.
DPKG = "\n".join(["force-unsafe-io", *(f"path-exclude /usr/share/{name}/*" for name in ("doc", "info", "man", "locale")),
                  "path-include /usr/share/doc/*/copyright", ""])
APT = ('DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };\n'
       'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n')


def output(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout


def sources():
    """The machine's sources of bookworm from Debian: (site, release, component)."""
    found = output("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
                   "Created-By: Packages", "Origin: Debian")
    return sorted({tuple(line.split()) for line in found.splitlines() if "bookworm" in line})


def proxy():
    found = re.search(r'^Acquire::http::Proxy "(.+)";', output("apt-config", "dump"), re.M)
    return {"http_proxy": found[1], "https_proxy": found[1]} if found else {}


def lay_out(root):
    known = sources()
    if not known:
        subprocess.run(["apt-get", "update", "-q"], check=True, timeout=LIMIT, capture_output=True)
        known = sources()
    sites = [site for site, release, _component in known if release == "bookworm"]
    assert sites, "apt has no source of bookworm on this machine"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(root), sites[0]], check=True, timeout=LIMIT,
                   stdin=subprocess.DEVNULL, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **proxy()})
    lines = [f"deb {' '.join(source)}\n" for source in known]
    (root / "etc/apt/sources.list").write_text("".join(lines), encoding="utf-8")
    settings = [line for line in output("apt-config", "dump").splitlines(True) if SETTINGS.match(line)]
    (root / "etc/apt/apt.conf.d/90machine").write_text("".join(settings), encoding="utf-8")
    if "https://" in "".join(lines + settings):
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs")


def thin_out(root):
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(DPKG, encoding="utf-8")
    (root / "etc/apt/apt.conf.d/docker-clean").write_text(APT, encoding="utf-8")
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    for name in ("man", "info", "locale", "lintian"):
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
    for file in (root / "usr/share/doc").rglob("*"):
        if file.is_file() and not file.is_symlink() and file.name != "copyright":
            file.unlink()
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives"):
        for file in (root / folder).glob("*"):
            if file.is_file():
                file.unlink()
    for name in ("etc/hostname", "etc/resolv.conf", "var/log/bootstrap.log", "var/log/dpkg.log"):
        (root / name).unlink(missing_ok=True)


def bring(engine, folder):
    """Makes the image, unless the engine has it."""
    if engine.docker("image", "inspect", IMAGE, check=False).returncode == 0:
        return
    root = Path(folder) / "debian"
    try:
        lay_out(root)
        thin_out(root)
        packer = subprocess.Popen(["tar", "-C", str(root), "--numeric-owner", "--one-file-system", "--exclude=./dev/*",
                                   "-c", "."], stdout=subprocess.PIPE)
        subprocess.run([engine.client, "import", "--change", 'CMD ["bash"]', "-", IMAGE], stdin=packer.stdout, check=True,
                       env=engine.environment, capture_output=True, timeout=LIMIT)
        assert packer.wait() == 0
    finally:
        shutil.rmtree(root, ignore_errors=True)
