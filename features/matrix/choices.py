"""How genotypes enter a model, as chosen on the command line: an endpoint with other effect models or haplotypes.

The changed endpoint is what a training uses, what its bundle stores, and so what every answer of the model follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from pydantic import ValidationError

from data_schemas.catalogue.cross_faults import endpoint_faults
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.haplotype import HAPLOTYPE_SETS, expand, split_name
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError, nearest
from data_schemas.model.scorecard import Feature

EFFECT_MODELS: tuple[str, ...] = get_args(Feature.model_fields["effect_model"].annotation)


def with_choices(terms: Terms, effect_models: Sequence[str] = (), haplotypes: Sequence[str] = ()) -> Terms:
    """Return the terms with these choices in place of the endpoint's own.

    Parameters
    ----------
    effect_models
        Texts as in ``rs2234693=dominant``; a site that is not named keeps the endpoint's own model.
    haplotypes
        Names of haplotypes or of sets of them (``pvuii-xbai``); ``none`` takes the endpoint's own away.

    Raises
    ------
    EsrError
        ``refused_setting`` with what is wrong and what there is.
    """
    endpoint = terms.endpoint
    update: dict[str, object] = {}
    if effect_models:
        update["effect_models"] = {**endpoint.effect_models, **dict(map(_effect_model, effect_models))}
    if haplotypes:
        update["haplotypes"] = () if "none" in haplotypes else tuple(dict.fromkeys(haplotypes))
    try:
        chosen = Endpoint.model_validate({**dict(endpoint), **update})
    except ValidationError:
        raise EsrError("refused_setting", f"an effect model is {' or '.join(EFFECT_MODELS)}") from None
    faults = endpoint_faults(chosen, terms.catalogue)
    if faults:
        sets = f" (sets of haplotypes: {', '.join(HAPLOTYPE_SETS)})" if haplotypes else ""
        raise EsrError("refused_setting", f"{endpoint.id}: {'; '.join(faults)}{sets}")
    _refuse_both(chosen, dict(map(_effect_model, effect_models)))
    return Terms(chosen, terms.catalogue)


def _effect_model(text: str) -> tuple[str, str]:
    rsid, equals, model = text.partition("=")
    if not equals:
        raise EsrError("refused_setting", f"{text!r}: write a site and its effect model as in rs2234693=dominant")
    if model not in EFFECT_MODELS:
        near = nearest(model, EFFECT_MODELS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise EsrError("refused_setting", f"{rsid}: an effect model is {' or '.join(EFFECT_MODELS)}{hint}")
    return rsid, model


def _refuse_both(endpoint: Endpoint, effect_models: dict[str, str]) -> None:
    """Refuse a site that would be a column of its own and part of a haplotype."""
    covered = {rsid for name in expand(endpoint.haplotypes) for rsid in split_name(name)[0]}
    for rsid in covered & effect_models.keys():
        raise EsrError(
            "refused_setting",
            f"{rsid} is counted within a haplotype here; leave out its effect model or the haplotypes",
        )
