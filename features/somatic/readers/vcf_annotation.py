"""What VEP (CSQ) or SnpEff (ANN) wrote into a VCF record about ESR1: the change of our transcript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from data_schemas.reference.gene import ESR1, known_genes
from features.somatic.gene import trimmed

_ANN = (
    "Allele", "Annotation", "Annotation_Impact", "Gene_Name", "Gene_ID", "Feature_Type", "Feature_ID",
    "Transcript_BioType", "Rank", "HGVS.c", "HGVS.p",
)  # fmt: skip
_SAME = {
    "Annotation": "Consequence",
    "Gene_Name": "SYMBOL",
    "Feature_ID": "Feature",
    "HGVS.c": "HGVSc",
    "HGVS.p": "HGVSp",
}
_FORMAT = re.compile(r"##INFO=<ID=(CSQ|ANN|vep)\b.*?(?:Format|annotations):?\s*'?([^'\">]+)", re.IGNORECASE)
_ALTERS = re.compile(
    r"missense|stop_(gained|lost)|start_lost|frameshift|inframe|protein_altering|splice_(acceptor|donor)_variant|"
    r"transcript_ablation|disruptive"
)


@dataclass(frozen=True)
class Annotation:
    """One allele's effect on our transcript: names as written, and whether the protein or its splicing changes."""

    alters: bool
    coding: str
    protein: str


class Annotations:
    """How a file's annotation is laid out, told by its header."""

    def __init__(self, key: str, fields: tuple[str, ...]) -> None:
        self.key = key
        self._fields = tuple(_SAME.get(name, name) for name in fields)

    @classmethod
    def of(cls, header: Iterable[str]) -> Annotations | None:
        """Return the layout that the header describes, None in a file without annotation."""
        for line in header:
            match = _FORMAT.match(line)
            if match:
                key = match[1]
                written = tuple(name.strip() for name in match[2].split("|"))
                return cls(key, _ANN if key.upper() == "ANN" or len(written) < 3 else written)
        return None

    def of_allele(self, info: Mapping[str, str], ref: str, alts: tuple[str, ...], number: int) -> Annotation | None:
        """Return the effect of one ALT (counted from 0) on our transcript of ESR1; None where it is not annotated."""
        ours = known_genes()[ESR1].transcripts
        for entry in self._entries(info.get(self.key, "")):
            feature = entry.get("Feature", "").split(".")[0]
            if entry.get("SYMBOL", "").upper() != ESR1 or feature not in ours:
                continue
            if _is_of(entry, ref, alts, number):
                return Annotation(
                    alters=bool(_ALTERS.search(entry.get("Consequence", ""))),
                    coding=_change(entry.get("HGVSc", "")),
                    protein=_change(entry.get("HGVSp", "")),
                )
        return None

    def of_another_gene(self, info: Mapping[str, str], ref: str, alts: tuple[str, ...], number: int) -> bool:
        """Whether an ALT is annotated with genes of which ESR1 is none."""
        named = [
            entry["SYMBOL"].upper()
            for entry in self._entries(info.get(self.key, ""))
            if entry.get("SYMBOL") and _is_of(entry, ref, alts, number)
        ]
        return bool(named) and not any(ESR1 in name.split("-") for name in named)

    def _entries(self, text: str) -> Iterator[dict[str, str]]:
        for part in text.split(","):
            values = part.split("|")
            if len(values) >= 3:
                yield dict(zip(self._fields, values, strict=False))


def _is_of(entry: Mapping[str, str], ref: str, alts: tuple[str, ...], number: int) -> bool:
    """Whether an entry is about this ALT: by its number, or by its letters, whole or with the shared ones taken off."""
    if entry.get("ALLELE_NUM", "").isdigit():
        return int(entry["ALLELE_NUM"]) == number + 1
    if len(alts) == 1:
        return True
    alt = alts[number]
    return entry.get("Allele", "") in (alt, alt[1:] or "-", trimmed(0, ref, alt)[2] or "-")


def _change(text: str) -> str:
    return unquote(text).split(":")[-1]
