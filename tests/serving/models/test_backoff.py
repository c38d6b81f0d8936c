"""A refused champion is tried again later and later; one that was mended, or another, need not wait."""

from __future__ import annotations

from registered_bundles import artifacts, damage
from tiny_model import TINY_ENDPOINT

from serving.models import backoff
from serving.models.store import Store
from training.registry.promote import promote

ENDPOINT = TINY_ENDPOINT.id


def test_a_refused_champion_is_tried_again_later_and_later(register, esr_home, monkeypatch):
    """Between two tries nothing is downloaded: a version that was mended meanwhile is not noticed before its time."""
    now = 0.0
    monkeypatch.setattr(backoff.time, "monotonic", lambda: now)
    promote(ENDPOINT, register())
    (folder,) = artifacts(esr_home)
    whole = (folder / "scorecard.json").read_bytes()
    damage(folder)
    store = Store()
    tries = []
    for now in range(0, 1200, 5):
        before = store.states.get(ENDPOINT)
        store.refresh()
        state = store.states[ENDPOINT]
        assert (state.model, state.error.code) == (None, "bundle_integrity")
        if before is None or state.error is not before.error:
            tries.append(now)
    assert tries == [0, 10, 30, 70, 150, 310, 630]
    (folder / "scorecard.json").write_bytes(whole)
    store.refresh()
    assert store.states[ENDPOINT].model is None
    now = 1230
    store.refresh()
    assert (store.champion(ENDPOINT).version, store.states[ENDPOINT].error) == (1, None)


def test_a_mended_version_is_back_at_once_after_another_was_champion(register, esr_home):
    promote(ENDPOINT, register())
    (folder,) = artifacts(esr_home)
    whole = (folder / "scorecard.json").read_bytes()
    damage(folder)
    store = Store()
    store.refresh()
    assert store.states[ENDPOINT].model is None
    promote(ENDPOINT, register(shift=1.0))
    store.refresh()
    (folder / "scorecard.json").write_bytes(whole)
    promote(ENDPOINT, 1)
    store.refresh()
    assert (store.champion(ENDPOINT).version, store.states[ENDPOINT].error) == (1, None)


def test_another_champion_need_not_wait_for_a_refused_one(champion, register, esr_home):
    damage(artifacts(esr_home)[0])
    store = Store()
    store.refresh()
    promote(ENDPOINT, register(shift=1.0))
    store.refresh()
    assert store.champion(ENDPOINT).version == 2
