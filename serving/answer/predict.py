"""Patients in, explained probabilities out: the one path for HTTP, the command line and MLflow's pyfunc.

Each patient is resolved on its own; those that can be scored are encoded and scored together; a row alone and the
same row in a batch get the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from data_schemas.arrays import Floats
from data_schemas.errors import Problem
from data_schemas.wire.patient import InvalidPatient, Patient
from data_schemas.wire.prediction import Contribution, Interval, ModelIdentity, Notice, Prediction, PredictionResponse
from features.matrix.encode import Encoder
from features.matrix.haplotypes import ancestry_notice, inputs
from features.patient.resolve import Resolved, resolve
from serving.answer.context import context_of
from serving.answer.labels import Label
from serving.answer.support import Support, interval_reason
from serving.models.loaded import LoadedModel
from serving.scoring.score import Scores

GENETICS_NOT_USED = Notice(
    code="genetics_not_used",
    detail="This model uses no genetics; the probability without genetics is therefore the probability itself.",
)


class _Prepared:
    """What every answer of one model repeats."""

    def __init__(self, model: LoadedModel) -> None:
        scorecard, card = model.bundle.scorecard, model.bundle.card
        self.features = scorecard.features
        self.names = inputs(self.features)
        self.encode = Encoder(self.features)
        self.haplotypes = [feature for feature in self.features if feature.haplotype]
        self.heads = [(one.name, one.group, one.evidence, Label(one).text) for one in self.features]
        self.support = Support(scorecard)
        self.therapies = frozenset(scorecard.therapies)
        self.level = scorecard.interval_level
        self.clinical_only = scorecard.feature_set == "clinical"
        self.genetics_assessed = card.incremental.verdict != "genetics not assessed"
        self.therapy_reason = Notice(
            code="therapy_not_in_training",
            detail="The training cohort had nobody on this therapy; it had "
            + ", ".join(map(model.terms.therapy_label, scorecard.therapies))
            + ".",
        )
        self.identity = ModelIdentity(
            name=model.name,
            version=model.version,
            scorecard=model.bundle.digest,
            panel=scorecard.panel_digest,
            synthetic=card.synthetic,
            cohort=card.cohort,
            design=card.design,
            genetics=card.incremental.verdict,
        )
        self.context = context_of(model.bundle, model.terms)


def answer(model: LoadedModel, patients: Sequence[Patient | InvalidPatient], request_id: str) -> PredictionResponse:
    """Return the whole answer to a request: predictions, the model's identity, and what a reader must know."""
    prepared = model.once(_Prepared)
    endpoint = model.bundle.endpoint
    return PredictionResponse(
        request_id=request_id,
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        endpoint=endpoint.id,
        outcome=f"the probability of {endpoint.favourable}",
        model=prepared.identity,
        predictions=predict(model, patients),
        context=prepared.context,
    )


def predict(
    model: LoadedModel,
    patients: Sequence[Patient | InvalidPatient],
    *,
    first: int = 0,
    seen: set[str] | None = None,
) -> tuple[Prediction, ...]:
    """Return one prediction per patient, in order.

    A patient that cannot be read, or whose id stood before, is `invalid`; one that the endpoint or the training cohort
    does not cover is `abstained` and gets no number.

    Parameters
    ----------
    first
        Number of the first patient, where these are one block of many; pointers count from it.
    seen
        Ids of earlier blocks; this block's are added.

    Raises
    ------
    ModelError
        ``schema_incompatible``: the model's features are not the endpoint's.
    """
    prepared = model.once(_Prepared)
    predictions: list[Prediction | None] = [None] * len(patients)
    scored: list[tuple[int, Patient, Resolved]] = []
    seen = set() if seen is None else seen
    for number, patient in enumerate(patients):
        place = f"/patients/{first + number}"
        if not isinstance(patient, Patient):
            problems = _below(place, patient.problems) + _duplicate(patient.id, seen, place)
            predictions[number] = _invalid(patient.id, problems)
            continue
        resolved = resolve(patient, model.terms, place)
        problems = resolved.problems + _duplicate(patient.id, seen, place)
        if problems:
            predictions[number] = _invalid(patient.id, problems)
        elif resolved.ineligible or not _covers(prepared, resolved):
            reasons = resolved.ineligible or (prepared.therapy_reason,)
            predictions[number] = _abstained(patient, resolved, reasons, resolved.warnings)
        else:
            scored.append((number, patient, resolved))
    if scored:
        known = [resolved.values for _, _, resolved in scored]
        columns = {name: [values.get(name) for values in known] for name in prepared.names}
        x = prepared.encode(columns)
        scores = model.evaluator.score(x)
        for row, (number, patient, resolved) in enumerate(scored):
            predictions[number] = _scored(prepared, patient, resolved, x[row].tolist(), scores, row)
    return tuple(prediction for prediction in predictions if prediction is not None)


