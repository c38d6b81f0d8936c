"""A sealed folder: plain files, and a manifest with the SHA-256 of each.

Reading returns bytes, never parsed content: whoever parses them parses the very bytes that were hashed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from data_schemas.errors import ModelError
from data_schemas.record import Record, canonical_json, digest

MANIFEST = "manifest.json"

# The largest file that is read into memory; a real one is a few megabytes.
MAX_FILE_BYTES = 256 * 1024 * 1024


class Manifest(Record):
    """The names of a folder's files with the digest of each."""

    format_version: int
    files: dict[str, str]


@dataclass(frozen=True)
class Sealed:
    """The verified bytes of a folder's files; `digest` is that of the manifest, and so of the folder as a whole."""

    files: Mapping[str, bytes]
    digest: str


def damaged(folder: Path, what: str) -> ModelError:
    """Return the error of a folder that is not what was registered."""
    return ModelError("bundle_integrity", f"{folder}: {what}; register the model again, or restore the folder")


def write_sealed(folder: Path, files: Mapping[str, bytes], format_version: int) -> Manifest:
    """Write `files` and their manifest as a new folder: a reader sees all of them or none.

    Raises
    ------
    ModelError
        `output_exists` where `folder` exists.
    """
    if folder.exists() or folder.is_symlink():
        raise ModelError("output_exists", f"{folder} exists; a bundle is written once, to a new folder")
    manifest = Manifest(format_version=format_version, files={name: digest(data) for name, data in files.items()})
    folder.parent.mkdir(parents=True, exist_ok=True)
    working = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in {**files, MANIFEST: canonical_json(manifest)}.items():
            with (working / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        working.chmod(0o755)
        working.rename(folder)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return manifest


def read_sealed(folder: Path, required: frozenset[str], optional: frozenset[str]) -> Sealed:
    """Return the files of a folder, all of them hashed.

    Raises
    ------
    ModelError
        `bundle_integrity`: a file is missing, extra, a link, too large, or not the bytes that the manifest states.
    """
    present = _plain_files(folder)
    if MANIFEST not in present:
        raise damaged(folder, f"{MANIFEST} is missing")
    manifest_bytes = _read(folder, MANIFEST)
    stated = _parse_manifest(manifest_bytes, folder).files
    for name in sorted(required.union(stated)):
        if name not in stated or name not in present:
            raise damaged(folder, f"{name!r} is missing")
    foreign = present.union(stated) - required - optional - {MANIFEST}
    unnamed = present - set(stated) - {MANIFEST}
    for name in sorted(foreign | unnamed):
        raise damaged(folder, f"{name!r} does not belong to it")
    files = {}
    for name, expected in stated.items():
        files[name] = _read(folder, name)
        if digest(files[name]) != expected:
            raise damaged(folder, f"{name} is not the file that was registered")
    return Sealed(files=files, digest=digest(manifest_bytes))


def _plain_files(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            listing = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError as error:
        raise damaged(folder, f"the folder cannot be read ({error.strerror})") from None
    for name in sorted(name for name, plain in listing.items() if not plain):
        raise damaged(folder, f"{name!r} is not a plain file")
    return set(listing)


def _parse_manifest(data: bytes, folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError:
        raise damaged(folder, f"{MANIFEST} is not a manifest") from None
    # One spelling only, so that no changed byte of the manifest itself goes unnoticed.
    if canonical_json(manifest) != data:
        raise damaged(folder, f"{MANIFEST} was edited")
    return manifest


def _read(folder: Path, name: str) -> bytes:
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise damaged(folder, f"{name} cannot be read ({error.strerror})") from None
    if len(data) > MAX_FILE_BYTES:
        raise damaged(folder, f"{name} is larger than any model's")
    return data
