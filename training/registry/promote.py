"""A registered version becomes the champion that is served: one at a time, never silently over another's decision."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from data_schemas.errors import ModelError
from data_schemas.model.project import CHAMPION, home, model_name, sqlite_file, tracking_uri
from training.registry.lock import registry_lock
from training.registry.tracking import Tracking, open_tracking


def promote(
    endpoint_id: str, version: int, *, expected: int | None = None, reason: str = "", new_definition: bool = False
) -> int | None:
    """Make a version champion: lock, compare, set, read back, note. Return the version that was champion before.

    Parameters
    ----------
    expected
        The champion that the decision was made against, 0 for none; refused if it is another by now.
    new_definition
        Accepts that the version answers another definition of the endpoint than the champion does.

    Raises
    ------
    ModelError
        `unknown_version` with the known ones, `alias_changed`, `other_definition`, `busy`, `model_unavailable` where
        nothing is registered.
    """
    name, uri = model_name(endpoint_id), tracking_uri()
    file = sqlite_file(uri)
    if file is not None and not file.is_file():
        raise ModelError("model_unavailable", f"there is no registry at {file}; `esr train {endpoint_id}` makes one")
    with open_tracking(uri) as tracking, registry_lock(home()):
        known = tracking.versions(name)
        if not known:
            raise ModelError("model_unavailable", f"{name} has no version; `esr train {endpoint_id}` registers one")
        if version not in known:
            listed = ", ".join(map(str, known))
            raise ModelError("unknown_version", f"{name} has no version {version}; there are: {listed}")
        before = tracking.alias(name, CHAMPION)
        if expected is not None and (before or 0) != expected:
            now = f"version {before}" if before else "none"
            raise ModelError("alias_changed", f"the champion of {endpoint_id} is {now} by now; look again")
        if before is not None and not new_definition:
            _refuse_other_definition(tracking, name, before, version)
        tracking.set_alias(name, CHAMPION, version)
        if tracking.alias(name, CHAMPION) != version:
            raise ModelError("alias_changed", f"the champion of {endpoint_id} changed while it was set; look again")
        _note_promotion(endpoint_id, before, version, reason)
        return before


def _refuse_other_definition(tracking: Tracking, name: str, champion: int, version: int) -> None:
    """Refuse a version that answers another question than the champion."""
    if tracking.definition(name, version) != tracking.definition(name, champion):
        raise ModelError(
            "other_definition",
            f"{name} version {version} was trained for another definition of the endpoint than the champion, version "
            f"{champion}; promote it with --new-definition if the endpoint was meant to change, or train under another "
            f"id (the name of your endpoint's file)",
        )


def _note_promotion(endpoint_id: str, before: int | None, version: int, reason: str) -> None:
    """Append to the project's record of promotions, which is never rewritten."""
    note = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "endpoint": endpoint_id,
        "from": before,
        "to": version,
        "reason": reason,
    }
    handle = os.open(home() / "promotions.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a") as file:
        file.write(json.dumps(note, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
