"""The service with one route more, which takes nothing and answers nothing: what HTTP and BentoML alone cost.

Run as a program it serves on the port that it is given, exactly as `esr serve` does.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import bentoml
from pydantic import BaseModel

from cli.verbs.service.serve import listen, run
from serving.service import READING, EsrResponse

PRODUCT = cast(Any, EsrResponse)


class Nothing(BaseModel):
    """An empty object."""


@bentoml.service(name="esr_response_and_an_empty_route", service_class=type(PRODUCT), **PRODUCT.config)
@bentoml.asgi_app(READING, path="/", name="reading")
class WithEmptyRoute(PRODUCT.inner):
    """The product's service, one route added."""

    # BentoML looks routes up in the order of their names; the product's own comes first, as it does in the product
    @bentoml.api(route="/empty")
    async def without_work(self, request: Nothing, /) -> Nothing:
        """Answer an empty object with an empty object."""
        return request

    @bentoml.api(route="/empty-in-a-thread")
    def without_work_in_a_thread(self, request: Nothing, /) -> Nothing:
        """Do the same as a plain `def`, the form of BentoML's own examples, which runs in a thread."""
        return request


if __name__ == "__main__":
    run(listen("127.0.0.1", int(sys.argv[1])), cast(Any, WithEmptyRoute).to_asgi)
