"""What the service process costs before it answers anything: import time, memory, and what it has not imported."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from report import Line

ABSENT = ("sklearn", "xgboost", "matplotlib", "pandas", "scipy")

IMPORT = """
import json, sys, time
started = time.perf_counter()
from serving.service import application
application()
seconds = time.perf_counter() - started
status = open("/proc/self/status").read()
print(json.dumps({"seconds": seconds, "kib": int(status.partition("VmHWM:")[2].split()[0]),
                  "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def bench_process() -> list[Line]:
    """Import the service in three fresh processes, after one that warms the file cache."""
    found = [_import() for _ in range(4)][1:]
    present = sorted(set(ABSENT).intersection(found[0]["modules"]))
    return [
        Line("import of the service", f"{statistics.median(one['seconds'] for one in found):.2f} s"),
        Line("peak memory after the import", f"{max(one['kib'] for one in found) / 1024:,.0f} MiB"),
        Line(f"imported of {', '.join(ABSENT)}", ", ".join(present) or "none"),
    ]


def _import() -> dict:
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