def _covers(prepared: _Prepared, resolved: Resolved) -> bool:
    """Whether the cohort had the patient's therapy; an unknown one is the scorecard's own matter."""
    therapy = resolved.values.get("therapy")
    return therapy is None or therapy in prepared.therapies


def _scored(
    prepared: _Prepared, patient: Patient, resolved: Resolved, row: list[float], scores: Scores, place: int
) -> Prediction:
    reasons, warnings = prepared.support.check(row)
    pooled = ancestry_notice(prepared.haplotypes, resolved.values)
    warnings = resolved.warnings + warnings + ((pooled,) if pooled else ())
    interval = None
    if scores.low is not None and scores.high is not None:
        interval = Interval(level=prepared.level, low=float(scores.low[place]), high=float(scores.high[place]))
        too_wide = interval_reason(interval.low, interval.high)
        if too_wide is not None:
            reasons = (*reasons, too_wide)
    if reasons:
        return _abstained(patient, resolved, reasons, warnings)
    probability = float(scores.probability[place])
    without_genetics = None
    if scores.without_genetics is not None:
        without_genetics = float(scores.without_genetics[place])
    elif prepared.clinical_only and prepared.genetics_assessed:
        without_genetics = probability
        warnings = (*warnings, GENETICS_NOT_USED)
    return Prediction(
        id=patient.id,
        status="predicted",
        probability=probability,
        interval=interval,
        baseline=scores.baseline,
        without_genetics=without_genetics,
        log_odds=float(scores.log_odds[place]),
        contributions=_contributions(prepared, resolved, row, scores.contributions[place]),
        genotypes=resolved.genotypes,
        somatic=resolved.somatic,
        warnings=warnings,
    )


def _contributions(
    prepared: _Prepared, resolved: Resolved, row: list[float], values: Floats
) -> tuple[Contribution, ...]:
    """Return the contributions, largest first; equal ones in the model's feature order."""
    parts = values.tolist()
    call, state = resolved.genotypes.get, resolved.somatic.get
    contributions = []
    for i in sorted(range(len(parts)), key=lambda i: -abs(parts[i])):
        name, group, evidence, text = prepared.heads[i]
        label = text(row[i], call(name), state(name)) if group == "genetic" else text(row[i])
        contributions.append(Contribution(name, group, label, parts[i], evidence))
    return tuple(contributions)


def _abstained(
    patient: Patient, resolved: Resolved, reasons: tuple[Notice, ...], warnings: tuple[Notice, ...]
) -> Prediction:
    return Prediction(
        id=patient.id,
        status="abstained",
        genotypes=resolved.genotypes,
        somatic=resolved.somatic,
        warnings=warnings,
        reasons=reasons,
    )


def _invalid(name: str | None, problems: tuple[Problem, ...]) -> Prediction:
    return Prediction(id=name, status="invalid", problems=problems)


def _below(place: str, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Make pointers that are relative to a patient relative to the request."""
    return tuple(problem.model_copy(update={"pointer": place + problem.pointer}) for problem in problems)


def _duplicate(name: str | None, seen: set[str], place: str) -> tuple[Problem, ...]:
    if name is None:
        return ()
    if name in seen:
        detail = "An earlier patient of this request has the same id; give each its own, or leave the ids out."
        return (Problem(pointer=f"{place}/id", code="duplicate_patient", detail=detail),)
    seen.add(name)
    return ()
