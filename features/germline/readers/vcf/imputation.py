"""What the INFO column of a VCF or a .pvar says of how its genotypes came about: imputed or measured, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.germline.readers.vcf.record import decimal_number

_QUALITY = ("R2", "DR2", "RSQ", "Rsq", "INFO", "INFO_SCORE", "AR2")
"""Imputation quality: Minimac, Beagle 5, older Minimac, IMPUTE and GLIMPSE, QUILT and STITCH, Beagle 4."""
_MEASURED = ("TYPED_ONLY", "GENOTYPED_ONLY")
"""Flags of a site that was measured and not imputed."""
_IMPUTED = ("IMP", "IMPUTED", "TYPED", "GENOTYPED")
"""Flags of a site that was imputed: Beagle, Minimac. A TYPED one was measured too, but its genotypes are imputed."""
ORIGIN_FLAGS = frozenset({*_MEASURED, *_IMPUTED})
"""Flags of how genotypes came about; Minimac 3 writes them as FILTER."""
IMPUTATION_KEYS = frozenset({*_QUALITY, *ORIGIN_FLAGS})
"""INFO keys that are looked at here."""


def origin_of_genotypes(info: Mapping[str, Any], flags_imputed: bool = False) -> tuple[bool, bool]:
    """Tell from INFO whether a record says that it was imputed, and whether it says that it was measured.

    A record is imputed by its flag, or by an imputation quality without a flag that it was measured.

    Parameters
    ----------
    flags_imputed
        Whether the file marks imputed records, so that an unmarked one was measured.

    Examples
    --------
    >>> origin_of_genotypes({"R2": "0.9"}), origin_of_genotypes({"TYPED_ONLY": "true"}), origin_of_genotypes({})
    ((True, False), (False, True), (False, False))
    """
    marked = any(info.get(key) for key in _IMPUTED)
    typed = not marked and (any(info.get(key) for key in _MEASURED) or flags_imputed)
    return marked or (not typed and any(key in info for key in _QUALITY)), typed


def imputation_quality(info: Mapping[str, Any]) -> float | None:
    """Return the imputation quality, the smallest where there is one per ALT; None unless all are within [0, 1].

    Examples
    --------
    >>> imputation_quality({"R2": "0.9,0.3"}), imputation_quality({"R2": (0.9,)}), imputation_quality({"R2": "1.7"})
    (0.3, 0.9, None)
    """
    for key in _QUALITY:
        value = info.get(key)
        if value is None or isinstance(value, bool):
            continue
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, tuple) else (value,)
        numbers = [decimal_number(part) for part in parts]
        return min(numbers) if all(0 <= one <= 1 for one in numbers) else None
    return None
