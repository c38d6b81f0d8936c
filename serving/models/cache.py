"""Verified bundles on disk, named by their content, and which of them was each endpoint's champion last.

::

    cache/<sha-256 of the manifest>/     a bundle folder
    cache/champions/<endpoint>.json      the last good champion, for a start without a registry

Nothing here is trusted: a cached bundle is verified again whenever it is read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from data_schemas.record import Record, canonical_json, digest
from features.files.whole import OWNER_ONLY, write_all


class Remembered(Record):
    """A champion as it was loaded last. `registry` is a digest, since a URI may hold a password."""

    registry: str
    version: int
    bundle: str


class Cache:
    """The folder of cached bundles; it is made when the first is stored."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bundle(self, manifest_digest: str) -> Path:
        """Return where the bundle with this manifest belongs; it need not be there."""
        return self.folder / manifest_digest.removeprefix("sha256:")

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Yield an empty folder to download to; what is left in it is removed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, folder: Path, manifest_digest: str) -> Path:
        """Move a verified bundle to its place and return that."""
        place = self.bundle(manifest_digest)
        try:
            folder.rename(place)
        except OSError:
            # Another process was quicker, or the one there failed its verification.
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
        return place

    def remember(self, endpoint: str, registry: str, version: int, manifest_digest: str) -> None:
        """Note the champion that was loaded, for a later start without the registry."""
        folder = self.folder / "champions"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = Remembered(registry=digest(registry.encode()), version=version, bundle=manifest_digest)
        write_all({folder / f"{endpoint}.json": canonical_json(note).decode()}, OWNER_ONLY)

    def remembered(self, endpoint: str, registry: str) -> Remembered | None:
        """Return the last good champion of an endpoint in this registry, or None."""
        try:
            note = Remembered.model_validate_json((self.folder / "champions" / f"{endpoint}.json").read_bytes())
        except (OSError, ValidationError):
            return None
        return note if note.registry == digest(registry.encode()) else None

    def endpoints(self) -> tuple[str, ...]:
        """Return the endpoints that once had a champion here."""
        return tuple(sorted(path.stem for path in (self.folder / "champions").glob("*.json")))
