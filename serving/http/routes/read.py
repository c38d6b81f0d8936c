"""The routes that read: endpoints, models, panel, the documentation page, and a genotype file that is sent."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, ModelError, nearest
from serving.http.routes import genotypes, openapi
from serving.models.store import EndpointState, Store

# Swagger's own files come from this process; a page that loads nothing from elsewhere tells nobody who reads it.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>ESR Response</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="./static_content/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="./static_content/swagger-ui-bundle.js"></script>
<script src="./static_content/swagger-ui-standalone-preset.js"></script>
<script src="./static_content/swagger-initializer.js"></script>
</body>
</html>
"""
PAGE_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


def public(error: ModelError, endpoint_id: str = "ENDPOINT") -> ModelError:
    """Return what a client may read of a model's fault: paths and registry addresses stay in the log."""
    if error.code == "model_unavailable":
        cure = f"`esr train {endpoint_id}` makes one, `esr promote {endpoint_id} VERSION` lets it answer"
        return ModelError(error.code, f"There is no model to answer with; {cure}.")
    return ModelError(error.code, f"{error.fault.title}; the service's log says more.")


def known_endpoint(endpoint_id: str, store: Store, catalogue: Catalogue) -> Endpoint:
    """Return an endpoint: that of its model, where it has one, else the catalogue's.

    Raises
    ------
    CatalogueError
        ``unknown_endpoint``, with the nearest id. An id is never read as a path.
    """
    state = store.states.get(endpoint_id)
    if state is not None and state.model is not None:
        return state.model.endpoint
    if endpoint_id in catalogue.endpoints:
        return catalogue.endpoints[endpoint_id]
    near = nearest(endpoint_id[:200], {*catalogue.endpoints, *store.states})
    cure = f"did you mean {near!r}?" if near else "GET /v1/endpoints lists them."
    raise CatalogueError("unknown_endpoint", f"There is no such endpoint; {cure}")


async def list_endpoints(request: Request) -> Response:
    """Answer ``GET /v1/endpoints``."""
    catalogue, store = load_catalogue(), _store(request)
    ids = sorted({*catalogue.endpoints, *(name for name, state in store.states.items() if state.model)})
    return _json([_summary(known_endpoint(name, store, catalogue), store.states.get(name)) for name in ids])


async def show_endpoint(request: Request) -> Response:
    """Answer ``GET /v1/endpoints/{id}``."""
    catalogue, store = load_catalogue(), _store(request)
    endpoint = known_endpoint(request.path_params["id"], store, catalogue)
    return _json(_details(Terms(endpoint, catalogue), store.states.get(endpoint.id)))


async def list_models(request: Request) -> Response:
    """Answer ``GET /v1/models``."""
    try:
        return _json(await asyncio.to_thread(_store(request).models))
    except ModelError as error:
        raise public(error) from None


async def show_panel(_: Request) -> Response:
    """Answer ``GET /v1/panel``."""
    catalogue = load_catalogue()
    return _json({"digest": catalogue.panel_digest, "variants": catalogue.variants, "somatic": catalogue.somatic})


async def show_document(request: Request) -> Response:
    """Answer ``GET /docs.json``."""
    served = {name for name, state in _store(request).states.items() if state.model is not None}
    return _json(openapi.document(openapi.example_of(served)))


async def show_page(_: Request) -> Response:
    """Answer ``GET /``."""
    return HTMLResponse(PAGE, headers={"content-security-policy": PAGE_POLICY})


def read_routes() -> Starlette:
    """Return the application with the routes that read; the service mounts it and sets its ``state.store``."""
    return Starlette(
        routes=[
            Route("/", show_page),
            Route("/docs.json", show_document),
            Route("/v1/endpoints", list_endpoints),
            Route("/v1/endpoints/{id}", show_endpoint),
            Route("/v1/models", list_models),
            Route("/v1/panel", show_panel),
            Route(genotypes.ROUTE, genotypes.GenotypeRoute().answer, methods=["POST"]),
        ]
    )


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _json(document: Any) -> Response:
    return Response(to_json(document), media_type="application/json")


def _summary(endpoint: Endpoint, state: EndpointState | None) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "title": endpoint.title,
        "population": endpoint.population,
        "favourable": endpoint.favourable,
        "time_at_risk_days": endpoint.time_at_risk_days,
        "therapies": endpoint.therapies,
        "comparator": endpoint.comparator,
        "required": endpoint.required,
        "is_not": endpoint.is_not,
        "model": _model(state),
    }


def _model(state: EndpointState | None) -> dict[str, Any] | None:
    """Return what a client may know of the model that answers, None where there is none."""
    if state is None or state.model is None:
        return None
    model, card = state.model, state.model.bundle.card
    return {
        "name": model.name,
        "version": model.version,
        "scorecard": model.bundle.digest,
        "candidate": card.candidate,
        "feature_set": card.feature_set,
        "cohort": card.cohort,
        "synthetic": card.synthetic,
        "design": card.design,
        "genetics": card.incremental.verdict,
        "trained_at": card.trained_at,
        "newest_is_refused": state.error.code if state.error else None,
    }


def _details(terms: Terms, state: EndpointState | None) -> dict[str, Any]:
    endpoint = terms.endpoint
    names = dict.fromkeys([*endpoint.covariates, *(rule.covariate for rule in endpoint.eligibility)])
    elsewhere = {"simulation", "declared_covariates", "declared_variants", "declared_therapies"}
    return {
        "endpoint": endpoint.model_dump(mode="json", exclude=elsewhere),
        "covariates": [terms.covariate(name) for name in names],
        "variants": [terms.variant(name) for name in endpoint.variants],
        "therapies": [terms.therapy(name) for name in endpoint.therapies],
        "evidence": [row for row in terms.catalogue.evidence.values() if endpoint.id in row.endpoints],
        "model": _model(state),
        "model_card": state.model.bundle.card if state and state.model else None,
    }
