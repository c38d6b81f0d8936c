"""A BentoML service with the gate around all of it: the one module that goes through BentoML's private doors.

BentoML's public middleware stands inside its own layers, and its deadline can be set but not dropped. The gate stands
outside the layers and has the only deadline, whether `esr serve`, `bentoml serve` or a server of one's own asks.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from pathlib import Path
from typing import Any

import bentoml
from _bentoml_sdk import Service
from bentoml._internal.server.http.traffic import TimeoutMiddleware
from starlette.types import ASGIApp

from data_schemas.model.project import IMPATIENT, ONE_THREAD, QUIET, set_environment
from serving.http.gate.admit import Gate


class GatedService(Service[Any]):
    """A BentoML service with the gate as the outermost layer, however it is served."""

    @abstractmethod
    def check_read_path(self, path: str) -> None:
        """Raise an `EsrError` where no route that reads has the path."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:  # noqa: ARG002 - BentoML's signature
        """Return the ASGI application; always the main one, which refuses pickled bodies."""
        set_environment(QUIET | IMPATIENT | ONE_THREAD)
        writing = frozenset(method.route for method in self.apis.values())

        def admit(path: str) -> bool:
            if path in writing:
                return True
            self.check_read_path(path)
            return False

        service = super().to_asgi(is_main=True)
        # BentoML's own deadline is a timer that keeps the whole request in memory for a minute after its answer: 400 MB
        # at a thousand requests a second. The gate's deadline ends with the request.
        service.user_middleware = [one for one in service.user_middleware if one.cls is not TimeoutMiddleware]
        return Gate(service, admit)


@cache
def page_files() -> frozenset[str]:
    """Return the names of the files that BentoML's page of routes loads."""
    folder = Path(bentoml.__file__).parent / "_internal" / "server" / "static_content"
    return frozenset(path.name for path in folder.iterdir())
