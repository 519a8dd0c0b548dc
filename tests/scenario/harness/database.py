"""What a server left behind in its SQLite file, read from a copy so that the original is untouched."""

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

# Tables, as core/server/unit.h numbers them.
(CLIENTS, INCIDENTS, TRANSITIONS, OUTBOX, TOLD, STATE, ASIDE, OUTCOMES, PLACES, SILENCES, HELD, ACKS, GROUPS,
 REMINDERS) = range(1, 15)


class Database:
    def __init__(self, path):
        with tempfile.TemporaryDirectory() as folder:
            for file in Path(path).parent.glob(f"{Path(path).name}*"):
                if file.name in (Path(path).name, f"{Path(path).name}-wal"):
                    shutil.copy(file, folder)
            with closing(sqlite3.connect(Path(folder) / Path(path).name)) as base:
                self.integrity = base.execute("PRAGMA integrity_check").fetchone()[0]
                self.records = base.execute("SELECT tab, key, value FROM records ORDER BY tab, key").fetchall()

    def table(self, number):
        """{key: value} as bytes"""
        return {key: value for tab, key, value in self.records if tab == number}

    def transitions(self, client):
        """["connected notice", "bypass opened", ...] of a client, in order"""
        found = [json.loads(value) for key, value in self.table(TRANSITIONS).items()
                 if key.startswith(client.encode() + b"\0")]
        return [f"{one['kind']} {one['transition']}" for one in found]
