"""`backup` of a running server, `restore` of a stopped one, and what both refuse."""

import os
import shutil
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from harness.keepalive import call, encode, flat, key_headers
from harness.places import OTHER_VPN, VPN
from harness.program import binary, clean_environment, run
from harness.telegram import RESTARTING
from harness.wait import until


class Place:
    """A server with a database, and the two commands as somebody types them beside it."""

    def __init__(self, lab, name="server", **more):
        self.lab = lab
        self.folder = lab.folder / name
        self.database = self.folder / "sentinel.db"
        more.setdefault("store", {"plugin": "sqlite", "options": {"path": "sentinel.db"}})
        self.server = lab.server(name=name, **more)

    def start(self):
        self.server.start()
        return self

    def report(self, client_id, place=VPN, dns="RO"):
        reply = self.server.post(encode(flat(client_id, place, dns)))
        assert reply.status == 200, reply
        return reply.json()

    def backup(self, file, *options, **more):
        return run("backup", *options, file, environment={"VPN_SENTINEL_STATE_DIR": self.folder}, **more)

    def restore(self, file):
        return run("restore", "-c", self.server.write(), file)

    def known(self):
        """What the server tells about its clients but for the times that a restart changes."""
        return {name: (record["verdict"], record["public_ip"]) for name, record in self.server.status().items()}

    def incidents(self):
        return {(i["client"], i["kind"]) for i in self.server.get("/incidents").json()}

    def leftovers(self):
        """Files that no restore and no backup may leave behind."""
        return [f.name for f in self.folder.iterdir() if ".restoring" in f.name or ".part-" in f.name]


@pytest.fixture
def place(lab):
    return Place(lab).start()


@pytest.fixture
def stopped(place):
    """A stopped server that knew office-vpn at the backup, and later-vpn besides afterwards."""
    place.report("office-vpn")
    place.file = place.lab.folder / "copy.db"
    assert place.backup(place.file).returncode == 0
    place.report("later-vpn")
    place.server.stop()
    place.before = place.database.read_bytes()
    return place


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(b"x" * 4096):
                pass
        except OSError:
            pass


