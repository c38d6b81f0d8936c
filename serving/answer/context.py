"""What a reader of any answer must know about the model behind it, in sentences."""

from __future__ import annotations

from data_schemas.catalogue.terms import Terms
from data_schemas.model.bundle import Bundle

SYNTHETIC = "This model was trained on simulated patients; its numbers say nothing about real ones."


def context_of(bundle: Bundle, terms: Terms) -> tuple[str, ...]:
    """Return the sentences, most important first: synthetic data, rates, genetics, interval, what the number is not."""
    card, endpoint = bundle.card, bundle.endpoint
    sentences = [SYNTHETIC] if card.synthetic else []
    sentences.append(_event_rates(bundle, terms))
    if card.incremental.verdict != "genetics not assessed":
        sentences.append(card.incremental.sentence)
    else:
        sentences.append("The training cohort has no genotypes, so genetics could not be assessed.")
    sentences += [text for text in (card.interval, card.note) if text]
    return (*sentences, *endpoint.is_not, *card.warnings, card.intended_use)


def _event_rates(bundle: Bundle, terms: Terms) -> str:
    """Say how often the favourable outcome came true, overall and by therapy.

    The rate under the comparator is what keeps a probability from being read as the therapy's doing.
    """
    card, endpoint = bundle.card, bundle.endpoint
    text = f"In the training cohort ({card.cohort_title}; {card.design}; {card.n_rows:,} patients) "
    text += f"{_percent(card.event_rate)} reached the outcome, {endpoint.favourable}"
    rates = card.event_rate_by_therapy
    if len(rates) > 1:
        parts = (f"{_percent(rate)} under {terms.therapy_label(name)}" for name, rate in rates.items())
        text += ": " + ", ".join(parts)
    text += ". A probability is not an effect of the therapy"
    if endpoint.comparator and endpoint.comparator in rates and len(rates) > 1:
        text += f": under {terms.therapy_label(endpoint.comparator)} some reach it too"
    if card.design != "randomised":
        text += "; the cohort was not randomised, so patients on different therapies differ in other ways too"
    return text + "."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
