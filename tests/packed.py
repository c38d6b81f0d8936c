"""Bytes packed by gzip, the same at any time: gzip writes the time into its header, unless it is told not to."""

from __future__ import annotations

import gzip


def gzipped(content: bytes) -> bytes:
    """Return content packed by gzip."""
    return gzip.compress(content, mtime=0)
