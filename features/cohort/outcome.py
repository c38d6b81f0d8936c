"""Outcomes of a cohort: favourable or not, and the weights that stand in for those whom censoring hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Bools, Floats, Ints
from data_schemas.catalogue.endpoint import Change
from data_schemas.catalogue.rows import Covariate
from features.values.units import DAYS

FOLLOW_UP = Covariate(
    id="follow_up_time",
    label="the follow-up time",
    kind="continuous",
    unit=DAYS,
    accepted_units=("wk", "mo", "a"),
    possible=(0, 44_000),
    plausible=(0, 18_300),
)
"""The time of a time-to-event outcome: at most a long life, 120 years; hardly ever more than 50."""

# a change of exactly the threshold counts; float32 noise in a file, a ten-millionth of a value, must not decide
_NOISE = 1e-6


@dataclass(frozen=True)
class Response:
    """The outcome of n patients.

    `y` (n,) is 1 favourable, 0 not, NaN where it is not known: censored before the horizon. `time` and `event` are None
    for outcomes that nobody is censored from; times and horizon in days.
    """

    y: Floats
    time: Floats | None = None
    event: Bools | None = None
    horizon: float | None = None

    @property
    def known(self) -> Bools:
        """(n,) bool: whose outcome is known."""
        return np.asarray(~np.isnan(self.y))

    def take(self, rows: Ints) -> Response:
        """Return the outcome of some `rows` (m,), in that order, repeats included."""
        return Response(
            y=self.y[rows],
            time=None if self.time is None else self.time[rows],
            event=None if self.event is None else self.event[rows],
            horizon=self.horizon,
        )

    def weights(self) -> Floats:
        """Return (n,) inverse-probability-of-censoring weights, estimated from these rows alone.

        A patient with the event at t by the horizon weighs ``1 / G(t-)``, one seen event-free at the horizon h weighs
        ``1 / G(h-)``, one censored before weighs 0; G is the Kaplan-Meier estimate of being uncensored (Graf 1999,
        Stat Med 18:2529). Followed up to exactly h counts as seen, hence ``h-``. Without censoring all weigh 1.
        """
        if self.time is None or self.event is None or self.horizon is None:
            return self.known.astype(np.float64)
        uncensored = uncensored_before(np.minimum(self.time, self.horizon), self.time, self.event)
        known = self.known
        weights = np.zeros(len(known))
        weights[known] = 1.0 / uncensored[known]
        return weights


def uncensored_before(at: Floats, time: Floats, event: Bools) -> Floats:
    """Return the Kaplan-Meier probability of not yet being censored just before each time in `at`.

    Parameters
    ----------
    at
        (m,) times asked for.
    time, event
        (n,) follow-up, and whether it ended with the event. At equal times events come before censorings.
    """
    if len(time) == 0:
        return np.ones(len(at))
    order = np.sort(time)
    times, censored = np.unique(time[~event], return_counts=True)
    events_then = np.searchsorted(np.sort(time[event]), times, side="right") - np.searchsorted(
        np.sort(time[event]), times, side="left"
    )
    at_risk = len(time) - np.searchsorted(order, times, side="left") - events_then
    survival = np.concatenate([[1.0], np.cumprod(1.0 - censored / at_risk)])
    return np.asarray(survival[np.searchsorted(times, at, side="left")])


def from_flags(favourable: Floats) -> Response:
    """Return the response of a binary outcome; `favourable` (n,) is 1, 0 or NaN."""
    return Response(y=favourable)


def from_change(baseline: Floats, follow_up: Floats, outcome: Change) -> Response:
    """Return who changed by at least the stated amount, in its direction; NaN where either measurement (n,) is."""
    change = follow_up - baseline
    if outcome.relative_change is not None:
        limit, noise = outcome.relative_change, np.full(len(change), _NOISE)
        change = np.divide(change, baseline, out=np.full(len(change), np.nan), where=baseline > 0)
    else:
        limit, noise = outcome.absolute_change or 0.0, _NOISE * np.abs(baseline)
    reached = change <= limit + noise if limit < 0 else change >= limit - noise
    return Response(y=np.where(np.isnan(change), np.nan, reached.astype(np.float64)))


def from_times(time: Floats, event: Floats, horizon: float) -> Response:
    """Return who was free of the event at the horizon; a NaN `time` (n,), in days, or `event` (n,) is not known."""
    unfavourable = (event == 1) & (time <= horizon)
    favourable = ~np.isnan(event) & ~unfavourable & (time >= horizon)
    y = np.where(unfavourable, 0.0, np.where(favourable, 1.0, np.nan))
    # without a word on the event the time tells nothing
    return Response(y=y, time=np.where(np.isnan(event), np.nan, time), event=event == 1, horizon=horizon)
