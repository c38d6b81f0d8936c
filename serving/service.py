"""The BentoML service: one class, one route that predicts, the routes that read, and the gate around them all."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Mapping
from typing import cast

import bentoml
from starlette.responses import Response
from starlette.types import ASGIApp

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError, ModelError
from data_schemas.model.project import IMPATIENT, ONE_THREAD, QUIET
from data_schemas.wire.patient import PredictionRequest
from data_schemas.wire.prediction import PredictionResponse
from features.values.units import DAYS, line
from serving.answer.predict import answer
from serving.http.gate import log, metrics, problems
from serving.http.gate.admit import REQUEST_ID
from serving.http.gate.outermost import GatedService, page_files
from serving.http.gate.refusal import problem_response
from serving.http.routes.genotypes import ROUTE as GENOTYPES
from serving.http.routes.read import known_endpoint, public, read_routes
from serving.models.loaded import LoadedModel
from serving.models.store import Store

REFRESH_SECONDS = 5.0
"""How often the registry is asked for new champions."""

IN_LOOP = 20
"""Up to this many patients are answered on the event loop, which is quicker; more go to a thread."""

READING = read_routes()
READ_PATHS = frozenset(
    {"/", "/docs.json", "/schema.json", "/livez", "/healthz", "/readyz", "/metrics"}
    | {"/v1/endpoints", "/v1/models", "/v1/panel", GENOTYPES}
)

logger = logging.getLogger("bentoml.serve")


class RoutedService(GatedService):
    """The gated service, which knows the paths of its own routes."""

    def check_read_path(self, path: str) -> None:
        """Refuse a path that no route has, before it becomes a label of the metrics."""
        if path in READ_PATHS or path.removeprefix("/static_content/") in page_files():
            return
        if path.startswith("/v1/endpoints/"):
            known_endpoint(path.removeprefix("/v1/endpoints/"), READING.state.store, load_catalogue())
            return
        raise problems.from_status(404)


@bentoml.service(
    name="esr_response",
    workers=1,
    # The gate writes the one line of a request; BentoML's would hold the client's own text.
    logging={"access": {"enabled": False, "request_content_type": False, "response_content_type": False}},
    envs=[{"name": name, "value": value} for name, value in (QUIET | IMPATIENT | ONE_THREAD).items()],
    service_class=RoutedService,
)
@bentoml.asgi_app(READING, path="/", name="reading")
class EsrResponse:
    """Calibrated, explained probabilities of response to hormonal therapy. Research use; not a medical device."""

    def __init__(self) -> None:
        log.install()
        self.catalogue = load_catalogue()
        self.store = READING.state.store = Store()
        self._followed = False
        self._follower: asyncio.Task[None] | None = None

    @bentoml.on_startup
    async def start_following(self) -> None:
        """Begin to load the champions and to follow the registry."""
        self._follower = asyncio.create_task(self._follow())

    @bentoml.on_shutdown
    async def stop_following(self) -> None:
        """Stop following the registry."""
        if self._follower is not None:
            self._follower.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._follower

    async def __is_ready__(self) -> bool:
        """Whether every champion has been tried once, and one at least reproduced its stored answers and serves."""
        return self._followed and any(state.model is not None for state in self.store.states.values())

    @bentoml.api(route="/v1/predict")
    async def predict(self, request: PredictionRequest, /) -> PredictionResponse:
        """Answer for 1 to 1,000 patients: an explained probability, an abstention with reasons, or what is invalid."""
        try:
            content = await self._answer(request)
            response = Response(content, media_type="application/json")
        except EsrError as error:
            response = problem_response(error)
        except Exception as error:  # noqa: BLE001 - a defect too is answered in our own words
            # BentoML would report a validation error of our own making as the client's.
            logger.error("failed (type=%s,request_id=%s)", type(error).__name__, REQUEST_ID.get())
            response = problem_response(problems.from_status(500))
        # The annotation documents the body; the bytes are written here, once.
        return cast(PredictionResponse, response)

    async def _answer(self, request: PredictionRequest) -> bytes:
        model = self._model(request.endpoint)
        arguments = (model, request.patients, REQUEST_ID.get())
        if len(request.patients) <= IN_LOOP:
            answered = answer(*arguments)
        else:
            answered = await asyncio.to_thread(answer, *arguments)
        metrics.count_predictions(request.endpoint, answered.predictions)
        return answered.__pydantic_serializer__.to_json(answered)

    def _model(self, endpoint_id: str) -> LoadedModel:
        """Return the model that answers; only look-ups, the registry is asked elsewhere."""
        state = self.store.states.get(endpoint_id)
        if state is not None and state.model is not None:
            return state.model
        if not self._followed:
            raise ModelError("model_unavailable", "The models are being loaded; try again shortly.")
        known_endpoint(endpoint_id, self.store, self.catalogue)
        try:
            return self.store.champion(endpoint_id)
        except ModelError as error:
            raise public(error, endpoint_id) from None

    async def _follow(self) -> None:
        """Ask the registry for new champions, for ever; what goes wrong is logged when it changes."""
        logged: dict[str, str] = {}
        loaded: dict[str, LoadedModel] = {}
        # units take a tenth of a second to load, for which no patient should wait
        await asyncio.to_thread(line, "wk", DAYS)
        while True:
            try:
                await asyncio.to_thread(self.store.refresh)
            except Exception as error:  # noqa: BLE001 - what is served goes on being served
                logger.error("following the registry failed (type=%s)", type(error).__name__)
            states = self.store.states
            now = {endpoint_id: state.model for endpoint_id, state in states.items() if state.model is not None}
            if now != loaded:
                _settle(now, loaded)
                loaded = now
            self._followed = True
            for endpoint_id, state in states.items():
                text = state.error.message if state.error else ""
                if logged.get(endpoint_id, "") != text:
                    logged[endpoint_id] = text
                    logger.warning("%s: %s", endpoint_id, text or "follows the registry again")
            await asyncio.sleep(REFRESH_SECONDS)


def _settle(now: Mapping[str, LoadedModel], before: Mapping[str, LoadedModel]) -> None:
    """Say in the log which models answer from now on, and take them out of the garbage collector's sight.

    What is loaded stays; left in sight, it makes every full collection, one in a few thousand requests, a pause of a
    fifth of a second.
    """
    for endpoint_id, model in now.items():
        if model is not before.get(endpoint_id):
            version = "" if model.version is None else f" version {model.version}"
            text = "%s: %s%s from the %s answers (scorecard %s)"
            logger.info(text, endpoint_id, model.name, version, model.source, model.bundle.digest[:19])
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def application() -> ASGIApp:
    """Return the whole service as an ASGI application, for a server of one's own."""
    return cast(GatedService, EsrResponse).to_asgi()