@pytest.fixture
def small_disk(tmp_path):
    """A disk without space."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", small], capture_output=True, text=True,
                             check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    fill(small)
    yield small
    subprocess.run(["umount", "-l", small], check=True)


def sound(file):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("PRAGMA application_id").fetchone() == (0x56504E53,)
        return base.execute("SELECT count(*) FROM records WHERE tab = 1").fetchone()[0]


def nothing_changed(place, done, *words):
    """The refusal has its sentence, and the database is what it was."""
    assert done.returncode == 1 and done.stdout == "", done
    for word in words:
        assert word in done.stderr, done.stderr
    assert place.database.read_bytes() == place.before
    assert place.leftovers() == [] and not list(place.folder.glob("*.before-restore-*"))


# -- backup


def test_a_backup_is_one_file_for_its_owner_alone_and_sound(place):
    place.report("office-vpn")
    file = place.lab.folder / "copy.db"
    done = place.backup(file)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}: {file.stat().st_size} bytes\n", "")
    assert file.stat().st_mode & 0o777 == 0o600 and sound(file) == 1
    assert not list(place.lab.folder.glob("copy.db?*"))


def test_a_relative_name_starts_where_the_command_was_typed(place):
    here = place.lab.folder / "here"
    here.mkdir()
    done = subprocess.run([binary(), "backup", "copy.db"], cwd=here, capture_output=True, text=True, timeout=30, check=False,
                          env=clean_environment({"VPN_SENTINEL_STATE_DIR": place.folder}))
    assert done.returncode == 0, done
    assert sound(here / "copy.db") == 0


def test_backups_are_consistent_while_keepalives_flow(place):
    stop = threading.Event()
    refused = []

    def report(number):
        count = 0
        while not stop.is_set():
            reply = place.server.post(encode(flat(f"fleet-{number}-{count}", VPN, "RO")))
            if reply.status != 200 or not reply.json()["durable"]:
                refused.append(reply)
            count += 1

    reporters = [threading.Thread(target=report, args=(number,)) for number in range(3)]
    for reporter in reporters:
        reporter.start()
    counts = []
    try:
        for number in range(6):
            known = len(place.server.status())
            file = place.lab.folder / f"copy-{number}.db"
            done = place.backup(file)
            assert done.returncode == 0, done
            counts.append(sound(file))
            assert known <= counts[-1] <= len(place.server.status())
    finally:
        stop.set()
        for reporter in reporters:
            reporter.join()
    assert refused == [] and counts == sorted(counts) and counts[0] < counts[-1]


def test_a_backup_never_replaces_a_file(place):
    file = place.lab.folder / "precious"
    file.write_text("precious")
    done = place.backup(file)
    assert done.returncode == 1 and "exists" in done.stderr and "another name" in done.stderr
    assert file.read_text() == "precious"


def test_a_backup_to_a_full_disk_leaves_nothing_and_the_server_well(place, small_disk):
    done = place.backup(place.lab.folder / "absent" / "copy.db")
    assert done.returncode == 1 and "make the folder first" in done.stderr
    done = place.backup(small_disk / "copy.db")
    assert done.returncode == 1 and "full" in done.stderr, done.stderr
    assert list(small_disk.iterdir()) == [small_disk / "filler"]
    place.report("still-here")
    assert place.server.get("/health").json()["status"] == "healthy"


def test_the_store_memory_cannot_be_backed_up(lab):
    place = Place(lab, store={"plugin": "memory"}).start()
    done = place.backup(lab.folder / "copy.db")
    assert done.returncode == 1 and "cannot make backups" in done.stderr
    assert not (lab.folder / "copy.db").exists()


def test_without_a_server_a_backup_says_what_else_is_safe(lab):
    done = Place(lab).backup(lab.folder / "copy.db")
    assert done.returncode == 1 and "no server answers at" in done.stderr
    assert "VPN_SENTINEL_STATE_DIR" in done.stderr and "-wal" in done.stderr


def test_over_the_network_not_even_an_admin_makes_a_backup(lab):
    admin = {"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key, "roles": "admin"}}
    place = Place(lab, auth=[admin]).start()
    file = lab.folder / "copy.db"
    reply = call(f"{place.server.url}/api/v1/backup", "POST", encode({"file": str(file)}), key_headers(lab.key))
    assert reply.status == 403 and not file.exists()


def test_another_user_is_refused(place):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for folder in (place.lab.folder, *place.lab.folder.parents):
        if folder == Path("/tmp") or folder == Path("/"):
            break
        folder.chmod(folder.stat().st_mode | 0o055)
    place.folder.chmod(0o755)
    (place.folder / "server.sock").chmod(0o777)
    done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", binary(), "backup", "/tmp/never.db"], text=True,
                          env=clean_environment({"VPN_SENTINEL_STATE_DIR": place.folder}), capture_output=True, timeout=30,
                          check=False)
    if "setpriv" in done.stderr or done.returncode in (126, 127):
        pytest.skip(f"the program cannot be run as another user here: {done.stderr.strip()}")
    assert done.returncode == 1 and "root and its own user only" in done.stderr, done
    assert not Path("/tmp/never.db").exists()


# -- restore


def test_a_restore_brings_clients_incidents_and_waiting_messages_of_the_backup_back(lab):
    telegram = lab.telegram()
    telegram.always(RESTARTING)
    place = Place(lab, monitor={"interval": "1h", "grace": "1h", "lost_after": "9h"},
                  notifiers=[lab.notifier(telegram)]).start()
    place.report("office-vpn")
    until(lambda: place.report("leaky-vpn", dns="CH") and place.incidents(), "an incident")
    known, incidents = place.known(), place.incidents()
    assert known["leaky-vpn"][0] == "leak" and len(incidents) == 1
    file = lab.folder / "copy.db"
    assert place.backup(file).returncode == 0

    until(lambda: place.report("leaky-vpn") and not place.incidents(), "its end")
    place.report("office-vpn", OTHER_VPN, "CH")
    place.report("later-vpn")
    place.server.stop()
    done = place.restore(file)
    assert done.returncode == 0 and done.stderr == "", done
    assert f"{place.database}: restored from {file}: 2 clients, " in done.stdout
    (kept,) = place.folder.glob("sentinel.db.before-restore-*")
    assert f"what was there before: {kept}\n" in done.stdout and sound(kept) == 3
    assert place.leftovers() == []

    telegram.always(None)
    place.start()
    assert (place.known(), place.incidents()) == (known, incidents)
    telegram.wait_for("leaky-vpn")
    telegram.wait_for("office-vpn")
    assert telegram.matching("later-vpn") == [] and telegram.matching("is over|[Rr]ecovered") == []


def test_a_restore_also_begins_a_database_where_there_is_none(stopped):
    for file in stopped.folder.glob("sentinel.db*"):
        file.unlink()
    done = stopped.restore(stopped.file)
    assert done.returncode == 0 and "1 client, " in done.stdout and "before" not in done.stdout, done
    assert stopped.start().known().keys() == {"office-vpn"}


def test_the_log_of_a_killed_server_is_kept_with_its_database(place):
    place.report("office-vpn")
    file = place.lab.folder / "copy.db"
    assert place.backup(file).returncode == 0
    place.report("later-vpn")
    place.server.kill()
    assert (place.folder / "sentinel.db-wal").stat().st_size > 0
    assert place.restore(file).returncode == 0
    (kept,) = place.folder.glob("sentinel.db.before-restore-*Z")
    assert kept.with_name(f"{kept.name}-wal").stat().st_size > 0
    assert not (place.folder / "sentinel.db-wal").exists()
    assert sound(kept) == 2 and place.start().known().keys() == {"office-vpn"}


def test_a_copy_that_was_made_by_hand_is_restored_with_its_log(place):
    place.report("office-vpn")
    place.server.kill()
    for suffix in ("", "-wal"):
        shutil.copy(f"{place.database}{suffix}", f"{place.lab.folder}/copy.db{suffix}")
    for file in place.folder.glob("sentinel.db*"):
        file.unlink()
    done = place.restore(place.lab.folder / "copy.db")
    assert done.returncode == 0 and "1 client, " in done.stdout, done
    assert place.start().known().keys() == {"office-vpn"}


def test_two_restores_in_one_second_keep_both_databases(stopped):
    assert stopped.restore(stopped.file).returncode == 0
    assert stopped.restore(stopped.file).returncode == 0
    assert len(list(stopped.folder.glob("sentinel.db.before-restore-*"))) == 2


def test_what_a_killed_restore_left_behind_does_no_harm(stopped):
    (stopped.folder / "sentinel.db.restoring").mkdir()
    (stopped.folder / "sentinel.db.restoring" / "sentinel.db").write_text("half")
    assert stopped.restore(stopped.file).returncode == 0
    assert stopped.leftovers() == []


def test_the_rest_of_the_configuration_need_not_be_complete(stopped):
    """The key of a server is often in its own environment only."""
    stopped.server.config["auth"][0]["options"]["keys"] = "${VPN_SENTINEL_API_KEY}"
    done = stopped.restore(stopped.file)
    assert done.returncode == 0 and done.stderr == "", done


def test_a_running_server_is_not_restored_under_its_feet(place):
    place.report("office-vpn")
    file = place.lab.folder / "copy.db"
    assert place.backup(file).returncode == 0
    done = place.restore(file)
    assert done.returncode == 1 and "a server runs at" in done.stderr and "stop it first" in done.stderr
    (place.folder / "server.sock").unlink()
    done = place.restore(file)
    assert done.returncode == 1 and "in use by a server (process " in done.stderr and "stop it first" in done.stderr
    assert not list(place.folder.glob("*.before-restore-*")) and place.leftovers() == []
    assert place.known().keys() == {"office-vpn"}


def test_the_database_of_a_running_server_is_no_backup(stopped, lab):
    other = Place(lab, "other").start()
    nothing_changed(stopped, stopped.restore(other.database), "in use by a server", "vpn-sentinel backup")
    nothing_changed(stopped, stopped.restore(stopped.database), "the server's database itself")


def test_foreign_and_missing_files_are_refused(stopped):
    folder = stopped.lab.folder
    (folder / "text").write_text("a text" * 100)
    (folder / "empty").touch()
    with sqlite3.connect(folder / "foreign.db") as base:
        base.execute("CREATE TABLE records(tab, key, value)")
    nothing_changed(stopped, stopped.restore(folder / "text"), "is no database")
    nothing_changed(stopped, stopped.restore(folder / "empty"), "is no database")
    nothing_changed(stopped, stopped.restore(folder), "is no database")
    nothing_changed(stopped, stopped.restore(folder / "foreign.db"), "of another program")
    nothing_changed(stopped, stopped.restore(folder / "absent.db"), "No such file")
    with sqlite3.connect(stopped.file) as base:
        base.execute("PRAGMA user_version = 9999")
    nothing_changed(stopped, stopped.restore(stopped.file), "newer VPN Sentinel")


def test_a_damaged_backup_is_refused(stopped):
    whole = stopped.file.read_bytes()
    stopped.file.write_bytes(whole[:4096] + b"\x5a" * 4096 + whole[8192:])
    nothing_changed(stopped, stopped.restore(stopped.file), "copy.db cannot be used", "damaged")
    stopped.file.write_bytes(whole[:-4096])
    nothing_changed(stopped, stopped.restore(stopped.file), "copy.db cannot be used", "damaged")


def test_a_restore_onto_a_full_disk_changes_nothing(stopped, small_disk):
    stopped.server.config["store"]["options"]["path"] = str(small_disk / "sentinel.db")
    (small_disk / "filler").unlink()
    shutil.copy(stopped.database, small_disk)
    fill(small_disk)
    stopped.database = small_disk / "sentinel.db"
    stopped.folder = small_disk
    nothing_changed(stopped, stopped.restore(stopped.file), "No space left")


def test_only_a_database_can_be_restored(stopped):
    stopped.server.config["store"] = {"plugin": "memory"}
    nothing_changed(stopped, stopped.restore(stopped.file), "memory, which keeps nothing", "plugin: sqlite")
    stopped.server.config["store"] = {"plugin": "postgres"}
    nothing_changed(stopped, stopped.restore(stopped.file), "postgres", "only a database of the store sqlite")


def test_a_restore_by_root_belongs_to_the_user_of_the_server(stopped):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for file in stopped.folder.glob("sentinel.db*"):
        file.unlink()
    os.chown(stopped.folder, 65534, 65534)
    assert stopped.restore(stopped.file).returncode == 0
    assert {f.name: f.stat().st_uid for f in stopped.folder.glob("sentinel.db*")} == {
        "sentinel.db": 65534, "sentinel.db.lock": 65534}
    os.chown(stopped.folder, 0, 0)
