"""`esr promote`: which version answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.verbs.model.registered import endpoint_id, no_models, open_store
from data_schemas.catalogue.endpoint import Endpoint, differing_keys
from data_schemas.errors import EsrError, ModelError
from data_schemas.model.project import CHAMPION

if TYPE_CHECKING:
    from serving.models.store import Store


def promote(
    endpoint: Annotated[str, typer.Argument(help="The endpoint: its id, or your own .toml file.")],
    version: Annotated[int, typer.Argument(help="The version to answer from now on, as `esr models` lists it.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    new_definition: Annotated[
        bool,
        typer.Option("--new-definition", help="Also where the endpoint's definition is another than the champion's."),
    ] = False,
) -> None:
    """Make a version champion, after it has been loaded, verified and self-tested here."""
    from training.registry.promote import promote as set_champion

    name, store = endpoint_id(endpoint), open_store()
    rows = store.models()
    if name not in {row["endpoint"] for row in rows}:
        raise no_models(name, store)
    champions = {row["endpoint"]: row["version"] for row in rows if CHAMPION in row["aliases"]}
    before = champions.get(name, 0)
    model = store.version(name, version)
    real = any(row["endpoint"] == name and row["version"] == before and not row["synthetic"] for row in rows)
    if real and model.bundle.card.synthetic and not reason.strip():
        raise EsrError(
            "refused_setting",
            f"version {version} was trained on simulated patients and the champion, version {before}, on real ones; "
            f"say why with --reason",
        )
    try:
        set_champion(name, version, expected=before, reason=reason, new_definition=new_definition)
    except ModelError as error:
        raise _with_differences(error, store, name, model.bundle.endpoint) from None
    was = f"version {before} was" if before else "the first one"
    typer.echo(f"{name}: version {version} is champion ({was})")
    card = model.bundle.card
    verdict = card.incremental.verdict.removeprefix("genetics ")
    typer.echo(f"  {card.candidate} on {card.feature_set}, trained on {card.cohort}; genetics: {verdict}")
    if card.synthetic:
        typer.echo("  synthetic: trained on simulated patients")
    typer.echo("  a running service follows by itself")


def _with_differences(error: ModelError, store: Store, name: str, asked: Endpoint) -> ModelError:
    """Say in a refusal of another definition by which keys it differs, where the champion can still be read."""
    if error.code != "other_definition":
        return error
    try:
        keys = differing_keys(store.champion(name).bundle.endpoint, asked)
    except ModelError:
        return error
    return ModelError(error.code, f"{error.message}; they differ in {', '.join(keys)}") if keys else error
