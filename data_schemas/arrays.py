"""The arrays that numbers travel in, named once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shorts = NDArray[np.int16]  # places in a list that may be long, as a record's alleles
Codes = NDArray[np.int8]  # places in a short list, as a site's letters; negative for what is none of it
Objects = NDArray[np.object_]  # cells of a table: texts, and what stands for an empty one
Values = NDArray[Any]  # of one covariate: numbers or level texts, which of them its kind says
Labels = NDArray[np.generic]  # texts or numbers that are only compared, as the person of each row
