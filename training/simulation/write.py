"""Write a simulated cohort: the table, its manifest and the truth, beside each other and each of them whole."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import tomli_w

from data_schemas.errors import InputFileError
from features.files.whole import write_all
from training.simulation.genotypes import Frequency
from training.simulation.simulate import Simulation


def companions(path: Path) -> tuple[Path, Path]:
    """Return where the manifest and the truth of a simulated table go: its stem with `.toml` and `.truth.json`."""
    return path.with_suffix(".toml"), path.with_suffix(".truth.json")


def write_simulation(simulation: Simulation, path: Path) -> tuple[Path, Path]:
    """Write the table to `path` and return the paths of its manifest and of the truth.

    The same simulation gives the same bytes. The table comes last: where it stands, its manifest does too.

    Raises
    ------
    EsrError
        ``output_exists`` where `path` is no CSV, cannot be written, or holds data that are not simulated, and
        ``disk_full``.
    """
    if path.suffix != ".csv":
        raise InputFileError("output_exists", f"{path}: a simulated table is CSV; name a file that ends in .csv")
    manifest_path, truth_path = companions(path)
    _refuse_real_data(path, manifest_path)
    manifest = simulation.manifest.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)
    write_all(
        {
            truth_path: json.dumps(truth_document(simulation), indent=2) + "\n",
            manifest_path: tomli_w.dumps({"title": manifest.pop("title"), "synthetic": True} | manifest),
            path: simulation.table.to_csv(index=False, lineterminator="\n"),
        }
    )
    return manifest_path, truth_path


def truth_document(simulation: Simulation) -> dict[str, object]:
    """Return the truth as a JSON document."""
    return {
        "synthetic": True,
        "made_by": simulation.manifest.citation,
        "null": simulation.null,
        "truth": simulation.truth.model_dump(mode="json"),
        "mean_probability": round(float(simulation.probability.mean()), 6),
        "frequencies": [_frequency(row) for row in simulation.frequencies],
        "findings": simulation.findings,
    }


def _frequency(row: Frequency) -> dict[str, object]:
    return {"variant": row.variant, "allele": row.allele, "frequency": round(row.value, 4), "basis": row.basis}


def _refuse_real_data(path: Path, manifest: Path) -> None:
    """Refuse to replace anything but an earlier simulation, which is known by its manifest."""
    for existing in (path, manifest):
        if existing.exists() and not _is_synthetic(manifest):
            raise InputFileError(
                "output_exists", f"{existing}: exists and is no simulated cohort; name another file with -o"
            )


def _is_synthetic(manifest: Path) -> bool:
    try:
        return tomllib.loads(manifest.read_text(encoding="utf-8")).get("synthetic") is True
    except (OSError, ValueError):
        return False
