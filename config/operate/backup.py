"""
A backup: one file with the database, the customers' files and the secrets of the data directory.

Made while everything runs: the database is read at one moment (SQLite's own backup; one snapshot on PostgreSQL), the
files after it, so every row finds its file. ``manifest.json`` names every part with its digest and the migrations that
had been made; ``restore`` makes those tables, fills them, and migrates on to the running version.

The format, a gzipped tar: ``manifest.json``, ``database/…`` (``flowdesk.sqlite3``, or a ``.copy`` a table),
``files/…`` (the data directory) and ``media/…`` (where media are kept elsewhere). A restore puts media where this
installation keeps them, wherever they were.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import call_command
from django.db import connection, transaction

from common import clock
from config.operate import heartbeat

FORMAT = 1
MANIFEST = "manifest.json"
# Where media lie in the data directory, for an installation without a bucket.
MEDIA = "media"
SQLITE = "database/flowdesk.sqlite3"
# Of the data directory: what is the database's, or of this one run.
_NOT_FILES = ("flowdesk.sqlite3", "serve.lock", ".probe.")
# What ran at the time says nothing of the time after.
_NOT_TABLES = frozenset({"common_serverprocess"})
CHUNK = 1024 * 1024


class BackupRefused(Exception):
    """The backup or the restore cannot be made; the text says why and what to do."""


def back_up(path: Path, *, now: datetime) -> dict[str, Any]:
    """
    Write a backup to ``path``, readable by its owner only, and return its manifest.

    The file has its name only when it is whole.

    :raises BackupRefused: it exists, or the bucket of the media cannot be read.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists; nothing is overwritten")
    part = path.with_name(path.name + ".part")
    with tempfile.TemporaryDirectory(prefix=".flowdesk-backup-", dir=path.parent) as directory:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            members: dict[str, dict[str, Any]] = {}
            more = _add_database(tar, members, Path(directory))
            for name, content in _files():
                _add(tar, members, f"files/{name}", content)
            with _reaching_media():
                for name, content in _media():
                    _add(tar, members, f"media/{name}", content)
            manifest = {
                "format": FORMAT,
                "made_at": clock.to_iso(now),
                "vendor": connection.vendor,
                "installation": heartbeat.installation(),
                **more,
                "members": members,
            }
            _add(tar, {}, MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            tar.close()
            raw.flush()
            os.fsync(raw.fileno())
    os.replace(part, path)
    return manifest


def restore(path: Path, *, replace: bool, now: datetime) -> dict[str, Any]:
    """
    Put a backup in the place of this installation's data, and migrate it to this version; returns the manifest.

    ``replace``: data that are there are lost. Nothing is touched before the whole file was read and found good.

    :raises BackupRefused: the file is damaged or of another kind of database, a server runs, or there are data.
    """
    with tempfile.TemporaryDirectory(prefix=".flowdesk-restore-", dir=settings.DATA_DIR) as name:
        directory = Path(name)
        manifest = _unpack(path, directory)
        if manifest["vendor"] != connection.vendor:
            raise BackupRefused(f"the backup is of {manifest['vendor']}, and DATABASE_URL names {connection.vendor}")
        _refuse_newer(manifest)
        _refuse_running(now)
        if not replace and _has_data():
            raise BackupRefused("there are data here already; --replace puts the backup in their place")
        # First what may fail for reasons of others; a file that no row names does no harm.
        _restore_bucket(directory)
        if connection.vendor == "sqlite":
            _restore_sqlite(directory)
        else:
            _restore_postgres(directory, manifest)
        _restore_files(directory)
    call_command("migrate", verbosity=0)
    return manifest


# Writing


def _add(tar: tarfile.TarFile, members: dict[str, dict[str, Any]], name: str, content: bytes | Path) -> None:
    """Add a member and its digest. A file that grows while it is read is kept as long as it was."""
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    if isinstance(content, bytes):
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        members[name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return
    with content.open("rb") as source:
        info.size = os.fstat(source.fileno()).st_size
        reader = _Digesting(source)
        tar.addfile(info, reader)  # type: ignore[arg-type]
        members[name] = {"size": info.size, "sha256": reader.digest.hexdigest()}


class _Digesting:
    """A file that remembers the digest of what was read of it."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found: bytes = self._source.read(size)
        self.digest.update(found)
        return found


def _add_database(tar: tarfile.TarFile, members: dict[str, dict[str, Any]], directory: Path) -> dict[str, Any]:
    if connection.vendor == "sqlite":
        copy = directory / "copy.sqlite3"
        source = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=60)
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
            for table in _NOT_TABLES & {name for (name,) in target.execute("SELECT name FROM sqlite_master")}:
                target.execute(f"DELETE FROM {table}")  # noqa: S608 (a name of ours)
            target.commit()
            migrations = target.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        finally:
            target.close()
            source.close()
        _add(tar, members, SQLITE, copy)
        return {"migrations": [list(row) for row in migrations]}
    return _add_postgres(tar, members, directory)


def _add_postgres(tar: tarfile.TarFile, members: dict[str, dict[str, Any]], directory: Path) -> dict[str, Any]:
    connection.ensure_connection()
    tables: dict[str, list[str]] = {}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # One moment for all tables, whoever writes meanwhile.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        migrations = [list(row) for row in cursor.fetchall()]
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
        sequences = dict(cursor.fetchall())
        for table in sorted(connection.introspection.table_names(cursor)):
            tables[table] = _columns(cursor, table)
            if table in _NOT_TABLES:
                continue
            names = ", ".join(f'"{column}"' for column in tables[table])
            copy = directory / "table.copy"
            raw = connection.connection.cursor()
            # A SELECT reads a partitioned table, too.
            with copy.open("wb") as target, raw.copy(f'COPY (SELECT {names} FROM "{table}") TO STDOUT') as rows:  # noqa: S608
                for block in rows:
                    target.write(block)
            _add(tar, members, f"database/{table}.copy", copy)
    return {"migrations": migrations, "tables": tables, "sequences": sequences}


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def _files() -> Iterator[tuple[str, Path]]:
    """Yield what lies in the data directory beside the database; what is gone by then was deleted, and is left out."""
    root = Path(settings.DATA_DIR)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if (
            path.is_file()
            and not path.is_symlink()
            and not name.startswith(_NOT_FILES)
            and "/.flowdesk-" not in f"/{name}"
        ):
            yield name, path


def _media() -> Iterator[tuple[str, bytes]]:
    """Yield media that are kept elsewhere, such as in S3; those of the data directory are among its files."""
    storage = storages["media"]
    if isinstance(storage, FileSystemStorage):
        return
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        folders, names = storage.listdir(folder)
        waiting += [f"{folder}{name}/" for name in folders if name]
        for name in filter(None, names):
            try:
                with storage.open(folder + name) as found:
                    content = found.read()
            except FileNotFoundError:
                # Deleted since it was listed.
                continue
            yield folder + name, content


@contextmanager
def _reaching_media() -> Iterator[None]:
    """:raises BackupRefused: what keeps the media elsewhere does not answer, or not to these keys."""
    if isinstance(storages["media"], FileSystemStorage):
        yield
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise BackupRefused(f"the bucket of the media cannot be used: {error}") from error


# Reading


def _unpack(path: Path, directory: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            tar.extractall(directory, filter="data")
        manifest: dict[str, Any] = orjson.loads((directory / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise BackupRefused(f"{path} is not there, or is no backup of Flowdesk") from error
    except (tarfile.TarError, OSError, EOFError, orjson.JSONDecodeError) as error:
        raise BackupRefused(f"{path} is damaged or no backup of Flowdesk: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"{path} has the format {manifest.get('format')}; this version reads {FORMAT}")
    for name, told in manifest["members"].items():
        found = directory / name
        if not found.is_file() or _digest(found) != told["sha256"]:
            raise BackupRefused(f"{path} is damaged: {name} is not what was written")
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _refuse_newer(manifest: dict[str, Any]) -> None:
    from django.db.migrations.loader import MigrationLoader

    known = set(MigrationLoader(None).disk_migrations)
    unknown = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known]
    if unknown:
        raise BackupRefused(f"the backup was made by a newer version, which knows {unknown[0]}; update Flowdesk first")


def _refuse_running(now: datetime) -> None:
    if "common_serverprocess" in connection.introspection.table_names():
        running = heartbeat.alive(now)
        if running:
            hosts = ", ".join(f"{row.parts} on {row.host}" for row in running)
            raise BackupRefused(
                f"Flowdesk runs on this database ({hosts}); stop it first. One that was killed is forgotten"
                f" {heartbeat.ALIVE_SECONDS} s after its last heartbeat"
            )


def _has_data() -> bool:
    if "accounts_account" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_account LIMIT 1")
        return cursor.fetchone() is not None


def _restore_sqlite(directory: Path) -> None:
    copy = directory / SQLITE
    probe = sqlite3.connect(copy)
    try:
        (verdict,) = probe.execute("PRAGMA integrity_check").fetchone()
    finally:
        probe.close()
    if verdict != "ok":
        raise BackupRefused(f"the database in the backup is damaged: {verdict}")
    target = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    os.replace(copy, target)


def _restore_postgres(directory: Path, manifest: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP SEQUENCE IF EXISTS "{name}" CASCADE')
    # The tables as they were then: rows are filled into no others.
    for app, name in _leaves(manifest["migrations"]):
        call_command("migrate", app, name, verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        there = sorted(manifest["tables"])
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in there) + " CASCADE")
        for table in there:
            _fill(directory / f"database/{table}.copy", table, manifest["tables"][table])
        for name, value in manifest["sequences"].items():
            if value is not None:
                cursor.execute("SELECT setval(%s, %s)", [f'"{name}"', value])


def _fill(path: Path, table: str, columns: list[str]) -> None:
    if not path.exists():
        return
    names = ", ".join(f'"{column}"' for column in columns)
    raw = connection.connection.cursor()
    with path.open("rb") as source, raw.copy(f'COPY "{table}" ({names}) FROM STDIN') as rows:
        while block := source.read(CHUNK):
            rows.write(block)


def _leaves(migrations: list[list[str]]) -> list[tuple[str, str]]:
    """Return the last migration of each application among those that had been made."""
    from django.db.migrations.loader import MigrationLoader

    made = {(app, name) for app, name in migrations}
    graph = MigrationLoader(None).graph
    return [
        key
        for key in sorted(made)
        if key in graph.nodes
        and not any(child.key in made and child.key[0] == key[0] for child in graph.node_map[key].children)
    ]


def _restore_bucket(directory: Path) -> None:
    """Put media from or for a bucket where this installation keeps them, and away from the files."""
    storage = storages["media"]
    folders = [directory / "media"]
    if not isinstance(storage, FileSystemStorage):
        folders.append(directory / "files" / MEDIA)
    with _reaching_media():
        for folder in folders:
            for found in sorted(folder.rglob("*")):
                if not found.is_file():
                    continue
                name = found.relative_to(folder).as_posix()
                with found.open("rb") as source:
                    if storage.exists(name):
                        storage.delete(name)
                    storage.save(name, source)
                found.unlink()


def _restore_files(directory: Path) -> None:
    root = Path(settings.DATA_DIR)
    for found in sorted((directory / "files").rglob("*")):
        if found.is_file():
            target = root / found.relative_to(directory / "files")
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(found, target)
            target.chmod(0o600)
