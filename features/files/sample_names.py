"""Names of samples: text that is shown and compared, never a path and never trusted.

Two names that a reader of the screen would take for one, a name with a line break or a direction mark, a name of ten
thousand characters and one that reads as a path (``../x``) are refused, though no file is ever named after a sample.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from data_schemas.errors import InputFileError

SAMPLE_COLUMNS = frozenset(
    ("sample", "sampleid", "samplename", "iid", "id", "person", "personid", "patient", "patientid", "subject",
     "subjectid", "participant", "participantid", "individual", "individualid")
)  # fmt: skip
"""Names of a column that holds the sample, without blanks, hyphens and underscores, in lower case."""
MAX_NAME = 200
_PATH_MARKS = ("/", "\\", "..")

_LOOK_ALIKES = str.maketrans(
    "АВЕКМНОРСТХУІЈЅавеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρι",
    "ABEKMHOPCTXYIJSabeopcyxijsABEZHIKMNOPTYXovpi",
)
"""Cyrillic and Greek letters that look like Latin ones."""


def checked_names(names: Sequence[str], file: str, noun: str = "sample") -> tuple[str, ...]:
    """Return the names in Unicode's composed form (NFC).

    Raises
    ------
    InputFileError
        ``invalid_sample_name`` for an empty, overlong, unprintable or path-like name and for two names that are or
        look the same. The message counts samples from 1 and quotes no name.

    Examples
    --------
    >>> checked_names(["NA12878", "HG-2.1"], "a.vcf")
    ('NA12878', 'HG-2.1')
    """
    if _plainly_fine(names):
        return tuple(names)
    composed = tuple(unicodedata.normalize("NFC", name) for name in names)
    for number, name in enumerate(composed, start=1):
        problem = _problem(name)
        if problem:
            raise InputFileError("invalid_sample_name", f"{file}: {noun} {number} {problem}; rename it")
    for shown, what in ((composed, "the same name"), (tuple(map(_skeleton, composed)), "names that look the same")):
        twice = [name for name, count in Counter(shown).items() if count > 1]
        if twice:
            one, two = [number for number, name in enumerate(shown, start=1) if name == twice[0]][:2]
            raise InputFileError("invalid_sample_name", f"{file}: {noun}s {one} and {two} have {what}; rename one")
    return composed


def _plainly_fine(names: Sequence[str]) -> bool:
    """Tell quickly whether a hundred thousand names are the usual ones: short, ASCII, and all different."""
    everything = "".join(names)
    short = all(0 < len(name) <= MAX_NAME for name in names)
    return (
        short
        and everything.isascii()
        and everything.isprintable()
        and not any(mark in everything for mark in (" ", *_PATH_MARKS))
        and len(set(names)) == len(names)
    )


def _problem(name: str) -> str | None:
    if not name.strip():
        return "has no name"
    if len(name) > MAX_NAME:
        return f"has a name of {len(name):,} characters (at most {MAX_NAME})"
    # laboratories number samples as 23/01234: a slash is text, until the whole reads as a way through folders
    if "\\" in name or ".." in name or name.startswith("/"):
        return "has a name with a slash at its beginning, a backslash or two dots, like a path"
    if not name.isprintable() and any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in name):
        return "has a name with a control, direction or invisible character"
    return None


def _skeleton(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFKC", name).translate(_LOOK_ALIKES)
