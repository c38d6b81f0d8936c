"""A promotion is compared, read back and noted; two at once cannot both win unseen."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tiny_model import TINY_ENDPOINT

from data_schemas.errors import ModelError
from data_schemas.model.project import tracking_uri
from training.registry.lock import registry_lock
from training.registry.promote import promote
from training.registry.tracking import open_tracking

ENDPOINT = TINY_ENDPOINT.id

PROMOTE_IF_NONE = """
import sys
from data_schemas.errors import ModelError
from training.registry.promote import promote
print("ready", flush=True)
sys.stdin.readline()
try:
    promote("tiny-ldl", int(sys.argv[1]), expected=0)
except ModelError as error:
    print(error.code)
else:
    print("won")
"""


def champion() -> int | None:
    with open_tracking(tracking_uri()) as tracking:
        return tracking.alias(f"esr-{ENDPOINT}", "champion")


def test_the_first_champion_and_the_next_are_noted(register, esr_home):
    register()
    register(shift=1.0)
    assert promote(ENDPOINT, 1) is None
    assert promote(ENDPOINT, 2, expected=1, reason="better calibrated") == 1
    assert champion() == 2
    notes = [json.loads(line) for line in (esr_home / "promotions.jsonl").read_text().splitlines()]
    assert [(note["endpoint"], note["from"], note["to"], note["reason"]) for note in notes] == [
        (ENDPOINT, None, 1, ""),
        (ENDPOINT, 1, 2, "better calibrated"),
    ]
    assert all(note["time"].endswith("+00:00") for note in notes)
    assert (esr_home / "promotions.jsonl").stat().st_mode & 0o077 == 0


def test_an_unknown_version_names_the_known_ones(register):
    register()
    with pytest.raises(ModelError, match="there are: 1") as caught:
        promote(ENDPOINT, 7)
    assert caught.value.code == "unknown_version"
    assert champion() is None


@pytest.mark.parametrize("expected", [0, 2])
def test_a_champion_that_changed_meanwhile_is_not_overwritten(expected, register, esr_home):
    register()
    register(shift=1.0)
    promote(ENDPOINT, 1)
    with pytest.raises(ModelError) as caught:
        promote(ENDPOINT, 2, expected=expected)
    assert caught.value.code == "alias_changed"
    assert champion() == 1
    assert len((esr_home / "promotions.jsonl").read_text().splitlines()) == 1


def test_nothing_registered_and_no_registry_at_all(esr_home, monkeypatch, tmp_path):
    with pytest.raises(ModelError, match="esr train") as caught:
        promote(ENDPOINT, 1)
    assert caught.value.code == "model_unavailable"
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="esr train"):
        promote(ENDPOINT, 1)
    assert not (tmp_path / "nowhere").exists()


def test_of_two_promotions_at_once_one_wins(register, esr_home):
    register()
    register(shift=1.0)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", PROMOTE_IF_NONE, str(version)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for version in (1, 2)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    outcomes = []
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        outcomes.append(racer.communicate()[0].strip())
    assert sorted(outcomes) == ["alias_changed", "won"]
    assert champion() == 1 + outcomes.index("won")
    assert len((esr_home / "promotions.jsonl").read_text().splitlines()) == 1


def test_a_held_lock_is_reported_and_a_killed_holder_leaves_none(esr_home):
    code = "import sys; from pathlib import Path; from training.registry.lock import registry_lock\n"
    code += "with registry_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(esr_home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ModelError) as caught, registry_lock(esr_home, wait=0.2):
            pass
        assert caught.value.code == "busy"
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    with registry_lock(esr_home, wait=0):
        pass


LATER = TINY_ENDPOINT.model_copy(update={"time_at_risk_days": 730.0})


def test_a_version_of_another_definition_needs_a_word(register):
    register()
    register(LATER)
    register(TINY_ENDPOINT.model_copy(update={"title": "Other words", "effect_models": {"rs2234693": "dominant"}}))
    promote(ENDPOINT, 1)
    with pytest.raises(ModelError, match="--new-definition") as caught:
        promote(ENDPOINT, 2, expected=1)
    assert caught.value.code == "other_definition"
    assert champion() == 1
    assert promote(ENDPOINT, 3) == 1
    assert promote(ENDPOINT, 2, new_definition=True) == 3
