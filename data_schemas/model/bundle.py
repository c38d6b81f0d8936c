"""A model's bundle: the folder that is registered, downloaded, verified and served.

::

    manifest.json      format version and the SHA-256 of every other file
    scorecard.json     the model, its clinical-only twin inside
    replicates.npy     bootstrap replicates, float64 (B, 1 + n_values); absent for a model without an interval
    model_card.json    what was trained on whom, how well it does
    endpoint.json      the endpoint's full definition, a user's own included
    cohort.json        the cohort's full manifest, a user's own included
    golden.json        synthetic rows and the answers that the model must reproduce

Reading checks first and parses second: every byte is hashed against the manifest before any parser sees it. Nothing in
a bundle is code.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import ValidationError

from data_schemas.arrays import Floats
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Endpoint, differing_keys
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import ModelError
from data_schemas.model.card import ModelCard
from data_schemas.model.golden import Golden
from data_schemas.model.panel import CURE, later_mutations
from data_schemas.model.scorecard import FORMAT_VERSION, Scorecard
from data_schemas.model.sealed import damaged, read_sealed, write_sealed
from data_schemas.record import Record, canonical_json, digest

REPLICATES = "replicates.npy"
DOCUMENTS = ("scorecard.json", "model_card.json", "endpoint.json", "cohort.json", "golden.json")

Document = TypeVar("Document", bound=Record)


@dataclass(frozen=True, eq=False, repr=False)
class Bundle:
    """A verified bundle. `digest` is that of the scorecard, `manifest_digest` that of the folder as a whole.

    `replicates` is (B, 1 + cells), read-only: calibrated log-odds, the intercept and each of the `scorecard.n_values`.
    `catalogue` is the one that the model was held against, as the model knows it: mutations that its own panel did not
    have are later.
    """

    scorecard: Scorecard
    replicates: Floats | None
    card: ModelCard
    endpoint: Endpoint
    cohort: Cohort
    golden: Golden
    digest: str
    manifest_digest: str
    folder: Path
    catalogue: Catalogue


def replicates_digest(replicates: Floats) -> str:
    """Return the digest that ties replicates (B, 1 + cells) to their scorecard: of little-endian float64, by row."""
    return digest(np.ascontiguousarray(replicates, dtype="<f8").tobytes())


# A bundle has as many documents.
def write_bundle(  # noqa: PLR0913
    folder: Path,
    *,
    scorecard: Scorecard,
    replicates: Floats | None,
    card: ModelCard,
    endpoint: Endpoint,
    cohort: Cohort,
    golden: Golden,
) -> str:
    """Write a bundle, `replicates` (B, 1 + cells), as a new folder, whole or not at all; return the scorecard's digest.

    Raises
    ------
    ModelError
        `output_exists` where `folder` exists; `bundle_integrity` where the parts are not of one model.
    """
    documents: tuple[Record, ...] = (scorecard, card, endpoint, cohort, golden)
    files = {name: canonical_json(document) for name, document in zip(DOCUMENTS, documents, strict=True)}
    if replicates is not None:
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(replicates, dtype="<f8"), allow_pickle=False)
        files[REPLICATES] = buffer.getvalue()
    _refuse_mixture(folder, scorecard, card, endpoint, cohort, golden)
    _replicates(files, scorecard, folder)
    write_sealed(folder, files, FORMAT_VERSION)
    return digest(files["scorecard.json"])


def read_bundle(folder: Path, catalogue: Catalogue | None = None) -> Bundle:
    """Verify a bundle folder, then parse it.

    Parameters
    ----------
    catalogue
        What the model's rows are held against, by default the catalogue of this software.

    Raises
    ------
    ModelError
        `bundle_integrity`: a file is missing, extra, a link, or not the bytes that the manifest states.
        `schema_incompatible`: intact, but of another format version, or trained with other rows of the panel than the
        catalogue's, or for another question than the catalogue's endpoint of the same id.
    """
    known = load_catalogue() if catalogue is None else catalogue
    sealed = read_sealed(folder, required=frozenset(DOCUMENTS), optional=frozenset({REPLICATES}))
    files = sealed.files
    _check_format(files["scorecard.json"], folder)
    scorecard = _parse(Scorecard, files, "scorecard.json", folder)
    card = _parse(ModelCard, files, "model_card.json", folder)
    endpoint = _parse(Endpoint, files, "endpoint.json", folder)
    later = later_mutations(scorecard, endpoint, known, folder)
    _check_definition(endpoint, known, folder)
    cohort = _parse(Cohort, files, "cohort.json", folder)
    golden = _parse(Golden, files, "golden.json", folder)
    _refuse_mixture(folder, scorecard, card, endpoint, cohort, golden)
    return Bundle(
        scorecard=scorecard,
        replicates=_replicates(files, scorecard, folder),
        card=card,
        endpoint=endpoint,
        cohort=cohort,
        golden=golden,
        digest=digest(files["scorecard.json"]),
        manifest_digest=sealed.digest,
        folder=folder,
        catalogue=replace(known, later=later) if later else known,
    )


def _check_format(data: bytes, folder: Path) -> None:
    try:
        version = json.loads(data).get("format_version")
    except (ValueError, AttributeError):
        version = None
    if version != FORMAT_VERSION:
        raise ModelError(
            "schema_incompatible",
            f"{folder}: scorecard.json has format version {version}, this software reads {FORMAT_VERSION}; {CURE}",
        )


def _check_definition(endpoint: Endpoint, catalogue: Catalogue, folder: Path) -> None:
    ours = catalogue.endpoints.get(endpoint.id)
    if ours is not None and ours.definition != endpoint.definition:
        raise ModelError(
            "schema_incompatible",
            f"{folder}: the model was trained for another definition of {endpoint.id} than the catalogue's, which "
            f"differs in {', '.join(differing_keys(ours, endpoint))}; {CURE}, or under an id of its own",
        )


def _parse(kind: type[Document], files: Mapping[str, bytes], name: str, folder: Path) -> Document:
    try:
        return kind.model_validate_json(files[name])
    except ValidationError as error:
        place = "/".join(str(part) for part in error.errors()[0]["loc"])
        raise ModelError(
            "schema_incompatible",
            f"{folder}: {name} has a form that this version does not know (at {place or 'its top'}); {CURE}",
        ) from None


def _refuse_mixture(
    folder: Path, scorecard: Scorecard, card: ModelCard, endpoint: Endpoint, cohort: Cohort, golden: Golden
) -> None:
    """Refuse documents that do not describe one model."""
    facts = {
        "endpoint.json": (endpoint.id, scorecard.endpoint),
        "cohort.json": (cohort.id, card.cohort),
        "golden.json": (golden.features, tuple(feature.name for feature in scorecard.features)),
        "model_card.json": (
            (card.endpoint, card.candidate, card.feature_set),
            (scorecard.endpoint, scorecard.candidate, scorecard.feature_set),
        ),
    }
    for name, (found, expected) in facts.items():
        if found != expected:
            raise damaged(folder, f"{name} is of another model than scorecard.json")


def _replicates(files: Mapping[str, bytes], scorecard: Scorecard, folder: Path) -> Floats | None:
    """Return the replicates, proven to be the scorecard's; the header is checked before an array is made of it."""
    data = files.get(REPLICATES)
    if (scorecard.replicates_digest is None) != (data is None):
        raise damaged(folder, f"scorecard.json and {REPLICATES} do not agree whether there are replicates")
    if data is None:
        return None
    buffer = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ValueError
        shape, by_column, dtype = np.lib.format.read_array_header_1_0(buffer)
    except ValueError:
        raise damaged(folder, f"{REPLICATES} is not a NumPy array") from None
    columns = 1 + scorecard.n_values
    if dtype != np.dtype("<f8") or by_column or len(shape) != 2 or shape[0] < 1 or shape[1] != columns:
        raise damaged(folder, f"{REPLICATES} must be float64 with {columns} columns")
    if len(data) - buffer.tell() != shape[0] * columns * 8:
        raise damaged(folder, f"{REPLICATES} does not have the length that its header states")
    values = np.load(io.BytesIO(data), allow_pickle=False)
    if not np.isfinite(values).all() or replicates_digest(values) != scorecard.replicates_digest:
        raise damaged(folder, f"{REPLICATES} is not the array that scorecard.json names")
    values.flags.writeable = False
    return np.asarray(values)
