"""The cache holds what the registry's digest says, and nothing else is served from it."""

from __future__ import annotations

import shutil

from registered_bundles import artifacts, damage, refusal
from tiny_model import TINY_ENDPOINT

from serving.models.store import Store
from training.registry.promote import promote

ENDPOINT = TINY_ENDPOINT.id


def test_a_whole_bundle_in_the_wrong_place_is_not_the_champion(champion, register, esr_home):
    """Both bundles are intact; only the registry knows which was registered under the number."""
    second = register(shift=1.0)
    first_folder, second_folder = artifacts(esr_home)
    shutil.rmtree(second_folder)
    shutil.copytree(first_folder, second_folder)
    promote(ENDPOINT, second)
    assert refusal(Store()).code == "bundle_integrity"


def test_a_damaged_cache_is_replaced_by_a_download(champion, esr_home):
    folder = Store().champion(ENDPOINT).bundle.folder
    damage(folder)
    assert Store().champion(ENDPOINT).source == "registry"
    assert Store().champion(ENDPOINT).bundle.folder == folder


def test_another_registrys_champion_is_not_served_from_the_cache(champion, tmp_path):
    Store().champion(ENDPOINT)
    elsewhere = Store(f"sqlite:///{tmp_path}/nowhere.db")
    elsewhere.refresh()
    assert refusal(elsewhere).code == "model_unavailable"
